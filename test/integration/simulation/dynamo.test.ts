import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DynamoEmulator, startDynamoEmulator } from '../../../lib/local/dynamo-emulator.ts';
import { createTables } from '../../../lib/local/tables.ts';
import { SimulatedDynamo } from '../../simulation/dynamo/store.ts';
import { readDeployment } from '../../simulation/tables.ts';
import { directClient, namesOf, type TableNames } from '../../support/faults/tables.ts';

/**
 * Compares the simulation's store with an emulator: random sequences of the commands and expressions that our adapters use, on few keys so
 * that they collide, and with long texts so that items and index entries exceed the bounds of their units.
 */
let emulator: DynamoEmulator;
let real: DynamoDBDocumentClient;
let names: TableNames;
let simulated: SimulatedDynamo;
let runs = 0;

beforeAll(async () => {
  const deployment = await readDeployment();
  const endpoint = process.env['DYNAMODB_ENDPOINT'];
  emulator = endpoint === undefined ? await startDynamoEmulator() : { endpoint, stop: async () => undefined };
  const client = new DynamoDBClient({
    region: deployment.region,
    endpoint: emulator.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTables(client, deployment.tables());
  client.destroy();
  real = directClient(emulator.endpoint, deployment.region);
  names = namesOf(deployment.tables());
  simulated = new SimulatedDynamo(deployment.tables(), { now: Date.now });
});
afterAll(async () => {
  real.destroy();
  await emulator.stop();
});

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('held', 'approved', 'scheduled', '', 'ä€😀') },
  { weight: 1, arbitrary: fc.integer({ min: 900, max: 5_000 }).map((length) => 'x'.repeat(length)) },
);
const number = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom(10, 100, 1_200, 1.5, 12.5, 0.0625, -7, -0.5, 123_456.789, 1_000_000_000_000),
);
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(number, { maxLength: 3 }),
  fc.record({ a: text, b: number }),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const few = fc.constantFrom('a', 'b', 'c');
const consistent = fc.boolean();
const limit = maybe(fc.integer({ min: 1, max: 3 }));

const REPORT = { ReturnConsumedCapacity: 'TOTAL' } as const;
type Make = (own: (text: string) => string) => object;

const conversionKey = fc.record({ owner: few, place: few });
const conversion = fc.record({
  key: conversionKey,
  revision: fc.integer({ min: 1, max: 3 }),
  status: text,
  shard: maybe(few),
  listed: maybe(few),
  due: maybe(few),
  dueAt: maybe(few),
  statements: maybe(fc.array(value, { maxLength: 4 })),
  extra: value,
});
type Conversion = typeof conversion extends fc.Arbitrary<infer T> ? T : never;

const conversionItem = (own: (text: string) => string, one: Conversion) => ({
  owner: own(one.key.owner),
  place: one.key.place,
  revision: one.revision,
  status: one.status,
  partner_shard: one.shard && own(one.shard),
  listed_at: one.listed,
  due_shard: one.due && own(one.due),
  due_at: one.dueAt,
  statements: one.statements,
  extra: one.extra,
});
const ownKey = (own: (text: string) => string, { owner, place }: { owner: string; place: string }) => ({ owner: own(owner), place });

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type MakeWrite = (own: (text: string) => string) => Write;
const withRow = fc.constantFrom({}, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const);

