import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { LocalTable } from './deployment.ts';

/**
 * Creates the tables that do not exist yet, with their indexes and expiry.
 *
 * @returns whether none existed before.
 */
export async function createTables(client: DynamoDBClient, tables: readonly LocalTable[]): Promise<boolean> {
  let found = 0;
  for (const table of tables) {
    if (await exists(client, table)) found += 1;
    else await createTable(client, table);
  }
  return found === 0;
}

/** Removes the tables from a DynamoDB that outlives the system. */
export async function deleteTables(client: DynamoDBClient, tables: readonly LocalTable[]): Promise<void> {
  for (const table of tables) await client.send(new DeleteTableCommand({ TableName: table.name }));
}

async function exists(client: DynamoDBClient, table: LocalTable): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table.name }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

async function createTable(client: DynamoDBClient, { name, properties }: LocalTable): Promise<void> {
  const indexes = properties.GlobalSecondaryIndexes?.map(({ Projection: { ProjectionType, NonKeyAttributes }, ...index }) => ({
    ...index,
    Projection: { ProjectionType, ...(NonKeyAttributes && { NonKeyAttributes }) },
  }));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      ...(indexes && { GlobalSecondaryIndexes: indexes }),
    }),
  );
  const expiry = properties.TimeToLiveSpecification;
  if (expiry) await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: expiry }));
}
