import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalSystem } from '../../lib/local/start-local.ts';

export interface Row {
  /** The table's part of the name, as in `Conversions`. */
  readonly table: string;
  readonly item: Readonly<Record<string, unknown>>;
}

/** The most items of one request that DynamoDB allows. */
const itemsPerRequest = 25;
const lanes = 8;

/** Writes rows directly into the tables, without the system's functions. */
export async function putRows(system: LocalSystem, rows: Iterator<Row>): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: system.region, endpoint: system.endpoints.dynamodb, credentials }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const lane = async (): Promise<void> => {
    for (;;) {
      const batch = take(rows, itemsPerRequest);
      if (batch.length === 0) return;
      const RequestItems: Record<string, { PutRequest: { Item: Row['item'] } }[]> = {};
      for (const { table, item } of batch) {
        const name = system.tables.get(table)?.name;
        if (name === undefined) throw new Error(`no table ${table}`);
        RequestItems[name] = [...(RequestItems[name] ?? []), { PutRequest: { Item: item } }];
      }
      const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems }));
      if (Object.keys(UnprocessedItems).length > 0) throw new Error('the emulator left items out');
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  client.destroy();
}

function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = source.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
