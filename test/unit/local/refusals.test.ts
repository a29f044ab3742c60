import { describe, expect, test } from '@jest/globals';
import { createJudge } from '../../../lib/local/refusals/aws-calls.ts';
import type { Json } from '../../../lib/local/refusals/call.ts';
import { refusedKey } from '../../../lib/local/refusals/key-limits.ts';
import { refusedMessage } from '../../../lib/local/refusals/queue-limits.ts';
import type { Right } from '../../../lib/local/refusals/rights.ts';
import { compareRights } from '../../../lib/local/refusals/used-rights.ts';

const places = { region: 'eu-west-1', account: '000000000000', redrives: { 'arn:dead': 'arn:aws:sqs:eu-west-1:000000000000:Work' } };
const table = (name: string) => `arn:aws:dynamodb:eu-west-1:000000000000:table/${name}`;
const queue = 'arn:aws:sqs:eu-west-1:000000000000:Work';
const dynamodb = (operation: string, body: Json) => ({ target: `DynamoDB_20120810.${operation}`, body });
const sqs = (operation: string, body: Json) => ({ target: `AmazonSQS.${operation}`, body });

/** Calls of every form, with all the rights that AWS demands for each. */
const calls: [string, Parameters<ReturnType<typeof createJudge>>[0], [string, string][]][] = [
  ['an item', dynamodb('GetItem', { TableName: 'A' }), [['dynamodb:GetItem', table('A')]]],
  ['a query of a table', dynamodb('Query', { TableName: 'A' }), [['dynamodb:Query', table('A')]]],
  ['a query of an index', dynamodb('Query', { TableName: 'A', IndexName: 'due' }), [['dynamodb:Query', `${table('A')}/index/due`]]],
  [
    'a batch',
    dynamodb('BatchGetItem', { RequestItems: { A: {}, B: {} } }),
    [
      ['dynamodb:BatchGetItem', table('A')],
      ['dynamodb:BatchGetItem', table('B')],
    ],
  ],
  [
    'statements, by the tables that they insert into',
    dynamodb('BatchExecuteStatement', { Statements: [{ Statement: `INSERT INTO "A" VALUE {'id': ?}`, Parameters: [{ S: '1' }] }] }),
    [['dynamodb:PartiQLInsert', table('A')]],
  ],
  [
    'a transaction, by its parts',
    dynamodb('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'A' } },
        { Update: { TableName: 'B' } },
        { Delete: { TableName: 'C' } },
        { ConditionCheck: { TableName: 'D' } },
      ],
    }),
    [
      ['dynamodb:PutItem', table('A')],
      ['dynamodb:UpdateItem', table('B')],
      ['dynamodb:DeleteItem', table('C')],
      ['dynamodb:ConditionCheckItem', table('D')],
    ],
  ],
  ['messages', sqs('SendMessageBatch', { QueueUrl: 'http://x/000000000000/Work' }), [['sqs:SendMessage', queue]]],
  [
    'moving dead letters, and sending them on',
    sqs('StartMessageMoveTask', { SourceArn: 'arn:dead' }),
    [
      ['sqs:StartMessageMoveTask', 'arn:dead'],
      ['sqs:ReceiveMessage', 'arn:dead'],
      ['sqs:DeleteMessage', 'arn:dead'],
      ['sqs:GetQueueAttributes', 'arn:dead'],
      ['sqs:SendMessage', queue],
    ],
  ],
  ['a message of a topic', { target: 'AmazonSNS.Publish', body: { TopicArn: 'arn:topic' } }, [['sns:Publish', 'arn:topic']]],
  [
    'a secret',
    { target: 'secretsmanager.GetSecretValue', body: { SecretId: 'arn:secret' } },
    [['secretsmanager:GetSecretValue', 'arn:secret']],
  ],
];
const rightsOf = (wanted: [string, string][]): Right[] => wanted.map(([action, resource]) => ({ action, resource }));
const judgeWith = (rights: Right[], note: Parameters<typeof createJudge>[1] = () => undefined) =>
  createJudge({ role: { functionName: 'receiver', rights, places }, keys: {} }, note);

