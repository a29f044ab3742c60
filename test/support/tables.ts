import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createClickStore } from '../../functions/adapters/dynamo/click-store.ts';
import type { Click } from '../../functions/domain/click.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';

/** A running system whose tables can be read. */
interface Running {
  readonly system: LocalSystem;
}

/** The functions whose logs are searched. */
export const functionNames = ['receiver', 'processor', 'admin', 'authorizer', 'tracker', 'sweeper'] as const;

/** The emulators accept any credentials. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Direct access to the stack's queues. */
export function queuesOf({ system: { region, endpoints } }: Running): SQSClient {
  return new SQSClient({ region, endpoint: endpoints.sqs, credentials });
}

/** The stack's tables, in the form that the functions' own adapters use. */
export function clientOf({ system }: Running): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region: system.region,
    endpoint: system.endpoints.dynamodb,
    credentials,
  });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: true },
  });
}

export function tableOf({ system }: Running, id: string): string {
  const table = system.tables.get(id);
  if (table === undefined) throw new Error(`no table ${id}`);
  return table.name;
}

/** Stores a click as the tracker does, with another day or id if wanted. */
export async function storeClick(stack: Running, click: { [Name in keyof Click]?: string | Record<string, string> }): Promise<void> {
  const client = clientOf(stack);
  await createClickStore(client, tableOf(stack, 'Clicks')).put({ sub_ids: {}, ...click } as Click);
  client.destroy();
}

/** Removes a click as if it had expired. */
export async function removeClick(stack: Running, clickId: string): Promise<void> {
  const client = clientOf(stack);
  await client.send(new DeleteCommand({ TableName: tableOf(stack, 'Clicks'), Key: { click_id: clickId } }));
  client.destroy();
}

/** Every row of a table, with numbers as the store's exact text. */
export async function rowsOf(stack: Running, id: string): Promise<Record<string, unknown>[]> {
  const client = clientOf(stack);
  const rows: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: tableOf(stack, id), ...(start && { ExclusiveStartKey: start }) }));
    rows.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  client.destroy();
  return rows;
}

/** Everything that is stored, as text, for searches for what must not be there. */
export async function everythingStored(stack: Running): Promise<string> {
  const tables = await Promise.all([...stack.system.tables.keys()].map(async (id) => `${id}: ${textOf(await rowsOf(stack, id))}`));
  return tables.join('\n');
}

/** The content of rows as text. */
export function textOf(rows: unknown): string {
  return JSON.stringify(rows, (_, value) => (value instanceof Set ? [...value] : value));
}
