/**
 * How many bytes of our rows the data that was sent may take (contract 1.7). Limits on characters do not limit rows: one character takes up
 * to four bytes in UTF-8, and the store counts bytes.
 */
export const budgets = {
  /** The largest row that the store accepts (DynamoDB: 400 KB, including names). */
  largestRow: 400 * 1_024,
  /** A row that would grow beyond this accepts no more data from outside, so that a decision and a settlement always fit in it. */
  fullRow: 300 * 1_024,
  /** A setting: one row of the audit log keeps it twice, before and after a change. */
  setting: 150 * 1_024,
  /** The parameters that the log keeps in addition to the request itself. */
  customData: 150 * 1_024,
  /** Query, path and headers of a request. */
  requestHead: 32 * 1_024,
  /** Free text that a conversion or a delivery keeps; the log has all of it. */
  freeText: 256,
  /** An id from outside that becomes part of a key unchanged; a longer one is replaced by a digest. */
  id: 128,
  /** The longest keys that the store accepts (DynamoDB). */
  partitionKey: 2_048,
  sortKey: 1_024,
} as const;

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8. Half of a surrogate pair counts as the replacement character that is stored instead. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Whether the text takes at most so many bytes; it counts them only when the length does not settle it. */
export function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || (text.length <= bytes && byteLength(text) <= bytes);
}

/** The beginning of the text that fits. It is well-formed and never ends within a character. @param bytes the most that it may take. */
export function cutToBytes(text: string, bytes: number = budgets.freeText): string {
  const wellFormed = text.toWellFormed();
  if (fits(wellFormed, bytes)) return wellFormed;
  // `encodeInto` writes only whole characters, and returns how much of the text it has written.
  return wellFormed.slice(0, encoder.encodeInto(wellFormed, new Uint8Array(bytes)).read);
}

/** The beginning of every id that is a digest of a longer one. */
const digestMark = 'hash~';

/**
 * An id from outside with a bounded length: unchanged if it is short and well-formed, otherwise a digest of it. Different ids stay
 * different, because an id that looks like such a digest is digested as well.
 *
 * @param digest returns a digest of a text: URL-safe, at most 64 characters, such as the base64url of a SHA-256.
 */
export function boundedId(id: string, digest: (text: string) => string): string {
  const asItIs = fits(id, budgets.id) && id.isWellFormed() && !id.startsWith(digestMark);
  // JSON writes half of a surrogate pair as an escape, so ids that differ only there have different digests.
  return asItIs ? id : `${digestMark}${digest(JSON.stringify(id))}`;
}

/**
 * Bytes that a value takes in a row, by the rules of the store: text in UTF-8, at most 21 for a number, one for a boolean or null, three
 * for a list or map plus one for each of its members, including names.
 *
 * @param value text, number, boolean, null, list or map; an object of another kind (a decimal) counts as a number.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function rowBytes(value: unknown): number {
  if (typeof value === 'string') return byteLength(value);
  if (typeof value === 'number' || typeof value === 'bigint') return largestNumber;
  if (value === undefined) return 0;
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, member) => sum + 1 + rowBytes(member), 3);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return largestNumber;
  return Object.entries(value).reduce(
    (sum, [name, member]) => (member === undefined ? sum : sum + 1 + byteLength(name) + rowBytes(member)),
    3,
  );
}

const largestNumber = 21;
