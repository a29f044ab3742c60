import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createNewRows } from '../../../functions/adapters/dynamo/new-rows.ts';
import { startDynamoEmulator } from '../../../lib/local/dynamo-emulator.ts';
import { directClient, makeTables } from '../../support/faults/tables.ts';

let client: DynamoDBDocumentClient;
let table: string;
let stop: () => Promise<void>;
let write: ReturnType<typeof createNewRows>;
const asked: string[] = [];
/** The numbers of the next request's statements that the table cannot take. */
let busy: readonly number[] = [];
/** Whether the next request fails as a whole. */
let broken = false;

beforeAll(async () => {
  const emulator = await startDynamoEmulator();
  const made = await makeTables(emulator.endpoint, '');
  table = made.names.deliveries;
  client = directClient(emulator.endpoint, made.region);
  stop = () => emulator.stop();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        asked.push(commandName.replace('Command', ''));
        if (broken) throw new Error('no answer');
        const input = args.input as { Statements?: object[] };
        if (input.Statements === undefined || busy.length === 0) return next(args);
        const Statements = input.Statements.filter((_, index) => !busy.includes(index));
        const answer = await next({ ...args, input: { Statements } as never });
        const done = (answer.output as unknown as { Responses: object[] }).Responses.values();
        const Responses = input.Statements.map((_, index) =>
          busy.includes(index) ? { Error: { Code: 'ThrottlingError' } } : done.next().value,
        );
        return { ...answer, output: { ...answer.output, Responses } };
      },
    { step: 'initialize', priority: 'low' },
  );
}, 60_000);
afterAll(async () => {
  client.destroy();
  await stop();
});
beforeEach(() => {
  asked.length = 0;
  busy = [];
  broken = false;
  write = createNewRows(client, table, 'delivery_id');
});

const row = (id: string, log = 'first') => ({ shard: '0', delivery_id: id, log_id: log, attempts: [{ code: 'ok', duration_ms: 3 }] });
const logOf = async (id: string) =>
  (await client.send(new GetCommand({ TableName: table, Key: { shard: '0', delivery_id: id } }))).Item?.['log_id'];

describe('new rows that come within a moment', () => {
  test('are written in one request, and each caller learns whether its row was new; existing rows stay as they were', async () => {
    expect(await write(row('there'))).toBe(true);
    asked.length = 0;
    expect(await Promise.all([write(row('a')), write(row('there', 'second')), write(row('b'))])).toEqual([true, false, true]);
    expect(asked).toEqual(['BatchExecuteStatement']);
    expect(await Promise.all(['a', 'there', 'b'].map(logOf))).toEqual(['first', 'first', 'first']);
  });

  test('are written once more, alone, if the table could not take them with the others', async () => {
    busy = [1];
    expect(await Promise.all([write(row('c')), write(row('d')), write(row('e'))])).toEqual([true, true, true]);
    expect(asked).toEqual(['BatchExecuteStatement', 'PutItem']);
    expect(await logOf('d')).toBe('first');
  });

  test('are written once if two have the same key', async () => {
    const results = await Promise.all([write(row('f', 'one')), write(row('g')), write(row('f', 'two'))]);
    expect(results.filter(Boolean)).toHaveLength(2);
    expect(results[1]).toBe(true);
    expect(await logOf('f')).toBe(results[0] ? 'one' : 'two');
  });

  test('all fail when their request does, and are written when they come again', async () => {
    broken = true;
    const results = await Promise.allSettled([write(row('h')), write(row('i'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await Promise.all([write(row('h')), write(row('i'))])).toEqual([true, true]);
  });

  test('are no more than 25 in a request', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    expect(await Promise.all(ids.map((id) => write(row(id))))).toEqual(ids.map(() => true));
    expect(asked).toEqual(['BatchExecuteStatement', 'BatchExecuteStatement']);
  });

  test('one that comes alone is a plain write', async () => {
    expect(await write(row('alone'))).toBe(true);
    expect(await write(row('alone', 'second'))).toBe(false);
    expect(asked).toEqual(['PutItem', 'PutItem']);
    expect(await logOf('alone')).toBe('first');
  });
});
