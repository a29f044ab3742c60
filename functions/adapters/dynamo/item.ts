import { NumberValue } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import * as z from 'zod/mini';

/** A value that the document client accepts. Amounts are {@link NumberValue}, so that no binary floating point ever touches them. */
type Attribute = string | number | boolean | null | NumberValue | Uint8Array | Set<string> | Attribute[] | { [name: string]: Attribute };

/** Turns a domain value into an item: amounts become exact numbers, and undefined members and empty sets are left out. */
export function toItem(value: object): Record<string, Attribute> {
  const item: Record<string, Attribute> = {};
  for (const [name, member] of Object.entries(value)) {
    const attribute = toAttribute(member);
    if (attribute !== undefined) item[storedName(name)] = attribute;
  }
  return item;
}

/**
 * The name under which a member is stored. Headers and mappings have names from outside. A name that every object has as a member, such as
 * `constructor`, would be mistaken for that member, here and in the store's client. So it is stored under another name, and {@link record}
 * restores its own.
 */
function storedName(name: string): string {
  return name in {} || name.startsWith(mark) ? `${mark}${name}` : name;
}

const mark = '~';

/** An object whose names come from outside, as {@link toItem} stores it. */
export function record<T>(member: z.ZodMiniType<T>) {
  return z.pipe(z.record(z.string(), member), z.transform(withOwnNames));
}

/** `Object.fromEntries` defines own properties, whatever their names are. */
function withOwnNames<T>(stored: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(stored).map(([name, member]) => [name.startsWith(mark) ? name.slice(1) : name, member]));
}

/** @see toItem */
export function toAttribute(value: unknown): Attribute | undefined {
  if (value === undefined) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Big) return NumberValue.from(value.toFixed());
  if (value instanceof NumberValue || value instanceof Uint8Array) return value;
  if (value instanceof Set) return value.size === 0 ? undefined : new Set([...value].map(String));
  if (Array.isArray(value)) return value.map((member) => toAttribute(member) ?? null);
  if (typeof value === 'object') return toItem(value);
  throw new TypeError(`no attribute for a ${typeof value}`);
}

/** An exact number in an item. */
export const decimal = z.pipe(
  z.custom<NumberValue>((value) => value instanceof NumberValue),
  z.transform((value) => new Big(value.toString())),
);

/** A whole number in an item: a count or a version, never an amount. */
export const count = z.pipe(
  decimal,
  z.transform((value) => value.toNumber()),
);

/** Plain JSON that is stored as attributes; numbers come back as JavaScript numbers. Not for amounts. */
export const plain = z.pipe(z.unknown(), z.transform(toPlain));

function toPlain(value: unknown): unknown {
  if (value instanceof NumberValue) return Number(value.toString());
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'object' && value !== null)
    return withOwnNames(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toPlain(member)])));
  return value;
}