const writes: fc.Arbitrary<MakeWrite> = fc.oneof(
  fc.tuple(conversion, withRow, fc.boolean()).map(
    ([one, row, isNew]): MakeWrite =>
      (own) => ({
        Put: {
          TableName: names.conversions,
          Item: conversionItem(own, one),
          ...(isNew
            ? { ConditionExpression: 'attribute_not_exists(#owner)', ExpressionAttributeNames: { '#owner': 'owner' } }
            : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': one.revision } }),
          ...row,
        },
      }),
  ),
  conversion.map(
    (one): MakeWrite =>
      (own) => ({ Put: { TableName: names.conversions, Item: conversionItem(own, one) } }),
  ),
  fc.tuple(conversionKey, number, number, fc.boolean()).map(
    ([key, by, room, isBound]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          UpdateExpression: 'ADD #count :by',
          ExpressionAttributeNames: { '#count': 'count' },
          ...(isBound
            ? {
                ConditionExpression: 'attribute_not_exists(#count) OR #count <= :room',
                ExpressionAttributeValues: { ':by': by, ':room': room },
              }
            : { ExpressionAttributeValues: { ':by': by } }),
        },
      }),
  ),
  fc.tuple(conversionKey, text).map(
    ([key, status]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          ConditionExpression: '#status = :held',
          UpdateExpression: 'SET #status = :status',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':status': status, ':held': 'held' },
        },
      }),
  ),
  fc.tuple(conversionKey, text).map(
    ([key, became]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          UpdateExpression: 'SET became = :became REMOVE partner_shard, due_shard',
          ExpressionAttributeValues: { ':became': became },
        },
      }),
  ),
  fc.tuple(conversionKey, text, few).map(
    ([key, name, from]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          UpdateExpression: `SET ${from} = if_not_exists(${from}, :name), #status = if_not_exists(extra.a, :name)`,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':name': name },
        },
      }),
  ),
  fc.tuple(conversionKey, fc.integer({ min: 0, max: 3 })).map(
    ([key, size]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          ConditionExpression: size === 0 ? 'attribute_not_exists(statements)' : '#status = :was AND size(statements) = :size',
          UpdateExpression: 'SET #status = :scheduled, due_at = :due, due_shard = :shard',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':scheduled': 'scheduled',
            ':due': 'b',
            ':shard': own('a'),
            ...(size === 0 ? {} : { ':was': 'held', ':size': size }),
          },
        },
      }),
  ),
  conversionKey.map(
    (key): MakeWrite =>
      (own) => ({
        Delete: {
          TableName: names.conversions,
          Key: ownKey(own, key),
          ConditionExpression: 'revision = :seen',
          ExpressionAttributeValues: { ':seen': 2 },
        },
      }),
  ),
  fc.tuple(few, fc.integer({ min: 1, max: 12 }), number, text).map(
    ([account, entry, points, reason]): MakeWrite =>
      (own) => ({
        Put: {
          TableName: names.ledger,
          Item: { account: own(account), entry, points, balance: points, reason },
          ConditionExpression: 'attribute_not_exists(entry)',
        },
      }),
  ),
  fc.tuple(few, number, number).map(
    ([counter, by, also]): MakeWrite =>
      (own) => ({
        Update: {
          TableName: names.statistics,
          Key: { day_shard: own('day'), counter },
          UpdateExpression: 'ADD #n0 :v0, #n1 :v1 SET expires_at = :expires',
          ExpressionAttributeNames: { '#n0': 'delivered', '#n1': 'd13' },
          ExpressionAttributeValues: { ':v0': by, ':v1': also, ':expires': 2_000_000_000 },
        },
      }),
  ),
);

const commandOf = ({ Put, Update, Delete }: Write): object => {
  if (Put !== undefined) return new PutCommand({ ...Put, ...REPORT });
  if (Update !== undefined) {
    const ReturnValues = Update.UpdateExpression?.includes('if_not_exists') ? 'ALL_NEW' : 'UPDATED_NEW';
    return new UpdateCommand({ ...Update, ...REPORT, ReturnValues });
  }
  return new DeleteCommand({ ...Delete, ...REPORT } as never);
};

const insertion = (item: object) => {
  const attributes = Object.entries(item).filter(([, member]) => member !== undefined);
  return {
    Statement: `INSERT INTO "${names.conversions}" VALUE {${attributes.map(([name]) => `'${name}': ?`).join(', ')}}`,
    Parameters: attributes.map(([, member]) => member),
  };
};

