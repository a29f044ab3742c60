import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import * as z from 'zod/mini';
import { budgets } from '../../domain/byte-budget.ts';
import { quarterMs } from '../../domain/statistics/calendar.ts';
import { type Counter, counterKey, counterNames } from '../../domain/statistics/counter.ts';
import { count } from './item.ts';
import { queryAll } from './query-all.ts';

/** Days that are over, each with all its counters in a few compressed rows instead of thousands. Days are epoch milliseconds, UTC. */
export interface ClosedDays {
  /** The counters of a day; `undefined` when nobody has closed it. */
  find(day: number): Promise<readonly Counter[] | undefined>;
  keep(day: number, counters: readonly Counter[]): Promise<void>;
}

/** The most counters of one row. */
const perRow = 10_000;
const partRow = z.object({ parts: count, counters: z.instanceof(Uint8Array) });
const packed = z.array(
  z.tuple([z.number(), z.string(), z.string(), z.string(), z.string(), z.array(z.tuple([z.enum(counterNames), z.string()]))]),
);
const [compress, inflate] = [promisify(gzip), promisify(gunzip)];

export function createClosedDays(client: DynamoDBDocumentClient, table: string): ClosedDays {
  return {
    async find(day) {
      const rows = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'day_shard = :day',
        ExpressionAttributeValues: { ':day': partitionOf(day) },
      });
      const parts = rows.map((row) => z.parse(partRow, row));
      if (parts.length === 0 || parts.length !== parts[0]?.parts) return undefined;
      return (await Promise.all(parts.map(({ counters }) => unpack(day, counters)))).flat();
    },

    async keep(day, counters) {
      // Two callers who close a day at the same time write the same rows.
      const sorted = [...counters].sort((a, b) => (counterKey(a) < counterKey(b) ? -1 : 1));
      const parts = Math.max(1, Math.ceil(sorted.length / perRow));
      const bodies = await Promise.all(
        Array.from({ length: parts }, (_, part) =>
          compress(JSON.stringify(sorted.slice(part * perRow, (part + 1) * perRow).map(pack(day)))),
        ),
      );
      // A day that does not fit is read from its rows each time.
      if (bodies.some(({ length }) => length > budgets.fullRow)) return;
      await Promise.all(
        bodies.map((body, part) =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: { day_shard: partitionOf(day), counter: String(part) },
              UpdateExpression: 'SET parts = :parts, counters = :counters',
              ExpressionAttributeValues: { ':parts': parts, ':counters': body },
            }),
          ),
        ),
      );
    },
  };
}

function partitionOf(day: number): string {
  return `day#${new Date(day).toISOString().slice(0, 10)}`;
}

function pack(day: number): (counter: Counter) => z.input<typeof packed>[number] {
  return ({ at, publisher, partner, offer, currency, counts }) => [
    (at - day) / quarterMs,
    publisher,
    partner,
    offer,
    currency,
    [...counts].map(([name, amount]) => [name, amount.toFixed()]),
  ];
}

async function unpack(day: number, body: Uint8Array): Promise<Counter[]> {
  const text = (await inflate(body)).toString('utf8');
  return z.parse(packed, JSON.parse(text)).map(([quarter, publisher, partner, offer, currency, counts]) => ({
    at: day + quarter * quarterMs,
    publisher,
    partner,
    offer,
    currency,
    counts: new Map(counts.map(([name, amount]) => [name, new Big(amount)])),
  }));
}
