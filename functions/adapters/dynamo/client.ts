import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { signing } from '../aws-calls.ts';
import { callDirectly, isJson, type Json } from '../direct-calls.ts';
import type { Row } from './listing.ts';

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
  callDirectly(client, { service: 'dynamodb', after: 'DocumentMarshall', read: readAnswer });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: true },
  });
}

/** The document client's output for an answer of DynamoDB; `undefined` when the answer is of a kind that is rare here. */
function readAnswer(answer: Json): Json | undefined {
  const entries = Object.entries(answer).map(([name, member]) => [name, readMember(name, member)] as const);
  return entries.some(([, member]) => member === undefined) ? undefined : Object.fromEntries(entries);
}

function readMember(name: string, member: unknown): unknown {
  switch (name) {
    case 'Item':
    case 'Attributes':
    case 'LastEvaluatedKey':
      return isMarshalled(member) ? toRow(member) : undefined;
    case 'Items':
      return toRows(member);
    case 'Responses':
      // Of statements, or of the tables that were read.
      if (Array.isArray(member)) return member.every((one) => isJson(one) && !('Item' in one || 'Error' in one)) ? member : undefined;
      return isJson(member) ? Object.fromEntries(Object.entries(member).map(([table, rows]) => [table, toRows(rows)])) : undefined;
    case 'UnprocessedKeys':
      return isJson(member) && Object.keys(member).length === 0 ? member : undefined;
    default:
      return member;
  }
}

function toRows(rows: unknown): Row[] | undefined {
  return Array.isArray(rows) && rows.every(isMarshalled) ? rows.map(toRow) : undefined;
}

function toRow(row: Record<string, AttributeValue>): Row {
  return unmarshall(row, { wrapNumbers: true });
}

function isMarshalled(value: unknown): value is Record<string, AttributeValue> {
  return isJson(value);
}
