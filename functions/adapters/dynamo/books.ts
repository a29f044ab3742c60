import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { checkedTail } from '../../domain/ledger.ts';
import { zero } from '../../domain/money.ts';
import type { Books, ReadySettlement } from '../../domain/settling/ports.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import { batchGet } from './batch-get.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { toItem } from './item.ts';
import { conversionWrite } from './journal.ts';
import { accountKey, linkRow } from './ledger-row.ts';
import { openMinute, sliceOf } from './open-minutes.ts';
import { readConversion } from './read-conversion.ts';
import { createPlainRowReader } from './row-reader.ts';
import { addToCounter, type CounterKey, counterName } from './statistics.ts';
import { commit, type Write } from './transactions.ts';

export interface BookTables {
  readonly postbacks: string;
  readonly conversions: string;
  readonly ledger: string;
  readonly statistics: string;
}

/**
 * Conversions, ledger and statistics for the processor.
 *
 * @param pickShard spreads counters; uniform in [0, 1).
 * @see Books
 */
export function createBooks(client: DynamoDBDocumentClient, tables: BookTables, pickShard: () => number): Books {
  const readRow = createPlainRowReader(client);
  const readAll = async (ids: readonly string[], consistent: boolean): Promise<readonly Conversion[]> => {
    const rows = await batchGet(client, tables.conversions, [...new Set(ids)].map(conversionKey), { consistent });
    return rows.flatMap((row) => z.safeParse(conversionRow, row).data ?? []);
  };

  return {
    conversion: (id) => readConversion(readRow, tables.conversions, id, true),

    async conversions(wanted) {
      // The message tells how far the row must be, so a cheap read is enough unless the row is behind.
      const cheap = await readAll(
        wanted.flatMap(({ id, revision }) => (revision === undefined ? [] : [id])),
        false,
      );
      const found = new Map(cheap.map((conversion) => [conversion.conversion_id, conversion]));
      const behind = wanted.filter(({ id, revision = Number.POSITIVE_INFINITY }) => (found.get(id)?.revision ?? 0) < revision);
      for (const conversion of await readAll(
        behind.map(({ id }) => id),
        true,
      ))
        found.set(conversion.conversion_id, conversion);
      return found;
    },

    async tail(account, consistent) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tables.ledger,
          KeyConditionExpression: '#account = :account',
          ExpressionAttributeNames: { '#account': 'account' },
          ExpressionAttributeValues: { ':account': accountKey(account) },
          ScanIndexForward: false,
          // Two entries cost what one does, and show whether the newest follows from the one before.
          Limit: 2,
          ConsistentRead: consistent,
        }),
      );
      const [newest, before] = Items.map((item) => z.parse(linkRow, item));
      return newest === undefined ? { entry: 0, balance: zero } : checkedTail(newest, before);
    },

    async commit(settlements, accounts, at) {
      const writes: Write[] = [
        ...settlements.map((settlement) => conversionWrite(tables.conversions, settledConversion(settlement))),
        ...accounts.flatMap(({ account, entries }) =>
          entries.map(
            (entry): Write => ({
              Put: {
                TableName: tables.ledger,
                Item: { ...toItem(entry), account: accountKey(account) },
                // Entries are numbered without gaps: two settlements that read the same tail cannot both append.
                ConditionExpression: 'attribute_not_exists(entry)',
              },
            }),
          ),
        ),
        ...reopened(tables.postbacks, settlements),
        ...counterWrites(tables.statistics, settlements, at, Math.floor(pickShard() * 1_000)),
      ];
      const done = await commit(client, writes);
      return done.committed;
    },
  };
}

/** One write for each slice, even if several hold periods that began in it end now: a transaction may write a row only once. */
function reopened(table: string, settlements: readonly ReadySettlement[]): Write[] {
  const slices = new Map(settlements.flatMap(({ releases }) => (releases === undefined ? [] : [[sliceOf(releases), releases] as const])));
  return [...slices.values()].map((logId) => openMinute(table, logId));
}

/** The conversion after this settlement. */
function settledConversion({ conversion, settled }: ReadySettlement): Conversion {
  const { settlements, credited, terms, held } = settled;
  return {
    ...conversion,
    revision: conversion.revision + 1,
    settlements: [...conversion.settlements, ...settlements],
    credited,
    terms,
    ...(held ? { status: 'held', code: 'missing_payout' } : {}),
  };
}

/** One write per counter, even if several conversions of the batch count on it. */
function counterWrites(table: string, settlements: readonly ReadySettlement[], at: string, shard: number): Write[] {
  const counters = new Map<string, { key: CounterKey; additions: Map<CounterName, Big> }>();
  const add = (key: CounterKey, name: CounterName, amount: Big): void => {
    if (amount.eq(0)) return;
    const counter = counters.get(counterName(key)) ?? { key, additions: new Map<CounterName, Big>() };
    counter.additions.set(name, (counter.additions.get(name) ?? zero).plus(amount));
    counters.set(counterName(key), counter);
  };
  const one = zero.plus(1);
  for (const { conversion, settled } of settlements) {
    const { partner_id: partner, publisher_id: publisher, offer_id: offer } = conversion;
    const key = { at: Date.parse(at), publisher, partner, offer };
    for (const credit of settled.credits) {
      const upward = { ...key, currency: conversion.currency };
      if (credit.received) add(upward, 'accepted', one);
      add(upward, credit.status, one);
      add(upward, 'upward', credit.upward);
      const downward = { ...key, currency: settled.terms.currency };
      add(downward, credit.payout.gt(0) ? 'earned' : 'taken_back', credit.payout);
      add(downward, credit.points.gt(0) ? 'points_earned' : 'points_taken_back', credit.points);
    }
  }
  return [...counters.values()].map(({ key, additions }) => addToCounter(table, key, shard, additions));
}
