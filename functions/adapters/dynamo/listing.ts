import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';

/** A row as the table returns it; read it with its row schema. */
export type Row = Readonly<Record<string, unknown>>;

/** A condition on attributes that are not keys; names are placeholders such as `#name`, values such as `:name`. */
export interface RowFilter {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A filter for rows whose attributes have these values, or one of them where several are given. An undefined value admits every row. */
export function having(wanted: Readonly<Record<string, string | readonly string[] | undefined>>): RowFilter | undefined {
  const asked = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [{ name, values: [value].flat() }]));
  if (asked.length === 0) return undefined;
  const placeOf = (index: number, which: number): string => `:f${index}_${which}`;
  return {
    expression: asked
      .map(({ values }, index) => `#f${index} IN (${values.map((_, which) => placeOf(index, which)).join(', ')})`)
      .join(' AND '),
    names: Object.fromEntries(asked.map(({ name }, index) => [`#f${index}`, name])),
    values: Object.fromEntries(asked.flatMap(({ values }, index) => values.map((value, which) => [placeOf(index, which), value]))),
  };
}

/** Where a list continues: at the rows with this sort key, of which `seen` have been shown already. */
export interface Position {
  readonly key: string;
  readonly seen: number;
}

export interface Listing {
  readonly table: string;
  readonly index?: string | undefined;
  /** Attribute of the partition key. Its values are those of `shards`. */
  readonly partition: string;
  readonly shards: readonly string[];
  /** Attribute of the sort key, which is text that grows with time. */
  readonly sort: string;
  /** Bounds of the sort key, both inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly filter?: RowFilter | undefined;
  /** The attributes to read beside the sort key, when the row itself is read by its key afterwards. @default - all */
  readonly only?: string | readonly string[] | undefined;
  /**
   * Whether few rows may pass the filter: then shards are read in pieces that soon are as large as the store allows, and further.
   *
   * @default false
   */
  readonly rare?: boolean | undefined;
  /** How many rows are read of each shard at first. @default - somewhat more than its share of the page */
  readonly firstRead?: number | undefined;
  readonly limit: number;
  readonly after?: Position | undefined;
}

export interface Page {
  /** Newest first; fewer than `limit` at the end of the list, or when few rows pass the filter. */
  readonly rows: readonly Row[];
  /** `undefined`: there is nothing more. */
  readonly next: Position | undefined;
}

/**
 * The most rows that are read for one page, shown or not: when hardly any row passes the filter, the answer is a short page and a cursor.
 */
const mostRowsRead = 12_000;
const largestRead = 500;
const growth = 2;
/** The same for `rare` filters: the store returns only the rows that pass, and ends a piece at 1 MB. */
const mostRowsSearched = 200_000;
const largestSearch = 10_000;
const searchGrowth = 16;
/** Text that sorts after every ULID and every time. */
const beyondAllKeys = '\u{10ffff}';

/** A shard, which is read from its newest row on and only as far as needed. */
interface Shard {
  readonly value: string;
  /** Rows that are read but not shown yet, newest first. */
  buffer: Row[];
  /** Where its next read begins; `undefined` when there is nothing more. */
  start: Record<string, unknown> | 'newest' | undefined;
  readSize: number;
}

/**
 * Lists rows that are spread over shards, newest first. It merges the shards by sort key, and reads from each shard only as much as the
 * page needs.
 */
