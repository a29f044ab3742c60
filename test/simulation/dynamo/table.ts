import type { LocalTable } from '../../../lib/local/deployment.ts';
import { ValidationError } from './expressions.ts';
import { compare, compareText, type Item, isEqual, isItem, sizeOf, textBytes, type Value } from './values.ts';

const largestItem = 400 * 1_024;
const longestPartition = 2_048;
const longestSort = 1_024;
export const kilobyte = 1_024;

interface KeyNames {
  readonly partition: string;
  readonly sort: string | undefined;
}

/** What names one row of a table. */
export interface Key {
  readonly partition: string;
  /** Empty in a table without sort keys. */
  readonly sort: Value;
}

/** One state of a row; without an item, the row has been deleted. */
interface Version {
  readonly at: number;
  readonly item: Item | undefined;
  readonly size: number;
  /** The entry of each index, in the order of the indexes. */
  readonly entries: readonly (Entry | undefined)[];
}

interface Row {
  readonly partition: string;
  readonly sort: Value;
  /** Oldest first; consistent reads see only the last one. */
  versions: readonly Version[];
}

interface Partition {
  /** In the order of their sort keys. */
  readonly rows: Row[];
  readonly bySort: Map<string, Row>;
}

/** Something that a query passes: a row, or its entry in an index. */
export interface Found {
  readonly item: Item;
  readonly size: number;
}

/** How much later than written things are seen. Each call draws a new value, in milliseconds of the store's clock. */
export interface Lags {
  /** The age of the state that an eventually consistent read sees. */
  readonly read: () => number;
  /** How long a change takes to reach an index. */
  readonly index: () => number;
  /** The oldest state that a read can see. */
  readonly longestRead: number;
}

export const noLags: Lags = { read: () => 0, index: () => 0, longestRead: 0 };

