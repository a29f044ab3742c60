import Big from 'big.js';
import { ulid } from 'ulid';
import { clickId as clickIdSchema } from '../../functions/adapters/dynamo/click-store.ts';
import { conversionItem } from '../../functions/adapters/dynamo/conversion-row.ts';
import { newDeliveryItem } from '../../functions/adapters/dynamo/delivery-row.ts';
import { toItem } from '../../functions/adapters/dynamo/item.ts';
import { accountKey } from '../../functions/adapters/dynamo/ledger-row.ts';
import { logItem } from '../../functions/adapters/dynamo/log-row.ts';
import type { Conversion } from '../../functions/domain/conversion.ts';
import type { LogEntry } from '../../functions/domain/log-entry.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import { offerId, partnerId, placementId, publisherId } from '../../functions/runtime/ids.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';
import type { Campaign } from '../support/local-stack.ts';
import { putRows, type Row } from './put-rows.ts';

/** How much is stored. The newest conversions have five log entries each, until the number of entries is reached. */
export interface Amounts {
  readonly conversions: number;
  readonly logs: number;
}

/** The owners of the records: every other conversion belongs to the second campaign. */
export interface Owners {
  readonly campaigns: readonly [Campaign, Campaign];
  /** Keys of the first campaign's partner, whose postbacks used them in turn. */
  readonly keyIds: readonly string[];
}

export interface Stored {
  /** A click of the first campaign in the middle, whose postbacks are in the log. */
  readonly clickId: string;
  /** The transaction of its conversion. */
  readonly transaction: string;
}

const logsPerConversion = 5;
const everyMs = 20;

/**
 * Stores settled and delivered conversions with the log, ledger, deliveries and audit that they would have left. The functions' own
 * adapters make the rows.
 */
export async function storeRecords(system: LocalSystem, owners: Owners, amounts: Amounts): Promise<Stored> {
  const conversions = conversionsOf(owners, amounts.conversions);
  await putRows(system, rowsOf(conversions, owners, amounts));
  const logged = conversions.slice(-Math.floor(amounts.logs / logsPerConversion));
  const one = logged[2 * Math.floor(logged.length / 4)];
  return { clickId: one?.click_id ?? '', transaction: one?.statements[0]?.transaction_id ?? '' };
}

const statuses = ['approved', 'approved', 'approved', 'pending', 'reversed'] as const;

function conversionsOf({ campaigns }: Owners, count: number): Conversion[] {
  const begin = Date.now() - count * everyMs;
  return Array.from({ length: count }, (_, index) => {
    const campaign = campaigns[index % 2 === 0 ? 0 : 1];
    const time = begin + index * everyMs;
    const at = new Date(time).toISOString();
    const clickId = clickIdSchema.parse(`CLK-${ulid(time)}`);
    const logId = ulid(time);
    const status = statuses[Math.floor(index / 2) % statuses.length] ?? 'approved';
    const amounts = { payout: new Big('4.00'), points: new Big('4.00') };
    return {
      conversion_id: `${clickId}.complete`,
      revision: 2,
      partner_id: partnerId.parse(campaign.partnerId),
      publisher_id: publisherId.parse(campaign.publisherId),
      placement_id: placementId.parse(campaign.placementId),
      offer_id: offerId.parse(campaign.offerId),
      click_id: clickId,
      event: 'complete',
      user_id: 'often',
      status,
      currency: 'USD',
      default_currency: 'USD',
      matched_by: 'click_id',
      listed_at: logId,
      created_at: at,
      click: { ip: '203.0.113.7', country: 'US' },
      statements: [{ verdict: 'accepted', status, log_id: logId, at, amount: new Big('5.00'), transaction_id: `T-${index}` }],
      settlements: [{ ...amounts, at, sequence: 1, deliveries: [{ delivery_id: ulid(time) }] }],
      terms: { rule: 'percent', value: new Big(80), source: 'offer', exchangeRate: new Big(1), currency: 'USD' },
      credited: { upward: new Big('5.00'), ...amounts },
    };
  });
}

