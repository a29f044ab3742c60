/**
 * How many bytes what was sent may take in what we keep (contract 1.7). Limits on characters are no limits on rows: one letter is up
 * to four bytes of UTF-8, and the store counts bytes.
 */
export const budgets = {
  /** The store takes no larger row (DynamoDB: 400 KB, names included). */
  largestRow: 400 * 1_024,
  /** A row that would grow beyond this takes nothing more that was sent, so that a decision and a settlement always fit beside it. */
  fullRow: 300 * 1_024,
  /** A setting: the audit keeps it as it was and as it is in one row. */
  setting: 150 * 1_024,
  /** What the log keeps of parameters beside the request itself. */
  customData: 150 * 1_024,
  /** Query, path and headers of a request. */
  requestHead: 32 * 1_024,
  /** Free text that a conversion or a delivery keeps; the log has the whole. */
  freeText: 256,
  /** An id from outside that stands in a key as it is; what is longer stands there as a digest. */
  id: 128,
  /** The store takes no longer key (DynamoDB). */
  partitionKey: 2_048,
  sortKey: 1_024,
} as const;

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8; half of a surrogate pair counts as the replacement character that is stored in its place. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Whether the text takes at most so many bytes, without counting where its length already tells. */
export function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || (text.length <= bytes && byteLength(text) <= bytes);
}

/** The beginning of the text that fits, well-formed and never ending within a character. @param bytes as many as it may take. */
export function cutToBytes(text: string, bytes: number = budgets.freeText): string {
  const wellFormed = text.toWellFormed();
  if (fits(wellFormed, bytes)) return wellFormed;
  // It writes whole characters only, and says how much of the text it took.
  return wellFormed.slice(0, encoder.encodeInto(wellFormed, new Uint8Array(bytes)).read);
}

/** Begins every id that stands for a longer one. */
const digestMark = 'hash~';

/**
 * An id from outside, bounded: as it is where it is short and well-formed, else a digest of it. Two ids that differ stay two, since
 * an id that looks like such a digest is digested as well.
 *
 * @param digest of a text: URL-safe, at most 64 characters, such as base64url of a SHA-256.
 */
export function boundedId(id: string, digest: (text: string) => string): string {
  const asItIs = fits(id, budgets.id) && id.isWellFormed() && !id.startsWith(digestMark);
  // JSON writes half of a surrogate pair as an escape, so ids that differ only in one have different digests.
  return asItIs ? id : `${digestMark}${digest(JSON.stringify(id))}`;
}

/**
 * Bytes that a value takes in a row, by the rules of the store: text in UTF-8, 21 at most for a number, one for a boolean or null,
 * three for a list or map and one more for each of its members, names included.
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