function find<T>(rows: readonly T[], isBefore: (row: T) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && isBefore(row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const none: Value = '';

/** One table: rows by partition, in the order of their sort keys, and the indexes that follow them. */
export class Table {
  readonly name: string;
  readonly keys: KeyNames;
  readonly indexes: ReadonlyMap<string, Index>;
  private readonly expiry: string | undefined;
  private readonly partitions = new Map<string, Partition>();
  private readonly lags: Lags;
  private readonly now: () => number;

  constructor({ name, properties }: LocalTable, lags: Lags, now: () => number) {
    this.name = name;
    this.keys = keysOf(properties.KeySchema);
    this.lags = lags;
    this.now = now;
    this.expiry = properties.TimeToLiveSpecification?.AttributeName;
    this.indexes = new Map(
      (properties.GlobalSecondaryIndexes ?? []).map((index) => [
        index.IndexName,
        new Index(keysOf(index.KeySchema), this.keys, index.Projection, lags, now),
      ]),
    );
  }

  /** The key of an item, or a key that was sent. @throws ValidationError when the store would not accept it. */
  keyOf(item: Item): Key {
    const partition = item[this.keys.partition];
    const sort = this.keys.sort === undefined ? none : item[this.keys.sort];
    if (typeof partition !== 'string' || sort === undefined)
      throw new ValidationError('One or more parameter values were invalid: Missing the key in the item');
    refuseKey(partition, longestPartition, this.keys.partition);
    if (this.keys.sort !== undefined) refuseKey(sort, longestSort, this.keys.sort);
    return { partition, sort };
  }

  /** @param consistent whether to read the current state; otherwise the row is read as it was a while ago. */
  read({ partition, sort }: Key, consistent: boolean): Found | undefined {
    const row = this.row(partition, sort);
    return row && versionAt(row, consistent ? Number.POSITIVE_INFINITY : this.now() - this.lags.read());
  }

  /** The rows of a partition in the order of their sort keys, in their current state or as they were a while ago. */
  *walk(partition: string, forward: boolean, { after, from }: Begin<{ readonly sort: Value }>, consistent: boolean): Generator<Found> {
    const { rows } = this.partitions.get(partition) ?? { rows: [] };
    const at = consistent ? Number.POSITIVE_INFINITY : this.now() - this.lags.read();
    const step = forward ? 1 : -1;
    const last = after && ((row: Row) => compare(row.sort, after.sort) ?? 0);
    for (let index = startOf(rows, forward, last, from); ; index += step) {
      const row = rows[index];
      if (row === undefined) return;
      const found = versionAt(row, at);
      if (found !== undefined) yield found;
    }
  }

  *all(): Generator<Found> {
    for (const { rows } of this.partitions.values()) {
      for (const row of rows) {
        const found = versionAt(row, Number.POSITIVE_INFINITY);
        if (found !== undefined) yield found;
      }
    }
  }

  /** Checks what the store checks of an item beside its key. @throws ValidationError when the store would refuse it. */
  check(item: Item): number {
    const size = sizeOf(item);
    if (size > largestItem) throw new ValidationError('Item size has exceeded the maximum allowed size');
    for (const { keys } of this.indexes.values()) {
      for (const [name, longest] of [
        [keys.partition, longestPartition],
        [keys.sort, longestSort],
      ] as const) {
        const value = name === undefined ? undefined : item[name];
        if (name !== undefined && value !== undefined) refuseKey(value, longest, name);
      }
    }
    return size;
  }

  /** Replaces the row with a key. @returns the units that its indexes cost. */
  write(key: Key, item: Item | undefined, size: number): number {
    const now = this.now();
    const { rows, bySort } = this.partitions.get(key.partition) ?? { rows: [], bySort: new Map<string, Row>() };
    if (rows.length === 0) this.partitions.set(key.partition, { rows, bySort });
    const { sort } = key;
    let row = bySort.get(String(sort));
    if (row === undefined) {
      row = { partition: key.partition, sort, versions: [] };
      bySort.set(String(sort), row);
      rows.splice(
        find(rows, (other) => (compare(other.sort, sort) ?? 0) < 0),
        0,
        row,
      );
    }
    const { versions } = row;
    const before = versions.at(-1);
    // An older state is kept as long as a read may still see it.
    const oldest = now - this.lags.longestRead;
    const seen = versions.filter((_, index) => (versions[index + 1]?.at ?? now) > oldest);
    const indexes = [...this.indexes.values()];
    const entries = indexes.map((index) => item && index.entryOf(item, size));
    row.versions = [...seen, { at: now, item, size, entries }];
    const units = indexes.reduce((sum, index, place) => sum + index.follow(before?.entries[place], entries[place]), 0);
    if (item === undefined && this.lags.longestRead === 0) {
      rows.splice(rows.indexOf(row), 1);
      bySort.delete(String(sort));
    }
    return units;
  }

  /**
   * Deletes rows that have expired, as the store does some time later.
   *
   * @param seconds the store's clock.
   * @param isReached whether the store has come to this row.
   */
  expire(seconds: number, isReached: () => boolean): number {
    if (this.expiry === undefined) return 0;
    let deleted = 0;
    for (const { item } of [...this.all()]) {
      const at = item[this.expiry];
      if (at === undefined || Number(String(at)) > seconds || !isReached()) continue;
      this.write(this.keyOf(item), undefined, 0);
      deleted += 1;
    }
    return deleted;
  }

  private row(partition: string, sort: Value): Row | undefined {
    return this.partitions.get(partition)?.bySort.get(String(sort));
  }
}

function versionAt({ versions }: Row, at: number): Found | undefined {
  for (let index = versions.length - 1; index >= 0; index -= 1) {
    const version = versions[index];
    if (version !== undefined && version.at <= at)
      return version.item === undefined ? undefined : { item: version.item, size: version.size };
  }
  return undefined;
}

/** Where a walk begins: after the row that was shown last, and with the first sort key that is wanted. */
interface Begin<Shown> {
  readonly after?: Shown | undefined;
  readonly from?: Value | undefined;
}

/** Where a walk begins: at an end, at the first sort key that is wanted, or after the row that was shown last. */
function startOf<T extends { readonly sort: Value }>(
  rows: readonly T[],
  forward: boolean,
  orderToLast: ((row: T) => number) | undefined,
  from: Value | undefined,
): number {
  const beyond = (row: T): number => (from === undefined ? 0 : (compare(row.sort, from) ?? 0));
  if (forward) {
    const wanted = from === undefined ? 0 : find(rows, (row) => beyond(row) < 0);
    return orderToLast === undefined
      ? wanted
      : Math.max(
          wanted,
          find(rows, (row) => orderToLast(row) <= 0),
        );
  }
  const wanted = (from === undefined ? rows.length : find(rows, (row) => beyond(row) <= 0)) - 1;
  return orderToLast === undefined ? wanted : Math.min(wanted, find(rows, (row) => orderToLast(row) < 0) - 1);
}

function refuseKey(value: Value, longest: number, name: string): void {
  const isText = typeof value === 'string';
  if (!isText && (value === null || typeof value === 'boolean' || isItem(value)))
    throw new ValidationError(`One or more parameter values were invalid: Type mismatch for key ${name}`);
  if (value === '')
    throw new ValidationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  if (isText && value.length * 3 > longest && textBytes(value) > longest)
    throw new ValidationError(
      `One or more parameter values were invalid: Size of key ${name} has exceeded the maximum size limit of ${longest} bytes`,
    );
}

function keysOf(schema: readonly { readonly AttributeName: string; readonly KeyType: string }[]): KeyNames {
  const named = (type: string): string | undefined => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  return { partition: named('HASH') ?? '', sort: named('RANGE') };
}

interface Entry extends Found {
  readonly partition: string;
  readonly sort: Value;
  /** The table's own key, which gives rows with the same sort key an order. */
  readonly base: string;
}

/** A global secondary index. It shows the table as it was a while ago, and takes each change in its turn. */
export class Index {
  readonly keys: KeyNames;
  private readonly copies: ReadonlySet<string> | 'all';
  private readonly table: KeyNames;
  private readonly lags: Lags;
  private readonly now: () => number;
  private readonly partitions = new Map<string, Entry[]>();
  private waiting: { readonly at: number; readonly before: Entry | undefined; readonly after: Entry | undefined }[] = [];
  private latest = 0;

  constructor(
    keys: KeyNames,
    table: KeyNames,
    projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] | undefined },
    lags: Lags,
    now: () => number,
  ) {
    this.keys = keys;
    this.table = table;
    this.lags = lags;
    this.now = now;
    const named = [keys.partition, keys.sort, table.partition, table.sort].filter((name) => name !== undefined);
    this.copies = projection.ProjectionType === 'ALL' ? 'all' : new Set([...named, ...(projection.NonKeyAttributes ?? [])]);
  }

  /** Takes in a change of the table. @returns the units that this costs. */
  follow(before: Entry | undefined, after: Entry | undefined): number {
    if (before === undefined && after === undefined) return 0;
    if (before !== undefined && after !== undefined && before.size === after.size && isEqual(before.item, after.item)) return 0;
    const now = this.now();
    this.latest = Math.max(this.latest, now + this.lags.index());
    this.waiting.push({ at: this.latest, before, after });
    const removed = Math.ceil((before?.size ?? 0) / kilobyte);
    const added = Math.ceil((after?.size ?? 0) / kilobyte);
    const isMoved =
      before !== undefined && after !== undefined && !(before.partition === after.partition && isEqual(before.sort, after.sort));
    return isMoved ? removed + added : Math.max(removed, added);
  }

  *walk(partition: string, forward: boolean, { after, from }: Begin<Item>): Generator<Found> {
    this.catchUp();
    const entries = this.partitions.get(partition) ?? [];
    const last = after && { sort: after[this.keys.sort ?? ''] ?? none, base: this.baseOf(after) };
    const step = forward ? 1 : -1;
    for (let index = startOf(entries, forward, last && ((entry: Entry) => order(entry, last)), from); ; index += step) {
      const entry = entries[index];
      if (entry === undefined) return;
      yield entry;
    }
  }

  private catchUp(): void {
    const now = this.now();
    let done = 0;
    for (const { at, before, after } of this.waiting) {
      if (at > now) break;
      if (before !== undefined) this.remove(before);
      if (after !== undefined) this.add(after);
      done += 1;
    }
    if (done > 0) this.waiting = this.waiting.slice(done);
  }

  private add(entry: Entry): void {
    const entries = this.partitions.get(entry.partition) ?? [];
    if (entries.length === 0) this.partitions.set(entry.partition, entries);
    entries.splice(
      find(entries, (other) => order(other, entry) < 0),
      0,
      entry,
    );
  }

  private remove(wanted: Entry): void {
    const entries = this.partitions.get(wanted.partition) ?? [];
    const at = find(entries, (other) => order(other, wanted) < 0);
    const found = entries[at];
    if (found === undefined || order(found, wanted) !== 0) throw new Error('an index has lost an entry');
    entries.splice(at, 1);
  }

  /** What the index contains of an item; `undefined` when the item lacks a key of the index. */
  entryOf(item: Item, size: number): Entry | undefined {
    const partition = item[this.keys.partition];
    const sort = this.keys.sort === undefined ? none : item[this.keys.sort];
    if (partition === undefined || sort === undefined) return undefined;
    const place = { partition: String(partition), sort, base: this.baseOf(item) };
    if (this.copies === 'all') return { ...place, item, size };
    const copy: Record<string, Value> = {};
    for (const name of this.copies) {
      const value = item[name];
      if (value !== undefined) copy[name] = value;
    }
    return { ...place, item: copy, size: sizeOf(copy) };
  }

  private baseOf(item: Item): string {
    return `${String(item[this.table.partition])}\n${this.table.sort === undefined ? '' : String(item[this.table.sort])}`;
  }
}

function order(one: Pick<Entry, 'sort' | 'base'>, other: Pick<Entry, 'sort' | 'base'>): number {
  return compare(one.sort, other.sort) || compareText(one.base, other.base);
}