function* rowsOf(conversions: readonly Conversion[], owners: Owners, { logs }: Amounts): Generator<Row> {
  const logged = Math.floor(logs / logsPerConversion);
  const entries = new Map<string, number>();
  for (const [index, conversion] of conversions.entries()) {
    const entry = (entries.get(conversion.publisher_id) ?? 0) + 1;
    entries.set(conversion.publisher_id, entry);
    yield { table: 'Conversions', item: conversionItem(conversion) };
    yield { table: 'Ledger', item: ledgerItem(conversion, entry) };
    yield { table: 'Deliveries', item: deliveryItem(conversion, index) };
    yield { table: 'Audit', item: auditItem(conversion, index) };
    if (index < conversions.length - logged) continue;
    const keyId = owners.keyIds[Math.floor(index / 2) % owners.keyIds.length] ?? '';
    for (const entryOfLog of logEntries(conversion, keyId)) yield { table: 'Postbacks', item: logItem(entryOfLog) };
  }
}

function ledgerItem(
  { publisher_id: publisher, user_id: user, conversion_id, listed_at, created_at }: Conversion,
  entry: number,
): Row['item'] {
  const amounts = { points: new Big('4.00'), balance: new Big('4.00').times(entry), payout: new Big('4.00') };
  const about = { conversion_id, log_id: listed_at ?? '', currency: 'USD', status: 'approved', at: created_at };
  return { ...toItem({ ...amounts, ...about, entry }), account: accountKey({ publisher, user }) };
}

function deliveryItem(
  { publisher_id, conversion_id, listed_at, created_at, click_id, settlements }: Conversion,
  index: number,
): Row['item'] {
  const url = `https://publisher.example/postback?click_id=${click_id}&points=4.00&payout=4.00&status=approved`;
  const isDead = Math.floor(index / 2) % 5 < 2;
  return newDeliveryItem(
    {
      delivery_id: settlements[0]?.deliveries[0]?.delivery_id ?? '',
      publisher_id,
      conversion_id,
      step: 0,
      log_id: listed_at ?? '',
      status: isDead ? 'dead' : 'delivered',
      attempts: [
        { at: created_at, code: isDead ? 'http_500' : 'http_200', http_status: isDead ? 500 : 200, duration_ms: 12, answer: 'OK' },
      ],
      sent: { method: 'GET', url, headers: { 'webhook-id': 'MSG', 'user-agent': 'postback-system' } },
      created_at,
      ...(isDead ? {} : { delivered_at: created_at }),
    },
    undefined,
  );
}

function auditItem({ conversion_id, listed_at: logId = '', created_at }: Conversion, index: number): Row['item'] {
  const action = index % 2 === 0 ? 'conversion.settled_by_hand' : 'delivery.resent';
  const entry = { audit_id: logId, at: created_at, by: 'deployment', action, kind: 'conversion', id: conversion_id };
  return { ...toItem({ ...entry, before: { status: 'held' }, after: { status: 'approved' } }), shard: shardOf(logId) };
}

/** What a partner sends about one click: the postback, two repetitions, a contradiction, and one that cannot be read. */
function logEntries(conversion: Conversion, keyId: string): LogEntry[] {
  const { partner_id, click_id, user_id: user, conversion_id, offer_id, listed_at = '', created_at, statements } = conversion;
  const transaction = statements[0]?.transaction_id ?? '';
  const query = `click_id=${click_id}&payout=5.00&transaction_id=${transaction}&status=approved&country=US&their_own=value`;
  const common = {
    partner_id,
    key_id: keyId,
    received_at: created_at,
    flags: [],
    click_id,
    offer_id,
    user_id: user,
    transaction_id: transaction,
    status: 'approved',
    payout: '5',
    currency: 'USD',
    event: 'complete',
    custom_data: { their_own: 'value' },
    raw: {
      method: 'GET',
      origin: 'https://postback.example.com',
      path: '/postback/{key}',
      query,
      headers: { host: 'postback.example.com', 'user-agent': 'partner/1.0', accept: '*/*' },
      source_address: '203.0.113.7',
    },
  };
  const later = (): string => ulid(Date.parse(created_at));
  return [
    { ...common, log_id: listed_at, result: 'accepted', conversion_id },
    { ...common, log_id: later(), result: 'duplicate', conversion_id },
    { ...common, log_id: later(), result: 'duplicate', conversion_id },
    { ...common, log_id: later(), result: 'held', code: 'conflict', payout: '6', conversion_id },
    { ...common, log_id: later(), result: 'error', code: 'invalid_payout', payout: undefined },
  ];
}