describe('rights', () => {
  test.each(calls)('for %s: all together let it pass, and each is missed', (_, call, wanted) => {
    const rights = rightsOf(wanted);
    expect(judgeWith(rights)(call)).toBeUndefined();
    for (const withheld of rights) {
      const refusal = judgeWith(rights.filter((right) => right !== withheld))(call);
      expect(refusal?.body['__type']).toMatch(/AccessDeniedException$/);
      expect(refusal?.body['message']).toBe(
        `User: arn:aws:sts::000000000000:assumed-role/receiver/receiver is not authorized to perform: ${withheld.action} on resource: ${withheld.resource} because no identity-based policy allows the ${withheld.action} action`,
      );
    }
  });

  test('on a table do not include its index, nor the other way round', () => {
    expect(judgeWith(rightsOf([['dynamodb:Query', table('A')]]))(dynamodb('Query', { TableName: 'A', IndexName: 'due' }))).toBeDefined();
    expect(judgeWith(rightsOf([['dynamodb:Query', `${table('A')}/index/due`]]))(dynamodb('Query', { TableName: 'A' }))).toBeDefined();
  });

  test('that are used are recorded once, and missing ones each time', () => {
    const noted: string[] = [];
    const judge = judgeWith(rightsOf([['dynamodb:GetItem', table('A')]]), (use, { action }) => noted.push(`${use} ${action}`));
    for (let call = 0; call < 2; call += 1) {
      judge(dynamodb('GetItem', { TableName: 'A' }));
      judge(dynamodb('PutItem', { TableName: 'A' }));
    }
    expect(noted).toEqual(['used dynamodb:GetItem', 'missing dynamodb:PutItem', 'missing dynamodb:PutItem']);
  });

  test('are compared with the record: an added one is unused, and a removed one is missing', () => {
    const [get, put] = rightsOf([
      ['dynamodb:GetItem', table('A')],
      ['dynamodb:PutItem', table('A')],
    ]) as [Right, Right];
    const notes = [
      { function: 'receiver', use: 'used' as const, ...get },
      { function: 'receiver', use: 'used' as const, ...put },
    ];
    const uses = (rights: Right[], noted: Parameters<typeof compareRights>[1]) =>
      compareRights([{ name: 'receiver', rights }], noted).map(({ right, use }) => `${use} ${right.action}`);
    expect(uses([get, put], notes)).toEqual(['used dynamodb:GetItem', 'used dynamodb:PutItem']);
    expect(uses([get, put], notes.slice(0, 1))).toEqual(['used dynamodb:GetItem', 'unused dynamodb:PutItem']);
    expect(uses([get], notes)).toEqual(['used dynamodb:GetItem', 'missing dynamodb:PutItem']);
    const platform = { action: 'logs:PutLogEvents', resource: '*' };
    expect(uses([get, platform], notes.slice(0, 1))).toEqual(['used dynamodb:GetItem']);
  });
});

