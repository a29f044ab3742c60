/** A network's document while it is edited: JSON text, of which a form shows and changes the most used parts. */
export type NetworkDocument = Readonly<Record<string, unknown>>;

/** @throws Error that says what is wrong with the text. */
export function documentOf(text: string): NetworkDocument {
  const read: unknown = parsed(text);
  if (!isRecord(read)) throw new Error('The document must be one JSON object');
  return read;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Members that the API adds to a document. */
const beside: ReadonlySet<string> = new Set(['built_in', 'open', 'created_at', 'updated_at']);

/** The document in an answer of the API. */
export function documentIn(network: object): NetworkDocument {
  return Object.fromEntries(Object.entries(network).filter(([name]) => !beside.has(name)));
}

/** The value at a path; `undefined` when there is none. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), document);
}

/** The document with the value at a path. `undefined` removes what is there, and objects that become empty. */
export function withValue(document: NetworkDocument, path: readonly string[], value: unknown): NetworkDocument {
  const [name, ...rest] = path;
  if (name === undefined) return document;
  const inside = document[name];
  const changed = rest.length === 0 ? value : withValue(isRecord(inside) ? inside : {}, rest, value);
  const kept = Object.fromEntries(Object.entries(document).filter(([other]) => other !== name));
  const isEmpty = changed === undefined || (rest.length > 0 && isRecord(changed) && Object.keys(changed).length === 0);
  if (isEmpty) return kept;
  // An existing member keeps its place, so that the JSON text does not jump while one reads it.
  return name in document
    ? Object.fromEntries(Object.entries(document).map(([other, was]) => [other, other === name ? changed : was]))
    : { ...document, [name]: changed };
}

function isRecord(value: unknown): value is NetworkDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
