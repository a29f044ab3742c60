import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { lean, signing } from '../aws-calls.ts';

/**
 * The only client for the tables. Amounts come back as exact text (`wrapNumbers`), never as binary floating point.
 * Time limits are short: a caller that waits longer than its partner does has lost the request anyway, and every write here is safe to
 * repeat.
 */
export function createDocumentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...signing,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(lean(client), {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: true },
  });
}