describe('key values that DynamoDB refuses and its emulators take', () => {
  const keys = { A: { partition: 'pk', sort: 'sk', indexes: { 'by-click': { partition: 'click', sort: 'at' } } } };
  const text = (bytes: number) => ({ S: 'ü'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2) });
  const said = (operation: string, body: Json) => refusedKey(dynamodb(operation, body), keys)?.body['message'];
  const update = (name: string, value: object) => ({
    TableName: 'A',
    UpdateExpression: 'SET #a = :one, b = list_append(b, :list) REMOVE c',
    ExpressionAttributeNames: { '#a': name },
    ExpressionAttributeValues: { ':one': value, ':list': { L: [] } },
  });
  const query = (value: object, condition = 'click = :value') => ({
    TableName: 'A',
    IndexName: 'by-click',
    KeyConditionExpression: condition,
    ExpressionAttributeNames: { '#p': 'click', '#s': 'at' },
    ExpressionAttributeValues: { ':value': value, ':other': { S: 'x' } },
  });

  test.each<[string, string, (value: object) => Json, number]>([
    ["the index's partition key of a new item", 'PutItem', (value) => ({ TableName: 'A', Item: { pk: { S: 'x' }, click: value } }), 2048],
    ["the index's sort key of a new item", 'PutItem', (value) => ({ TableName: 'A', Item: { pk: { S: 'x' }, at: value } }), 1024],
    ["the index's partition key in an update", 'UpdateItem', (value) => update('click', value), 2048],
    ["the index's sort key in an update", 'UpdateItem', (value) => update('at', value), 1024],
    [
      'a statement of a batch',
      'BatchExecuteStatement',
      (value) => ({ Statements: [{ Statement: `INSERT INTO "A" VALUE {'pk': ?, 'click': ?}`, Parameters: [{ S: 'x' }, value] }] }),
      2048,
    ],
    ['a put in a batch', 'BatchWriteItem', (value) => ({ RequestItems: { A: [{ PutRequest: { Item: { click: value } } }] } }), 2048],
    [
      'a put in a transaction',
      'TransactWriteItems',
      (value) => ({ TransactItems: [{ Put: { TableName: 'A', Item: { click: value } } }] }),
      2048,
    ],
    ['an update in a transaction', 'TransactWriteItems', (value) => ({ TransactItems: [{ Update: update('at', value) }] }), 1024],
    ['the partition key of a query', 'Query', query, 2048],
    ['the sort key of a query', 'Query', (value) => query(value, '#p = :other AND #s BETWEEN :other AND :value'), 1024],
    ['the beginning of the sort key of a query', 'Query', (value) => query(value, '#p = :other AND begins_with(#s, :value)'), 1024],
  ])('%s', (_, operation, body, most) => {
    expect(said(operation, body(text(most)))).toBeUndefined();
    expect(said(operation, body(text(most + 1)))).toMatch(/exceeded the (maximum )?size limit|ValidationError/);
  });

  test('an empty one in a query', () => {
    expect(said('Query', query({ S: '' }))).toMatch(/cannot contain an empty string value/);
  });

  test('do not include long values that are no keys', () => {
    expect(said('PutItem', { TableName: 'A', Item: { pk: { S: 'x' }, raw: text(100_000) } })).toBeUndefined();
    expect(said('UpdateItem', update('raw', text(100_000)))).toBeUndefined();
  });
});

describe('messages that SQS refuses and its emulator takes', () => {
  const said = (operation: string, body: Json) => refusedMessage(sqs(operation, body))?.body['message'];

  test.each<[string, Json, Json]>([
    ['are to wait longer than a quarter of an hour', { DelaySeconds: 900 }, { DelaySeconds: 901 }],
    ['are of a group whose name is too long', { MessageGroupId: 'g'.repeat(128) }, { MessageGroupId: 'g'.repeat(129) }],
    ['are of a group whose name holds other letters', { MessageGroupId: 'a#b-c' }, { MessageGroupId: 'a b' }],
  ])('%s', (_, good, bad) => {
    expect(said('SendMessage', { MessageBody: 'x', ...good })).toBeUndefined();
    expect(said('SendMessage', { MessageBody: 'x', ...bad })).toMatch(/^Value .* is invalid\. Reason: /);
    expect(said('SendMessageBatch', { Entries: [{ Id: '0', ...good }] })).toBeUndefined();
    expect(
      said('SendMessageBatch', {
        Entries: [
          { Id: '0', ...good },
          { Id: '1', ...bad },
        ],
      }),
    ).toMatch(/^Value .* is invalid\. Reason: /);
  });
});
