import { gunzipSync, gzipSync } from 'node:zlib';

/** Encodings from which a reader can recover a text; each can be applied to the result of another. */
export const encodings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  percent: (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'some of it percent-encoded': (text) => text.replace(/[\w-]/, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  'escaped as in JSON': (text) => [...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'a JSON text': (text) => JSON.stringify({ text }),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64, wrapped': (text) => Buffer.from(text).toString('base64').replace(/.{16}/g, '$&\r\n'),
  'base64 after other letters': (text) => `to:ken_x${Buffer.from(text).toString('base64')}`,
  'base64 of more': (text) => Buffer.from(`user:${text}, and more`).toString('base64'),
  'gzip in base64': (text) => gzipSync(text).toString('base64'),
  'gzip in base64url': (text) => gzipSync(`packed ${text}`).toString('base64url'),
};

/** Each of the encodings, and each combination of two of them. */
export const writings = Object.entries(encodings).flatMap(([first, inner]) =>
  Object.entries(encodings).map(([second, outer]) => [`${first}, then ${second}`, (text: string) => outer(inner(text))] as const),
);

/**
 * The secrets that somebody can read in a text by undoing any of the encodings, as often as needed. This code is independent of how the
 * system finds and hides them.
 */
export function secretsIn(text: string, secrets: readonly string[], depth = 5): string[] {
  if (secrets.length === 0) return [];
  // Different ways lead to the same reading, which is searched and decoded only once.
  const readings = new Set([text]);
  // Text that was decoded to noise is searched but not decoded again.
  const noise = new Set<string>();
  let unread: readonly string[] = [text];
  for (let undone = 0; undone < depth; undone += 1) {
    const found = new Set(unread.flatMap((one) => [...unescaped(one), ...decoded(one, noise)]));
    unread = [...found].filter((reading) => !readings.has(reading));
    for (const reading of unread) readings.add(reading);
  }
  const everything = [...readings, ...noise].join('\n');
  return secrets.filter((secret) => everything.includes(secret));
}

function unescaped(text: string): readonly string[] {
  return [
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    text.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, hex?: string, itself?: string) =>
      hex === undefined ? (itself === 'r' || itself === 'n' ? '' : String(itself)) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  ];
}

/** @param noise gets what is not text. */
function decoded(text: string, noise: Set<string>): readonly string[] {
  // The same run of letters is often repeated, as an id is in many rows.
  const runs = new Set(text.replace(/\r\n/g, '').match(/(?<![\w+/-])[\w+/-]{40,}/g));
  const readings = [...runs].flatMap((run) => [0, 1, 2, 3].map((from) => unpacked(Buffer.from(run.slice(from), 'base64'))));
  return readings.filter((reading) => {
    const isNoise = /^[^\x20-\x7e]|[^\t\r\n\x20-\x7e]{4}/.test(reading);
    if (isNoise) noise.add(reading);
    return !isNoise;
  });
}

function unpacked(bytes: Buffer): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('latin1');
  try {
    return gunzipSync(bytes).toString('latin1');
  } catch {
    return bytes.toString('latin1');
  }
}
