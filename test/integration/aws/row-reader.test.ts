import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRowReader } from '../../../functions/adapters/dynamo/row-reader.ts';
import { startDynamoEmulator } from '../../../lib/local/dynamo-emulator.ts';
import { directClient, makeTables, type TableNames } from '../../support/faults/tables.ts';

let client: DynamoDBDocumentClient;
let names: TableNames;
let stop: () => Promise<void>;
const asked: { readonly operation: string; readonly input: object }[] = [];
/** How many of the next answers contain only the row of the first key, and leave the others for later, as a busy table does. */
let busy = 0;

beforeAll(async () => {
  const emulator = await startDynamoEmulator();
  const made = await makeTables(emulator.endpoint, '');
  names = made.names;
  client = directClient(emulator.endpoint, made.region);
  stop = () => emulator.stop();
  await client.send(new PutCommand({ TableName: names.clicks, Item: { click_id: 'one', user_id: 'ann' } }));
  for (const place of ['a', 'b'])
    await client.send(new PutCommand({ TableName: names.conversions, Item: { owner: 'one', place, revision: 1 } }));
  client.middlewareStack.add(
    (next, { commandName: operation = '' }) =>
      async (args) => {
        const input = args.input as { RequestItems?: Record<string, { Keys: object[] }> };
        asked.push({ operation, input });
        if (busy === 0 || input.RequestItems === undefined) return next(args);
        busy -= 1;
        const [[table = '', { Keys, ...how }] = ['', { Keys: [] }], ...others] = Object.entries(input.RequestItems);
        const answer = await next({ ...args, input: { RequestItems: { [table]: { ...how, Keys: Keys.slice(0, 1) } } } as never });
        const left = [...(Keys.length > 1 ? [[table, { ...how, Keys: Keys.slice(1) }]] : []), ...others];
        return { ...answer, output: { ...answer.output, UnprocessedKeys: Object.fromEntries(left) } };
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
});

describe('rows that are read in one go', () => {
  const click = { click_id: 'one' };
  const at = (place: string) => ({ owner: 'one', place });

  test('are read in one request, each by its key, whatever the table and however often it is requested', async () => {
    const read = createRowReader(client);
    const found = await Promise.all([
      read(names.clicks, click),
      read(names.conversions, at('b'), { consistent: true }),
      read(names.conversions, at('a'), { consistent: true }),
      read(names.conversions, at('b'), { consistent: true }),
      read(names.conversions, at('missing'), { consistent: true }),
    ]);
    expect(found.map((row) => row?.['user_id'] ?? row?.['place'])).toEqual(['ann', 'b', 'a', 'b', undefined]);
    expect(asked.map(({ operation }) => operation)).toEqual(['BatchGetItemCommand']);
    expect(asked[0]?.input).toMatchObject({
      RequestItems: {
        [names.clicks]: { Keys: [click], ConsistentRead: false },
        [names.conversions]: { Keys: [at('b'), at('a'), at('missing')], ConsistentRead: true },
      },
    });
  });

  test('are also found when the table leaves some of them for later', async () => {
    busy = 2;
    const read = createRowReader(client);
    const found = await Promise.all([read(names.conversions, at('a')), read(names.conversions, at('b')), read(names.clicks, click)]);
    expect(found.map((row) => row?.['place'] ?? row?.['user_id'])).toEqual(['a', 'b', 'ann']);
    expect(asked).toHaveLength(3);
  });

  test('fail together, and later reads begin afresh', async () => {
    const read = createRowReader(client);
    const results = await Promise.allSettled([read('no-such-table', click), read(names.clicks, click)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read(names.clicks, click)).toMatchObject({ user_id: 'ann' });
  });

  test('are read by a plain request if there is only one', async () => {
    expect(await createRowReader(client)(names.clicks, { click_id: 'none' }, { consistent: true })).toBeUndefined();
    expect(asked.map(({ operation }) => operation)).toEqual(['GetItemCommand']);
  });
});
