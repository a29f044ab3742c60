import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { createJsonService, ServiceError } from '../aws/json-service.ts';
import { fromWire, toWire } from './wire.ts';

/** What a command asks of DynamoDB, by its class: bundles shorten names. */
const operations = new Map<unknown, string>([
  [BatchGetCommand, 'BatchGetItem'],
  [DeleteCommand, 'DeleteItem'],
  [GetCommand, 'GetItem'],
  [PutCommand, 'PutItem'],
  [QueryCommand, 'Query'],
  [TransactWriteCommand, 'TransactWriteItems'],
  [UpdateCommand, 'UpdateItem'],
]);

/**
 * The one way to the tables. Amounts come back as exact text (`NumberValue`), never as binary floating point.
 *
 * It takes the SDK's commands and answers what the SDK's client would, but sends them itself: see {@link createJsonService} for what
 * that saves.
 *
 * @param environment where DynamoDB is, and whose it is.
 */
export function createDocumentClient(environment: NodeJS.ProcessEnv = process.env): DynamoDBDocumentClient {
  const sdk = new DynamoDBClient({});
  const call = createJsonService({ service: 'dynamodb', target: 'DynamoDB_20120810', environment });
  const endpoint = environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? sdk.config.endpointProvider({ Region: environment['AWS_REGION'] }).url.href;
  const send = async (command: { readonly input: object }): Promise<unknown> => {
    const operation = operations.get(command.constructor);
    if (operation === undefined) throw new Error('no function has such a command');
    // A transaction whose answer was lost is done once, however often it is sent.
    const once = operation === 'TransactWriteItems' ? { ClientRequestToken: randomUUID() } : {};
    try {
      return fromWire(await call(endpoint, operation, toWire({ ...once, ...command.input })));
    } catch (error) {
      throw error instanceof ServiceError ? asException(error) : error;
    }
  };
  return Object.assign(DynamoDBDocumentClient.from(sdk), { send });
}

const item = z.optional(z.record(z.string(), z.custom<AttributeValue>()));
const reasons = z.array(z.custom<CancellationReason>());

/** The refusals that somebody acts on are the SDK's own; a row that comes with one is as DynamoDB writes it. */
function asException(error: ServiceError): Error {
  const { message, status, details } = error;
  const options = { message, $metadata: { httpStatusCode: status } };
  switch (error.name) {
    case 'ConditionalCheckFailedException':
      return new ConditionalCheckFailedException({ ...options, Item: z.parse(item, details['Item']) });
    case 'TransactionCanceledException':
      return new TransactionCanceledException({ ...options, CancellationReasons: z.parse(reasons, details['CancellationReasons']) });
    default:
      return error;
  }
}