export async function listShards(client: DynamoDBDocumentClient, listing: Listing): Promise<Page> {
  const { limit, sort, after, rare = false } = listing;
  const enough = 2 * Math.ceil((limit + 1) / listing.shards.length) + 1;
  // When only some rows pass the filter and rows are small, it is cheaper to read a few more at once than to read every shard again.
  const hasSmallRows = listing.index !== undefined;
  const share = Math.min(listing.filter !== undefined && hasSmallRows ? Math.ceil(1.25 * enough) : enough, limit + 2);
  const readSize = listing.firstRead ?? share;
  const most = rare ? mostRowsSearched : mostRowsRead;
  const shards: Shard[] = listing.shards.map((value) => ({ value, buffer: [], start: 'newest', readSize }));
  const keyOf = (row: Row | undefined): string => String(row?.[sort] ?? '');
  const rows: Row[] = [];
  let read = 0;
  let toSkip = after?.seen ?? 0;

  for (;;) {
    const newest = shards
      .filter(({ buffer }) => buffer.length > 0)
      .reduce<Shard | undefined>(
        (best, shard) => (best === undefined || keyOf(shard.buffer[0]) > keyOf(best.buffer[0]) ? shard : best),
        undefined,
      );
    const row = newest?.buffer[0];
    // A shard that has been read beyond this row cannot contain a newer one, so it need not be read further.
    const hungry = shards.filter(
      (shard) => shard.buffer.length === 0 && shard.start !== undefined && (row === undefined || frontierOf(shard, sort) >= keyOf(row)),
    );
    if (hungry.length > 0) {
      const full = rows.length === limit && listing.filter !== undefined;
      if (full || read >= most)
        return {
          rows,
          next: positionAt(full ? keyOf(rows.at(-1)) : newestOf(hungry.map((shard) => frontierOf(shard, sort))), rows, keyOf, after),
        };
      const counts = await Promise.all(hungry.map((shard) => refill(client, listing, shard)));
      read += counts.reduce((sum, count) => sum + count, 0);
      continue;
    }
    if (newest === undefined || row === undefined) return { rows, next: undefined };
    if (toSkip > 0 && keyOf(row) === after?.key) {
      toSkip -= 1;
      newest.buffer.shift();
      continue;
    }
    if (rows.length === limit) return { rows, next: positionAt(keyOf(rows.at(-1)), rows, keyOf, after) };
    rows.push(row);
    newest.buffer.shift();
  }
}

/** A sort key that no unread row of the shard exceeds. */
function frontierOf({ start }: Shard, sort: string): string {
  return typeof start === 'object' ? String(start[sort] ?? '') : beyondAllKeys;
}

function newestOf(keys: readonly string[]): string {
  return keys.toSorted().at(-1) ?? '';
}

async function refill(client: DynamoDBDocumentClient, listing: Listing, shard: Shard): Promise<number> {
  const { filter, only, sort } = listing;
  const range = rangeOf(listing);
  const brought = [only ?? []].flat().filter((name) => name !== sort);
  const {
    Items = [],
    LastEvaluatedKey,
    ScannedCount = 0,
  } = await client.send(
    new QueryCommand({
      TableName: listing.table,
      IndexName: listing.index,
      KeyConditionExpression: `#partition = :partition${range.condition}`,
      ...(filter === undefined ? {} : { FilterExpression: filter.expression }),
      ...(only === undefined ? {} : { ProjectionExpression: ['#sort', ...brought.map((_, index) => `#only${index}`)].join(', ') }),
      ExpressionAttributeNames: {
        '#partition': listing.partition,
        ...(range.condition === '' && only === undefined ? {} : { '#sort': sort }),
        ...Object.fromEntries(brought.map((name, index) => [`#only${index}`, name])),
        ...filter?.names,
      },
      ExpressionAttributeValues: { ':partition': shard.value, ...range.values, ...filter?.values },
      ScanIndexForward: false,
      Limit: shard.readSize,
      ...(typeof shard.start === 'object' ? { ExclusiveStartKey: shard.start } : {}),
    }),
  );
  shard.buffer = Items;
  shard.start = LastEvaluatedKey;
  const [times, largest] = listing.rare ? [searchGrowth, largestSearch] : [growth, largestRead];
  shard.readSize = Math.max(shard.readSize, Math.min(shard.readSize * times, largest));
  return ScannedCount;
}

function rangeOf({ from, to, after }: Listing): { condition: string; values: Record<string, string> } {
  const upper = after === undefined || (to !== undefined && to < after.key) ? to : after.key;
  if (from !== undefined && upper !== undefined) {
    // A range whose bounds are in the wrong order is an empty list here, but DynamoDB refuses it.
    return from > upper
      ? { condition: ' AND #sort < :lower', values: { ':lower': ' ' } }
      : { condition: ' AND #sort BETWEEN :lower AND :upper', values: { ':lower': from, ':upper': upper } };
  }
  if (from !== undefined) return { condition: ' AND #sort >= :lower', values: { ':lower': from } };
  if (upper !== undefined) return { condition: ' AND #sort <= :upper', values: { ':upper': upper } };
  return { condition: '', values: {} };
}

/** The position after the rows of a key that have been shown. Rows with the same sort key may be on both sides of a page's end. */
function positionAt(key: string, rows: readonly Row[], keyOf: (row: Row) => string, after: Position | undefined): Position {
  const shown = rows.filter((row) => keyOf(row) === key).length;
  return { key, seen: shown + (after?.key === key ? after.seen : 0) };
}
