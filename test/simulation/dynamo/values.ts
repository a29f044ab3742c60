import { NumberValue } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';

/** A value of a row, in the form in which the document client returns it (`wrapNumbers`). It is never changed once it is stored. */
export type Value = string | boolean | null | NumberValue | Uint8Array | ReadonlySet<string> | readonly Value[] | Item;
export interface Item {
  readonly [name: string]: Value;
}

/**
 * A copy in the stored form: numbers are exact and in their shortest form, and undefined values are left out, as the document client
 * marshals them.
 */
export function stored(value: unknown): Value | undefined {
  if (value === undefined) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return NumberValue.from(plainNumber(String(value)));
  if (value instanceof NumberValue) {
    const text = value.toString();
    const plain = plainNumber(text);
    return plain === text ? value : NumberValue.from(plain);
  }
  if (value instanceof Uint8Array) return value;
  if (value instanceof Set) return new Set([...value].map(String));
  if (Array.isArray(value)) return value.map(stored).filter((member) => member !== undefined);
  if (typeof value === 'object') return storedItem(value);
  throw new TypeError(`no row holds a ${typeof value}`);
}

export function storedItem(value: object): Item {
  const item: Record<string, Value> = {};
  for (const name in value) {
    const kept = stored((value as Readonly<Record<string, unknown>>)[name]);
    if (kept !== undefined) item[name] = kept;
  }
  return item;
}

function plainNumber(text: string): string {
  if (/^(?:0|-?[1-9]\d{0,30})$/.test(text)) return text;
  return new Big(text).toFixed();
}

export function isItem(value: Value | undefined): value is Item {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberValue) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Set)
  );
}

/**
 * Compares by type and value; returns `undefined` for values of different types, for which no comparison holds. Text is compared by its
 * UTF-8 bytes.
 */
export function compare(a: Value, b: Value): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : undefined;
  if (a instanceof NumberValue) return b instanceof NumberValue ? compareNumbers(a, b) : undefined;
  return undefined;
}

function compareNumbers(a: NumberValue, b: NumberValue): number {
  const [x, y] = [a.toString(), b.toString()];
  return x.length < 16 && y.length < 16 && !x.includes('.') && !y.includes('.') ? Number(x) - Number(y) : new Big(x).cmp(y);
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return place(x) - place(y);
  }
  return a.length - b.length;
}

/** Surrogate pairs encode code points beyond all others. */
function place(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof NumberValue) return b instanceof NumberValue && compareNumbers(a, b) === 0;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((member, index) => isEqual(member, (b as readonly Value[])[index] ?? null));
  if (isItem(a) && isItem(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && isEqual(a[name] ?? null, b[name] ?? null));
  }
  return false;
}

/**
 * The size of an item in bytes, by the store's own rules: names and text in UTF-8; a byte for two digits of a number, and one more; one for
 * a boolean or null; three for a list or map, and one more for each member.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function sizeOf(item: Item): number {
  let size = 0;
  for (const name in item) size += textBytes(name) + valueBytes(item[name] ?? null);
  return size;
}

function valueBytes(value: Value): number {
  if (typeof value === 'string') return textBytes(value);
  if (value === null || typeof value === 'boolean') return 1;
  if (value instanceof NumberValue) return numberBytes(value.toString());
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return [...value].reduce((sum, member) => sum + textBytes(member), 0);
  if (Array.isArray(value)) return value.reduce<number>((sum, member) => sum + 1 + valueBytes(member), 3);
  let size = 3;
  for (const name in value) size += 1 + textBytes(name) + valueBytes((value as Item)[name] ?? null);
  return size;
}

/**
 * One byte for each pair of digits, counted from the decimal point, one more, and another one for a minus sign. Pairs of zeros at either
 * end do not count.
 */
function numberBytes(text: string): number {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = (isNegative ? text.slice(1) : text).split('.');
  const digits = `${whole.length % 2 === 0 ? '' : '0'}${whole}${fraction}${fraction.length % 2 === 0 ? '' : '0'}`;
  let [first, last] = [0, digits.length];
  while (first < last && digits[first] === '0' && digits[first + 1] === '0') first += 2;
  while (last > first && digits[last - 1] === '0' && digits[last - 2] === '0') last -= 2;
  return (last - first) / 2 + 1 + (isNegative ? 1 : 0);
}

export function textBytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // Each half of a surrogate pair counts as two bytes, so a pair counts as four.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
