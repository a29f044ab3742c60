import { type BatchGetCommandInput, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { readBatch } from './batch-get.ts';
import type { Row } from './listing.ts';

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
  readonly found: (row: Row | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes one request for all reads that are asked for at the same time, before any of the callers waits for an answer. It costs the same
 * units, but only one call. If one row of a table is to be read consistently, all rows of that table in the request are.
 */
export function createRowReader(client: DynamoDBDocumentClient): ReadRow {
  const readAlone = createPlainRowReader(client);
  let waiting: Wanted[] = [];
  const readWaiting = (): void => {
    const together = waiting;
    waiting = [];
    const [one, ...others] = together;
    if (one !== undefined && others.length === 0) readAlone(one.table, one.key, one).then(one.found, one.failed);
    else
      readTogether(client, together).catch((error: unknown) => {
        for (const { failed } of together) failed(error);
      });
  };
  return (table, key, { consistent = false } = {}) =>
    new Promise((found, failed) => {
      waiting.push({ table, key, consistent, found, failed });
      if (waiting.length === 1) queueMicrotask(readWaiting);
    });
}

async function readTogether(client: DynamoDBDocumentClient, together: readonly Wanted[]): Promise<void> {
  const tables = new Map<string, { readonly Keys: Record<string, string>[]; ConsistentRead: boolean }>();
  for (const { table, key, consistent } of together) {
    const asked = tables.get(table) ?? { Keys: [], ConsistentRead: false };
    if (!asked.Keys.some((known) => isAt(known, key))) asked.Keys.push({ ...key });
    asked.ConsistentRead ||= consistent;
    tables.set(table, asked);
  }
  const items: NonNullable<BatchGetCommandInput['RequestItems']> = Object.fromEntries(tables);
  const rows = await readBatch(client, items);
  for (const { table, key, found } of together) found(rows.get(table)?.find((row) => isAt(row, key)));
}

function isAt(row: Row, key: Key): boolean {
  return Object.entries(key).every(([name, value]) => row[name] === value);
}
