import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { having, type Listing, listShards, type Position, type Row } from '../../../functions/adapters/dynamo/listing.ts';

type Stored = Row & { readonly shard: string; readonly id: string; readonly colour: string };

/** A table that answers queries like DynamoDB, with one shard per partition: newest first, and limits are applied before filters. */
class FakeTable {
  rowsRead = 0;
  private readonly rows: readonly Stored[];

  constructor(rows: readonly Stored[]) {
    this.rows = rows;
  }

  readonly client = {
    send: async ({ input }: { input: QueryCommandInput }) => {
      const values = input.ExpressionAttributeValues ?? {};
      const condition = input.KeyConditionExpression ?? '';
      const [lower, upper] = [values[':lower'], values[':upper']];
      const inRange = (id: string) =>
        condition.includes('< :lower') ? id < lower : (lower === undefined || id >= lower) && (upper === undefined || id <= upper);
      const start = input.ExclusiveStartKey?.['id'];
      const wanted = this.rows
        .filter(({ shard, id }) => shard === values[':partition'] && inRange(id) && (start === undefined || id < start))
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const page = wanted.slice(0, input.Limit);
      this.rowsRead += page.length;
      return {
        Items: page.filter(({ colour }) => input.FilterExpression === undefined || colour === values[':f0_0']),
        ScannedCount: page.length,
        ...(page.length === input.Limit && { LastEvaluatedKey: page.at(-1) }),
      };
    },
  } as unknown as DynamoDBDocumentClient;
}

const shards = ['0', '1', '2', '3', '4', '5', '6', '7'];
const idOf = (number: number) => String(number).padStart(6, '0');
const base: Omit<Listing, 'limit'> = { table: 'T', partition: 'shard', shards, sort: 'id' };

async function readAll(client: DynamoDBDocumentClient, listing: Listing): Promise<{ ids: unknown[]; pages: number[] }> {
  const ids: unknown[] = [];
  const pages: number[] = [];
  let after: Position | undefined = listing.after;
  do {
    const page = await listShards(client, { ...listing, after });
    ids.push(...page.rows.map((row) => row['id']));
    pages.push(page.rows.length);
    after = page.next;
  } while (after !== undefined && pages.length < 1_000);
  return { ids, pages };
}

describe('a list over shards', () => {
  test('pages through every row once, newest first, whatever the shards, bounds and filter', async () => {
    const row = fc.record({
      number: fc.integer({ min: 0, max: 400 }),
      shard: fc.constantFrom(...shards),
      colour: fc.constantFrom('red', 'blue'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { maxLength: 200, selector: ({ number }) => number }),
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
        fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
        fc.option(fc.constant('red'), { nil: undefined }),
        async (made, limit, from, to, colour) => {
          const table = new FakeTable(made.map(({ number, ...rest }) => ({ ...rest, id: idOf(number) })));
          const { ids, pages } = await readAll(table.client, {
            ...base,
            limit,
            ...(from !== undefined && { from: idOf(from) }),
            ...(to !== undefined && { to: idOf(to) }),
            filter: having({ colour }),
          });
          const expected = made
            .filter(
              (one) =>
                (from === undefined || one.number >= from) &&
                (to === undefined || one.number <= to) &&
                (colour === undefined || one.colour === colour),
            )
            .map(({ number }) => idOf(number))
            .sort()
            .reverse();
          expect(ids).toEqual(expected);
          expect(pages.slice(0, -1).every((length) => length === limit)).toBe(true);
        },
      ),
    );
  });

  test('shows rows that share a sort key once each, even across the end of a page', async () => {
    const rows = shards.flatMap((shard, index) => [
      { shard, id: idOf(500), colour: `of ${index}` },
      { shard, id: idOf(index), colour: 'red' },
    ]);
    const table = new FakeTable(rows);
    for (const limit of [1, 2, 3, 5, 7]) {
      const { ids } = await readAll(table.client, { ...base, limit });
      expect(ids).toEqual([...shards.map(() => idOf(500)), ...shards.map((_, index) => idOf(shards.length - 1 - index))]);
    }
  });

  test('reads little more than it shows', async () => {
    const many = Array.from({ length: 20_000 }, (_, number) => ({ shard: String((number * 7) % 8), id: idOf(number), colour: 'red' }));
    const table = new FakeTable(many);
    const { rows } = await listShards(table.client, { ...base, limit: 50 });
    expect(rows).toHaveLength(50);
    expect(table.rowsRead).toBeLessThan(200);
  });

  test('answers with a short page and continues later if hardly anything passes the filter', async () => {
    const many = Array.from({ length: 40_000 }, (_, number) => ({
      shard: String(number % 8),
      id: idOf(number),
      colour: number % 13_000 === 7 ? 'blue' : 'red',
    }));
    const table = new FakeTable(many);
    const first = await listShards(table.client, { ...base, limit: 50, filter: having({ colour: 'blue' }) });
    expect(first.next).toBeDefined();
    expect(table.rowsRead).toBeLessThan(20_000);
    const { ids } = await readAll(table.client, { ...base, limit: 50, filter: having({ colour: 'blue' }) });
    expect(ids).toEqual([39_007, 26_007, 13_007, 7].map(idOf));
  });

  test('is empty if the bounds are in the wrong order', async () => {
    const table = new FakeTable([{ shard: '0', id: idOf(5), colour: 'red' }]);
    expect(await listShards(table.client, { ...base, limit: 5, from: idOf(9), to: idOf(1) })).toEqual({ rows: [], next: undefined });
  });
});
