/** Calls that are made without the SDK's own chain of parts: AWS cannot tell them from the SDK's, and nor can our code. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { callDirectly } from '../../../functions/adapters/direct-calls.ts';
import { createDocumentClient } from '../../../functions/adapters/dynamo/client.ts';
import { createQueueClient } from '../../../functions/adapters/sqs/queues.ts';
import { type DynamoEmulator, startDynamoEmulator } from '../../../lib/local/dynamo-emulator.ts';
import { closeServer, listen } from '../../../lib/local/http-server.ts';
import { directClient } from '../../support/faults/tables.ts';

interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Fault = (response: ServerResponse) => void;

const region = 'eu-west-1';
const table = 'rows';
const seen: Seen[] = [];
/** What happens to the next requests instead of their being passed on. */
const faults: Fault[] = [];
const before = { ...process.env };
let emulator: DynamoEmulator;
let proxy: Server;
let endpoint: string;
let client: DynamoDBDocumentClient;
let plain: DynamoDBDocumentClient;

/** Whether the SDK's own chain has made a request: it numbers its attempts. */
const bySdk = ({ headers }: Seen) => headers['amz-sdk-request'] !== undefined;
const answering =
  (status: number, body: object): Fault =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
const reset: Fault = (response) => response.destroy();

beforeAll(async () => {
  emulator = await startDynamoEmulator();
  plain = directClient(emulator.endpoint, region);
  await plain.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  proxy = createServer(async (request, response) => {
    const body = await buffer(request);
    seen.push({ headers: request.headers, body: body.toString() });
    const fault = faults.shift();
    if (fault !== undefined) return fault(response);
    httpRequest(emulator.endpoint, { method: 'POST', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end(body);
  });
  endpoint = `http://127.0.0.1:${await listen(proxy, 0)}`;
  Object.assign(process.env, {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  });
}, 60_000);
afterAll(async () => {
  process.env = before;
  plain.destroy();
  await closeServer(proxy, 0);
  await emulator.stop();
});

/** A client that has made its first call of these operations. */
beforeEach(async () => {
  client = createDocumentClient();
  await client.send(new PutCommand({ TableName: table, Item: { pk: 'warm', sk: '0' } }));
  await client.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk: '0' } }));
  await client.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName: table, Item: { pk: 'warm', sk: '1' } } }] }));
  seen.length = 0;
});
afterEach(() => {
  client.destroy();
  expect(faults).toHaveLength(0);
});

