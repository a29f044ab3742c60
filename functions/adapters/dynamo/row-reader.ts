import { type BatchGetCommandInput, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { mostKeys, readBatch } from './batch-get.ts';
import type { Row } from './listing.ts';
import { createTogether } from './together.ts';

type Key = Readonly<Record<string, string>>;

/** Reads the row with a key; without `consistent` it may be a moment old. */
export type ReadRow = (table: string, key: Key, options?: { readonly consistent?: boolean }) => Promise<Row | undefined>;

/** Makes a request of its own for each read. */
export function createPlainRowReader(client: DynamoDBDocumentClient): ReadRow {
  return async (table, key, { consistent = false } = {}) => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: consistent }));
    return Item;
  };
}

interface Wanted {
  readonly table: string;
  readonly key: Key;
  readonly consistent: boolean;
}

/**
 * Makes one request for all reads that are asked for at the same time, before any of the callers waits for an answer. It costs the same
 * units, but only one call. If one row of a table is to be read consistently, all rows of that table in the request are.
 */
export function createRowReader(client: DynamoDBDocumentClient): ReadRow {
  const readAlone = createPlainRowReader(client);
  const read = createTogether<Wanted, Row | undefined>({
    most: mostKeys,
    later: queueMicrotask,
    alone: ({ table, key, consistent }) => readAlone(table, key, { consistent }),
    async together(callers) {
      const rows = await readBatch(client, itemsOf(callers.map(({ asked }) => asked)));
      for (const { asked, answer } of callers) answer(rows.get(asked.table)?.find((row) => isAt(row, asked.key)));
    },
  });
  return (table, key, { consistent = false } = {}) => read({ table, key, consistent });
}

function itemsOf(wanted: readonly Wanted[]): NonNullable<BatchGetCommandInput['RequestItems']> {
  const tables = new Map<string, { readonly Keys: Record<string, string>[]; ConsistentRead: boolean }>();
  for (const { table, key, consistent } of wanted) {
    const asked = tables.get(table) ?? { Keys: [], ConsistentRead: false };
    if (!asked.Keys.some((known) => isAt(known, key))) asked.Keys.push({ ...key });
    asked.ConsistentRead ||= consistent;
    tables.set(table, asked);
  }
  return Object.fromEntries(tables);
}

function isAt(row: Row, key: Key): boolean {
  return Object.entries(key).every(([name, value]) => row[name] === value);
}
