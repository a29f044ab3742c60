import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import * as z from 'zod/mini';
import type { Settlement } from '../../domain/conversion.ts';
import { checkedTail } from '../../domain/ledger.ts';
import { zero } from '../../domain/money.ts';
import type { Books, ReadySettlement } from '../../domain/settling/ports.ts';
import { unlessChanged } from './conditions.ts';
import { listedAttributes } from './conversion-row.ts';
import { toAttribute, toItem } from './item.ts';
import { accountKey, linkRow } from './ledger-row.ts';
import { readConversion } from './read-conversion.ts';
import { addToCounter, type CounterKey, counterName } from './statistics.ts';
import { commit, type Write } from './transactions.ts';

export interface BookTables {
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
  const read = (id: string, consistent: boolean) => readConversion(client, tables.conversions, id, consistent);

  return {
    async conversion(id, steps) {
      // The message says how far the row must be: a cheap read is enough unless it is behind.
      const cheap = Number.isFinite(steps) ? await read(id, false) : undefined;
      return cheap !== undefined && cheap.steps.length >= steps ? cheap : read(id, true);
    },

    async finish(conversion) {
      await unlessChanged(() =>
        client.send(
          new UpdateCommand({
            TableName: tables.conversions,
            Key: { conversion_id: conversion.conversion_id },
            ConditionExpression: 'attribute_not_exists(outbox) AND size(steps) = size(settlements)',
            UpdateExpression: 'REMOVE due_shard, due_at',
          }),
        ),
      );
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
        ...settlements.map((settlement) => settledUpdate(tables.conversions, settlement, at)),
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
        ...counterWrites(tables.statistics, settlements, at, Math.floor(pickShard() * 1_000)),
      ];
      const done = await commit(client, writes);
      return done.committed;
    },
  };
}

/** The conversion's new state, on condition that it is what the settlement was computed from. */
function settledUpdate(table: string, { conversion, settled }: ReadySettlement, at: string): Write {
  const open = conversion.steps.length - conversion.settlements.length;
  const closed: readonly Settlement[] = Array.from({ length: open }, () => ({ payout: zero, points: zero, at }));
  const settlements = settled === 'held' ? closed : settled.settlements;
  const hints = settlements.flatMap(({ deliveries = [] }) => deliveries.map(({ delivery_id }) => delivery_id));
  const finished = hints.length === 0 && conversion.outbox.size === 0 && settlements.length === open;
  const first = conversion.settlements.length === 0;
  const set = [
    'settlements = list_append(if_not_exists(settlements, :none), :settlements)',
    'publisher_shard = :publisher',
    'time_shard = :time',
  ];
  if (settled === 'held') set.push('#status = :held', '#code = :code');
  else set.push('credited = :credited', 'terms = :terms');
  const listed = listedAttributes(conversion.publisher_id, conversion.listed_at);
  return {
    Update: {
      TableName: table,
      Key: { conversion_id: conversion.conversion_id },
      ConditionExpression: `size(steps) = :steps AND ${first ? 'attribute_not_exists(settlements)' : 'size(settlements) = :done'}`,
      UpdateExpression: `SET ${set.join(', ')}${hints.length > 0 ? ' ADD outbox :outbox' : ''}${finished ? ' REMOVE due_shard, due_at' : ''}`,
      ...(settled === 'held' ? { ExpressionAttributeNames: { '#status': 'status', '#code': 'code' } } : {}),
      ExpressionAttributeValues: {
        ':none': [],
        ':settlements': toAttribute(settlements),
        ':publisher': listed.publisher_shard,
        ':time': listed.time_shard,
        ':steps': conversion.steps.length,
        ...(first ? {} : { ':done': conversion.settlements.length }),
        ...(hints.length > 0 ? { ':outbox': new Set(hints) } : {}),
        ...(settled === 'held'
          ? { ':held': 'held', ':code': 'missing_payout' }
          : { ':credited': toAttribute(settled.credited), ':terms': toAttribute(settled.terms) }),
      },
    },
  };
}

/** One write per counter, however many conversions of the batch count on it. */
function counterWrites(table: string, settlements: readonly ReadySettlement[], at: string, shard: number): Write[] {
  const counters = new Map<string, { key: CounterKey; additions: Map<string, Big> }>();
  const add = (key: CounterKey, name: string, amount: Big): void => {
    if (amount.eq(0)) return;
    const counter = counters.get(counterName(key)) ?? { key, additions: new Map<string, Big>() };
    counter.additions.set(name, (counter.additions.get(name) ?? zero).plus(amount));
    counters.set(counterName(key), counter);
  };
  for (const { conversion, settled } of settlements) {
    if (settled === 'held') continue;
    const key = { day: at.slice(0, 10), partner: conversion.partner_id, publisher: conversion.publisher_id, offer: conversion.offer_id };
    for (const [index, credit] of settled.credits.entries()) {
      const step = conversion.steps[conversion.settlements.length + index];
      const upward = { ...key, currency: conversion.currency };
      if (!step?.early) add(upward, 'received_accepted', new Big(1));
      add(upward, `status_${credit.status}`, new Big(1));
      add(upward, 'upward', credit.upward);
      const downward = { ...key, currency: settled.terms.currency };
      add(downward, 'downward', credit.payout);
      add(downward, 'points', credit.points);
    }
  }
  return [...counters.values()].map(({ key, additions }) => addToCounter(table, key, shard, additions));
}