/** The signature by AWS's description of Signature Version 4, from what arrived. */
function signatureOf({ headers, body }: Seen, secret: string): string {
  const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const canonical = [
    'POST',
    '/',
    '',
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const [date = '', ...rest] = scope.split('/');
  const key = rest.reduce((made: Buffer, part) => hmac(made, part), hmac(`AWS4${secret}`, date));
  return hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')).toString('hex');
}

describe('a call without the SDK’s own chain', () => {
  test('is the second of its operation and each later one, whatever the table', async () => {
    const fresh = createDocumentClient();
    const get = (sk: string) => fresh.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk } }));
    for (const sk of ['0', '1', 'none']) await get(sk);
    fresh.destroy();
    expect(seen.map(bySdk)).toEqual([true, false, false]);
  });

  test('is signed so that AWS accepts it, with the credentials of the moment', async () => {
    let credentials = { accessKeyId: 'first', secretAccessKey: 'one', sessionToken: 'token-1', expiration: new Date(Date.now() + 600) };
    const renewing = new DynamoDBClient({ region, endpoint, credentials: async () => credentials });
    callDirectly(renewing, { service: 'dynamodb' });
    const get = () => renewing.send(new GetItemCommand({ TableName: table, Key: { pk: { S: 'wärm' }, sk: { S: '0' } } }));
    await get();
    await get();
    credentials = { ...credentials, accessKeyId: 'second', secretAccessKey: 'two', sessionToken: 'token-2' };
    await get();
    renewing.destroy();
    expect(seen.map(bySdk)).toEqual([true, false, false]);
    const expected = [
      ['first', 'one', 'token-1'],
      ['first', 'one', 'token-1'],
      ['second', 'two', 'token-2'],
    ] as const;
    for (const [index, [id, secret, token]] of expected.entries()) {
      const { headers } = seen[index] as Seen;
      expect(headers.authorization).toContain(`Credential=${id}/`);
      expect(headers.authorization).toContain(`Signature=${signatureOf(seen[index] as Seen, secret)}`);
      expect(headers['x-amz-security-token']).toBe(token);
    }
    // Nothing that the SDK signs is left out, except for the number of the attempt.
    const signed = ({ headers }: Seen) => /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
    expect(signed(seen[1] as Seen)).toEqual(signed(seen[0] as Seen).filter((name) => !name.startsWith('amz-sdk-')));
  });

  test('belongs to the trace of the invocation that makes it', async () => {
    const get = () => client.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk: '0' } }));
    for (const trace of ['Root=1-first', 'Root=1-second', undefined]) {
      if (trace === undefined) delete process.env['_X_AMZN_TRACE_ID'];
      else process.env['_X_AMZN_TRACE_ID'] = trace;
      await get();
    }
    expect(seen.map(({ headers }) => headers['x-amzn-trace-id'])).toEqual(['Root=1-first', 'Root=1-second', undefined]);
  });

  test('writes and reads the same rows as the SDK’s own, whatever is in them', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const amount = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => NumberValue.from(`${value}.000000000000000000001`));
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
    const leaf = fc.oneof(text, amount, fc.boolean(), fc.constant(null), bytes, fc.constantFrom('"B":"x"', '"B":{', '\u2028\u0000"\\'));
    const name = fc.constantFrom('S', 'N', 'B', 'BS', 'M', 'L', 'Item', 'Items', 'Responses', 'é');
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 3 }), fc.dictionary(name, tie('any'), { maxKeys: 3 })),
    })).any;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 4 }), fc.boolean(), async (attributes, asBytes) => {
        const Item = { ...attributes, pk: 'any', sk: 'row', ...(asBytes ? { B: new Uint8Array([1, 2]) } : {}) };
        const Key = { pk: 'any', sk: 'row' };
        await client.send(new PutCommand({ TableName: table, Item }));
        const expected = await plain.send(new GetCommand({ TableName: table, Key }));
        await client.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName: table, Item } }] }));
        const found = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
        expect(found.Item).toEqual(expected.Item);
      }),
      { numRuns: 150 },
    );
    expect(seen.filter((one) => !bySdk(one)).length).toBeGreaterThan(200);
  }, 60_000);

  test('gives what the SDK gives, in each operation that is used', async () => {
    const Key = { pk: 'each', sk: '1' };
    const statement = (sk: string) => ({ Statement: `INSERT INTO "${table}" VALUE {'pk': ?, 'sk': ?}`, Parameters: ['each', sk] });
    const calls = (round: string) => [
      () => new PutCommand({ TableName: table, Item: { ...Key, count: 1 } }),
      () =>
        new UpdateCommand({
          TableName: table,
          Key,
          UpdateExpression: 'ADD #c :one',
          ExpressionAttributeNames: { '#c': 'count' },
          ExpressionAttributeValues: { ':one': 1 },
          ReturnValues: 'ALL_NEW',
        }),
      () => new GetCommand({ TableName: table, Key }),
      () => new GetCommand({ TableName: table, Key: { pk: 'each', sk: 'missing' } }),
      () => new BatchGetCommand({ RequestItems: { [table]: { Keys: [Key, { pk: 'warm', sk: '0' }] } } }),
      () => new BatchExecuteStatementCommand({ Statements: [statement(`${round}-a`), statement('1')] }),
      () =>
        new QueryCommand({ TableName: table, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'warm' }, Limit: 1 }),
      () => new DeleteCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' }),
    ];
    const outputs = async (asked: DynamoDBDocumentClient, round: string): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const make of calls(round)) {
        const { $metadata, ...output } = (await asked.send(make() as never)) as { $metadata: object };
        found.push(JSON.parse(JSON.stringify(output)));
      }
      return found;
    };
    const expected = await outputs(plain, 'plain');
    await outputs(client, 'learning');
    seen.length = 0;
    expect(await outputs(client, 'direct')).toEqual(expected);
    expect(seen.some(bySdk)).toBe(false);
    expect(expected).toHaveLength(calls('').length);
  });

  test('that a condition refuses fails as the SDK’s own does, with one request', async () => {
    const refused = { TableName: table, Item: { pk: 'warm', sk: '0' }, ConditionExpression: 'attribute_not_exists(pk)' } as const;
    await expect(client.send(new PutCommand(refused))).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const transaction = new TransactWriteCommand({
      TransactItems: [{ Put: { ...refused, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } }],
    });
    const error = await client.send(transaction).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect((error as TransactionCanceledException).CancellationReasons?.[0]).toMatchObject({
      Code: 'ConditionalCheckFailed',
      Item: { pk: { S: 'warm' } },
    });
    expect(seen.map(bySdk)).toEqual([false, false]);
  });

  test.each([
    ['a throttled one', answering(400, { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException', message: 'slow down' })],
    ['a failure of AWS', answering(500, { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'oops' })],
    ['a lost answer', reset],
  ])('is tried again by the SDK after %s, three times in all', async (_, fault) => {
    const get = () => client.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk: '0' } }));
    faults.push(fault, fault);
    await expect(get()).resolves.toMatchObject({ Item: { pk: 'warm' } });
    expect(seen.map(bySdk)).toEqual([false, true, true]);
  });

  test('fails, and is not repeated, when nobody can read its answer', async () => {
    faults.push((response) => response.writeHead(200).end('<html>'));
    await expect(client.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk: '0' } }))).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  test('fails after three attempts, and the next call is made as if nothing had happened', async () => {
    const get = () => client.send(new GetCommand({ TableName: table, Key: { pk: 'warm', sk: '0' } }));
    faults.push(reset, reset, reset);
    await expect(get()).rejects.toThrow();
    expect(seen).toHaveLength(3);
    await expect(get()).resolves.toMatchObject({ Item: { pk: 'warm' } });
    expect(bySdk(seen[3] as Seen)).toBe(false);
  });

  test('goes to the queue with the name that it has', async () => {
    const sent: Seen[] = [];
    const queue = createServer(async (request, response) => {
      sent.push({ headers: request.headers, body: (await buffer(request)).toString() });
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"MessageId":"1"}');
    });
    const url = `http://127.0.0.1:${await listen(queue, 0)}`;
    process.env['AWS_ENDPOINT_URL_SQS'] = url;
    const queues = createQueueClient();
    for (const name of ['one', 'two', 'one']) {
      const { MessageId } = await queues.send(new SendMessageCommand({ QueueUrl: `${url}/000000000000/${name}`, MessageBody: name }));
      expect(MessageId).toBe('1');
    }
    queues.destroy();
    await closeServer(queue, 0);
    expect(sent.map(({ body }) => JSON.parse(body))).toEqual(
      ['one', 'two', 'one'].map((name) => ({ QueueUrl: `${url}/000000000000/${name}`, MessageBody: name })),
    );
    expect(sent.map(bySdk)).toEqual([true, false, false]);
    for (const one of sent) expect(one.headers.authorization).toContain(signatureOf(one, 'secret'));
  });
});
