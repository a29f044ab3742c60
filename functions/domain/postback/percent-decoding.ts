/** A component of a query or form, decoded. */
interface Decoded {
  /** As received when `broken`, since a value that cannot be decoded is still what the partner sent. */
  readonly text: string;
  /** Its percent-encoding or its UTF-8 is invalid. */
  readonly broken: boolean;
}

/** Decodes a form component: `+` is a space (contract 1.1). Never throws. */
export function decodeFormComponent(raw: string): Decoded {
  return decode(raw, raw.replaceAll('+', ' '));
}

/** Decodes a path segment, where `+` is a plus. Never throws. */
export function decodePathSegment(raw: string): Decoded {
  return decode(raw, raw);
}

function decode(raw: string, encoded: string): Decoded {
  const text = decoded(encoded);
  return text?.isWellFormed() ? { text, broken: false } : { text: raw.toWellFormed(), broken: true };
}

/** Decodes what can be decoded and leaves the rest unchanged, as a person would read a broken value. */
export function decodeLeniently(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => decoded(encoded) ?? encoded);
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
