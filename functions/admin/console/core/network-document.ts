/** A network's document as it is edited: JSON text, of which a form shows and changes the parts that people change. */
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

/** What the API says beside a document. */
const beside: ReadonlySet<string> = new Set(['built_in', 'open', 'created_at', 'updated_at']);

/** The document of a network as the API answers it. */
export function documentIn(network: object): NetworkDocument {
  return Object.fromEntries(Object.entries(network).filter(([name]) => !beside.has(name)));
}

/** What stands at a path; `undefined`: nothing does. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), document);
}

/** The document with a value at a path; `undefined` takes it away, and what it leaves empty. */
export function withValue(document: NetworkDocument, path: readonly string[], value: unknown): NetworkDocument {
  const [name, ...rest] = path;
  if (name === undefined) return document;
  const inside = document[name];
  const changed = rest.length === 0 ? value : withValue(isRecord(inside) ? inside : {}, rest, value);
  const kept = Object.fromEntries(Object.entries(document).filter(([other]) => other !== name));
  const isEmpty = changed === undefined || (rest.length > 0 && isRecord(changed) && Object.keys(changed).length === 0);
  if (isEmpty) return kept;
  // What was there keeps its place, so that the text one reads does not jump.
  return name in document
    ? Object.fromEntries(Object.entries(document).map(([other, was]) => [other, other === name ? changed : was]))
    : { ...document, [name]: changed };
}

function isRecord(value: unknown): value is NetworkDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
