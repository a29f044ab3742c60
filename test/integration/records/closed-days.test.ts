import { DeleteCommand, type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { addToCounter, type CounterKey, type Shard } from '../../../functions/adapters/dynamo/statistics.ts';
import { createStatisticsReader } from '../../../functions/adapters/dynamo/statistics-reader.ts';
import { dayMs } from '../../../functions/domain/statistics/calendar.ts';
import type { Counter, CounterName } from '../../../functions/domain/statistics/counter.ts';
import { putRows, type Row } from '../../bench/put-rows.ts';
import { directClient, namesOf } from '../../support/faults/tables.ts';
import { LocalStack } from '../../support/local-stack.ts';
import { rowsOf } from '../../support/tables.ts';

let stack: LocalStack;
let client: DynamoDBDocumentClient;
let table: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  client = directClient(stack.system.endpoints.dynamodb, stack.system.region);
  table = namesOf(stack.system.tables.values()).statistics;
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

const count = async (key: CounterKey, shard: Shard, numbers: Partial<Record<CounterName, string>>): Promise<void> => {
  const additions = new Map(Object.entries(numbers).map(([name, number]) => [name as CounterName, new Big(number)]));
  const { Update } = addToCounter(table, key, shard, additions);
  if (Update === undefined) throw new Error('it is no update');
  await client.send(new UpdateCommand(Update));
};
/** The row of an hour in which 1.01 was counted in each quarter. */
const rowOfHour = (key: CounterKey): Row => {
  const quarters = [0, 1, 2, 3].map((quarter) =>
    addToCounter(table, { ...key, at: key.at + quarter * 900_000 }, 0, new Map([['upward', new Big(1)]])),
  );
  const names = quarters.map(({ Update }) => [Update?.ExpressionAttributeNames?.['#n0'] ?? '', 1.01]);
  return { table: 'Statistics', item: { ...quarters[0]?.Update?.Key, ...Object.fromEntries(names) } };
};
const read = async (from: number, to: number, now: number): Promise<Counter[]> => {
  const counters: Counter[] = [];
  expect(await createStatisticsReader(client, table, () => now).read(from, to, (counter) => counters.push(counter))).toBe(true);
  return counters;
};
const sum = (counters: readonly Counter[], name: CounterName): string =>
  counters.reduce((total, { counts }) => total.plus(counts.get(name) ?? 0), new Big(0)).toFixed();
const closed = async (day: string) => (await rowsOf(stack, 'Statistics')).filter(({ day_shard }) => day_shard === `day#${day}`);

describe('a day that is over', () => {
  const day = Date.parse('2026-03-05T00:00:00Z');
  const key = { publisher: 'p', partner: 'a', offer: 'o', currency: 'USD' };

  test('is closed by the first request for it, with every quarter exact, and what is processed again later still counts', async () => {
    for (const shard of [0, 3, 7]) await count({ ...key, at: day + 900_000 }, shard, { upward: '0.100001', approved: '1' });
    await count({ ...key, at: day + 23.75 * 3_600_000 }, 1, { taken_back: '-12345678.123456', reversed: '1' });
    await count({ partner: 'a', at: day }, 2, { error: '2' });
    await count({ publisher: 'p#second', at: day }, 2, { delivered: '4' });
    await count({ publisher: 'p', at: day }, 2, { delivered: '1' });

    const beforeItIsClosed = await read(day, day + dayMs, day + dayMs);
    expect(await closed('2026-03-05')).toHaveLength(0);
    const closing = await read(day, day + dayMs, day + 2 * dayMs);
    expect(await closed('2026-03-05')).toHaveLength(1);
    const again = await read(day, day + dayMs, day + 2 * dayMs);
    for (const counters of [beforeItIsClosed, closing, again]) {
      expect(
        ['upward', 'approved', 'taken_back', 'reversed', 'error', 'delivered'].map((name) => sum(counters, name as CounterName)),
      ).toEqual(['0.300003', '3', '-12345678.123456', '1', '2', '5']);
    }
    expect(sum(await read(day + 900_000, day + 1_800_000, day + 2 * dayMs), 'upward')).toBe('0.300003');
    expect(await read(day + 1_800_000, day + 23.75 * 3_600_000, day + 2 * dayMs)).toEqual([]);
    expect(new Set(again.map(({ publisher }) => publisher))).toEqual(new Set(['p', '']));

    await count({ partner: 'a', at: day }, 'again', { error: '-1', held: '1' });
    const corrected = await read(day, day + dayMs, day + 2 * dayMs);
    expect([sum(corrected, 'error'), sum(corrected, 'held')]).toEqual(['1', '1']);
  });

  test('on which nothing happened is closed too', async () => {
    const empty = Date.parse('2026-03-07T00:00:00Z');
    expect(await read(empty, empty + dayMs, empty + 2 * dayMs)).toEqual([]);
    expect(await closed('2026-03-07')).toHaveLength(1);
    expect(await read(empty, empty + dayMs, empty + 2 * dayMs)).toEqual([]);
  });

  test('with very many counters takes several rows, and is closed again if one of them is missing', async () => {
    const busy = Date.parse('2026-03-09T00:00:00Z');
    const keys = Array.from({ length: 24 * 110 }, (_, at) => ({
      ...key,
      offer: `o${at % 110}`,
      at: busy + Math.floor(at / 110) * 3_600_000,
    }));
    await putRows(stack.system, keys.map(rowOfHour).values());
    const total = new Big('1.01').times(24 * 4 * 110).toFixed();
    expect(sum(await read(busy, busy + dayMs, busy + 2 * dayMs), 'upward')).toBe(total);
    const parts = await closed('2026-03-09');
    expect(parts).toHaveLength(2);
    await client.send(new DeleteCommand({ TableName: table, Key: { day_shard: parts[0]?.['day_shard'], counter: parts[0]?.['counter'] } }));
    expect(sum(await read(busy, busy + dayMs, busy + 2 * dayMs), 'upward')).toBe(total);
    expect(await closed('2026-03-09')).toHaveLength(2);
    expect(sum(await read(busy, busy + dayMs, busy + 2 * dayMs), 'upward')).toBe(total);
  });
});
