import { type DynamoDBDocumentClient, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Row } from './listing.ts';
import type { SettingKind } from './setting-rows.ts';

/** Every row that a query finds, over all its pages. @param most stops reading once there are more rows than this. */
export async function queryAll(client: DynamoDBDocumentClient, query: QueryCommandInput, most = Infinity): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    rows.push(...Items);
    if (rows.length > most) break;
  }
  return rows;
}

/** The id of every partner or publisher, whatever its status. */
export async function idsOfKind(client: DynamoDBDocumentClient, table: string, kind: 'partner' | 'publisher'): Promise<readonly string[]> {
  return (await settingsOfKind(client, table, kind)).map((row) => String(row[`${kind}_id`]));
}

/** Every setting of a kind, in the order of creation. */
export function settingsOfKind(client: DynamoDBDocumentClient, table: string, kind: SettingKind): Promise<Row[]> {
  return queryAll(client, {
    TableName: table,
    IndexName: 'by-kind',
    KeyConditionExpression: 'kind = :kind',
    ExpressionAttributeValues: { ':kind': kind },
  });
}