const commands: fc.Arbitrary<Make> = fc.oneof(
  {
    weight: 4,
    arbitrary: writes.map(
      (write): Make =>
        (own) =>
          commandOf(write(own)),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.array(writes, { minLength: 1, maxLength: 4 }).map(
      (several): Make =>
        (own) =>
          new TransactWriteCommand({ TransactItems: several.map((write) => write(own)), ...REPORT }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.uniqueArray(conversion, { minLength: 1, maxLength: 4, selector: ({ key }) => JSON.stringify(key) }).map(
      (several): Make =>
        (own) =>
          new BatchExecuteStatementCommand({ Statements: several.map((one) => insertion(conversionItem(own, one))), ...REPORT }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(conversionKey, consistent, fc.boolean()).map(
      ([key, ConsistentRead, some]): Make =>
        (own) =>
          new GetCommand({
            TableName: names.conversions,
            Key: ownKey(own, key),
            ConsistentRead,
            // AWS charges for the whole row, whatever part of it is returned; the emulator charges for the returned part.
            ...(some ? { ProjectionExpression: 'became, revision' } : REPORT),
          }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.uniqueArray(conversionKey, { minLength: 1, maxLength: 5, selector: JSON.stringify }), consistent, fc.boolean())
      .map(
        ([keys, ConsistentRead, some]): Make =>
          (own) =>
            new BatchGetCommand({
              RequestItems: {
                [names.conversions]: {
                  Keys: keys.map((key) => ownKey(own, key)),
                  ConsistentRead,
                  ...(some && { ProjectionExpression: '#owner', ExpressionAttributeNames: { '#owner': 'owner' } }),
                },
              },
              ...(some ? {} : REPORT),
            }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        few,
        fc.constantFrom('', ' AND place <= :to', ' AND place BETWEEN :from AND :to', ' AND place >= :from'),
        limit,
        fc.boolean(),
        consistent,
        fc.boolean(),
      )
      .map(
        ([owner, range, Limit, forward, ConsistentRead, filtered]): Make =>
          (own) =>
            new QueryCommand({
              TableName: names.conversions,
              KeyConditionExpression: `#owner = :owner${range}`,
              ExpressionAttributeNames: { '#owner': 'owner', ...(filtered && { '#f0': 'status' }) },
              ExpressionAttributeValues: {
                ':owner': own(owner),
                ...(range.includes(':from') && { ':from': 'a' }),
                ...(range.includes(':to') && { ':to': 'b' }),
                ...(filtered && { ':f0_0': 'held', ':f0_1': 'approved' }),
              },
              ...(filtered && { FilterExpression: '#f0 IN (:f0_0, :f0_1) AND attribute_exists(revision)' }),
              ScanIndexForward: forward,
              ConsistentRead,
              Limit,
              ...REPORT,
            }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        few,
        fc.constantFrom(['by-partner', 'partner_shard', 'listed_at'], ['due', 'due_shard', 'due_at']),
        limit,
        fc.boolean(),
        fc.boolean(),
      )
      .map(
        ([shard, [IndexName, partition, sort], Limit, forward, bound]): Make =>
          (own) =>
            new QueryCommand({
              TableName: names.conversions,
              IndexName,
              KeyConditionExpression: `${partition} = :shard${bound ? ` AND ${sort} <= :now` : ''}`,
              ExpressionAttributeValues: { ':shard': own(shard), ...(bound && { ':now': 'b' }) },
              ScanIndexForward: forward,
              Limit,
              ...REPORT,
            }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(few, maybe(fc.integer({ min: 1, max: 12 })), limit, consistent, fc.boolean()).map(
      ([account, before, Limit, ConsistentRead, forward]): Make =>
        (own) =>
          new QueryCommand({
            TableName: names.ledger,
            KeyConditionExpression: `#account = :account${before === undefined ? '' : ' AND entry < :before'}`,
            ExpressionAttributeNames: { '#account': 'account' },
            ExpressionAttributeValues: { ':account': own(account), ...(before !== undefined && { ':before': before }) },
            ScanIndexForward: forward,
            ConsistentRead,
            Limit,
            ...REPORT,
          }),
    ),
  },
);

/** The result of a command in words: answers, units, and errors with their reasons. Error messages are not compared. */
async function outcomeOf(perform: () => unknown): Promise<unknown> {
  try {
    return plain(await perform());
  } catch (error) {
    const {
      name,
      CancellationReasons: reasons = [],
      Item,
    } = error as { name: string; CancellationReasons?: { Code?: string; Item?: unknown }[]; Item?: unknown };
    return plain({ thrown: name, reasons: reasons.map((reason) => ({ Code: reason.Code, Item: reason.Item })), Item });
  }
}

/** The parts of an answer that our code reads, and its cost. */
function plain(answer: unknown): unknown {
  const { $metadata: _, ConsumedCapacity, ...rest } = answer as Record<string, unknown>;
  const units = [ConsumedCapacity ?? []].flat() as { TableName: string; CapacityUnits: number }[];
  const told = JSON.parse(
    JSON.stringify({ ...rest, units: units.map(({ TableName, CapacityUnits }) => `${TableName} ${CapacityUnits}`).sort() }, sorted),
  ) as { Responses?: Record<string, object[]> };
  // Rows of a batch have no order.
  for (const rows of Object.values(told.Responses ?? {})) rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return told;
}

/** Attributes have no order. */
function sorted(_: string, member: unknown): unknown {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
  return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('the store of the simulation', () => {
  test('answers, stores, charges and refuses the same as the emulator', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { minLength: 1, maxLength: 25 }), async (sequence) => {
        runs += 1;
        const own = (key: string) => `${runs}-${key}`;
        for (const make of sequence) {
          const command = make(own);
          const expected = await outcomeOf(() => real.send(command as never));
          expect({
            command: command.constructor.name,
            input: (command as GetCommand).input,
            came: await outcomeOf(async () => simulated.perform(make(own))),
          }).toEqual({
            command: command.constructor.name,
            input: (command as GetCommand).input,
            came: expected,
          });
        }
      }),
      { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 150), seed: Number(process.env['SEED'] ?? 18), endOnFailure: false },
    );
  }, 120_000);
});
