import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { clickId } from '../../functions/adapters/dynamo/click-store.ts';
import type { Conversion } from '../../functions/domain/conversion.ts';
import type { Delivery } from '../../functions/domain/delivery/delivery.ts';
import type { LedgerEntry } from '../../functions/domain/ledger.ts';
import { type AccountChain, type Records, reconcile } from '../../functions/domain/reconcile.ts';
import { findGaps } from '../../functions/domain/reconciling/find-gaps.ts';
import { gapKinds } from '../../functions/domain/reconciling/gap.ts';
import { offerId, partnerId, publisherId } from '../../functions/runtime/ids.ts';

const at = '2026-05-01T10:00:00.000Z';
const now = Date.parse(at) + 3_600_000;
const graceMs = 900_000;

/** A conversion of 5.00 at 80%, approved, settled and delivered. */
const conversion: Conversion = {
  conversion_id: 'CLK-1.complete',
  revision: 2,
  partner_id: partnerId.parse('par'),
  publisher_id: publisherId.parse('pub'),
  offer_id: offerId.parse('off'),
  click_id: clickId.parse('CLK-1'),
  event: 'complete',
  user_id: 'ann',
  status: 'approved',
  currency: 'USD',
  default_currency: 'USD',
  matched_by: 'click_id',
  listed_at: 'log-1',
  created_at: at,
  click: {},
  statements: [{ verdict: 'accepted', status: 'approved', log_id: 'log-1', at, amount: new Big('5'), transaction_id: 'tx' }],
  settlements: [{ payout: new Big('4'), points: new Big('4'), at, sequence: 1, deliveries: [{ delivery_id: 'del-1' }] }],
  terms: { rule: 'percent', value: new Big(80), source: 'offer', exchangeRate: new Big(1), currency: 'USD' },
  credited: { upward: new Big('5'), payout: new Big('4'), points: new Big('4') },
};
const entry: LedgerEntry = {
  entry: 1,
  points: new Big('4'),
  balance: new Big('4'),
  payout: new Big('4'),
  currency: 'USD',
  conversion_id: conversion.conversion_id,
  log_id: 'log-1',
  status: 'approved',
  at,
};
const delivery: Delivery = {
  delivery_id: 'del-1',
  publisher_id: conversion.publisher_id,
  conversion_id: conversion.conversion_id,
  step: 0,
  log_id: 'log-1',
  status: 'delivered',
  attempts: [],
  created_at: at,
};
const logged = { log_id: 'log-1', result: 'accepted', conversion_id: conversion.conversion_id, received_at: at } as const;
const account: AccountChain = { account: { publisher: conversion.publisher_id, user: 'ann' }, entries: [entry], cut: false };

/** Records without gaps, except for the given changes. */
function records(changes: {
  log?: Records['log'];
  conversion?: Partial<Conversion> | undefined;
  accounts?: Records['accounts'];
  delivery?: Partial<Delivery> | 'none';
  deliveryWatched?: boolean;
}): Records {
  const { log = [logged], accounts = [account], delivery: changed = {}, deliveryWatched = false } = changes;
  return {
    log,
    conversions: 'conversion' in changes && changes.conversion === undefined ? [] : [{ ...conversion, ...changes.conversion }],
    accounts,
    deliveries: changed === 'none' ? [] : [{ row: { ...delivery, ...changed }, watched: deliveryWatched }],
  };
}

const open = { settlements: [], credited: { upward: new Big(0), payout: new Big(0), points: new Big(0) }, terms: undefined } as const;
const chainOf = (...entries: LedgerEntry[]): Records['accounts'] => [{ ...account, entries }];

const wrongs: readonly [keyof typeof gapKinds, string, Records][] = [
  ['conversion_missing', 'an accepted postback without a conversion', records({ conversion: undefined, accounts: [], delivery: 'none' })],
  ['step_missing', 'an accepted postback that its conversion does not know', records({ log: [logged, { ...logged, log_id: 'log-2' }] })],
  ['log_missing', 'a step whose postback is not in the log', records({ log: [] })],
  ['log_differs', 'a step whose postback counts as a duplicate', records({ log: [{ ...logged, result: 'duplicate' }] })],
  ['unsettled', 'a step that has not been settled for an hour', records({ conversion: open, accounts: [], delivery: 'none' })],
  [
    'unwatched',
    'a failing delivery that the sweeper would not find',
    records({ delivery: { status: 'failing', next_attempt_at: '2026-05-02T00:00:00Z' } }),
  ],
  ['unwatched', 'a held delivery that nobody would release', records({ delivery: { status: 'held' } })],
  ['wrong_amount', 'more than the steps are worth', records({ conversion: { credited: { ...conversion.credited, points: new Big(5) } } })],
  ['wrong_amount', 'a credit without terms', records({ conversion: { terms: undefined } })],
  ['ledger_broken', 'a missing entry', records({ accounts: chainOf({ ...entry, entry: 2 }) })],
  ['ledger_broken', 'a balance that is not the sum', records({ accounts: chainOf({ ...entry, balance: new Big(40) }) })],
  ['ledger_differs', 'a credit that is not in the ledger', records({ accounts: [] })],
  [
    'ledger_differs',
    "a credit in another user's ledger",
    records({ accounts: [{ ...account, account: { ...account.account, user: 'ben' } }] }),
  ],
  ['credited_again', 'two entries for one change', records({ accounts: chainOf(entry, { ...entry, entry: 2, balance: new Big(8) }) })],
  [
    'entry_unexplained',
    'an entry of a conversion that is not there',
    records({ accounts: chainOf(entry, { ...entry, entry: 2, balance: new Big(8), conversion_id: 'CLK-2.complete' }) }),
  ],
  ['delivery_overdue', 'a delivery that has not been attempted for an hour', records({ delivery: 'none' })],
  [
    'delivery_overdue',
    'a retry that was due half an hour ago',
    records({ delivery: { status: 'failing', next_attempt_at: '2026-05-01T10:30:00Z' }, deliveryWatched: true }),
  ],
  ['delivery_unexplained', 'a delivery that its conversion does not know', records({ delivery: { delivery_id: 'del-2' } })],
];

const kindsOf = (found: Records, whole = true) => reconcile(found, { now, graceMs, whole }).map(({ kind }) => kind);

describe('the reconciler', () => {
  test('finds nothing in correct records', () => {
    expect(kindsOf(records({}))).toEqual([]);
  });

  test.each(wrongs)('%s: %s', (kind, _, found) => {
    expect(kindsOf(found)).toContain(kind);
  });

  test('finds every kind of gap in one of these cases', () => {
    expect([...new Set(wrongs.map(([kind]) => kind))].toSorted()).toEqual(Object.keys(gapKinds).toSorted());
  });

  test('reports no gap for work that is not overdue', () => {
    const young = { now: Date.parse(at) + 1_000, graceMs, whole: true };
    expect(reconcile(records({ conversion: open, accounts: [], delivery: 'none' }), young)).toEqual([]);
  });

  test('says nothing about conversions outside of the given time', () => {
    const other = { ...entry, entry: 2, balance: new Big(8), conversion_id: 'CLK-2.complete', log_id: 'log-2' };
    expect(kindsOf(records({ accounts: chainOf(entry, other) }), false)).toEqual([]);
  });
});

describe('a chain of which only the newest entries were read', () => {
  const newer = {
    ...entry,
    entry: 41,
    balance: new Big(104),
    at: '2026-05-01T10:00:05.000Z',
    conversion_id: 'CLK-9.complete',
    log_id: 'log-9',
  };
  const cut = (...entries: LedgerEntry[]): Records['accounts'] => [{ ...account, entries, cut: true }];

  test('says nothing about a conversion whose entries may be older', () => {
    expect(kindsOf(records({ accounts: cut(newer) }), false)).toEqual([]);
  });

  test('reports a conversion that should be among them and is not', () => {
    const later = {
      ...conversion.settlements[0],
      payout: new Big(4),
      points: new Big(4),
      at: '2026-05-01T10:00:06.000Z',
      deliveries: [{ delivery_id: 'del-1' }],
    };
    expect(kindsOf(records({ conversion: { settlements: [later] }, accounts: cut(newer) }), false)).toEqual(['ledger_differs']);
  });

  test('is checked from link to link', () => {
    const next = { ...newer, entry: 42, balance: new Big(108) };
    expect(kindsOf(records({ accounts: cut(newer, next) }), false)).not.toContain('ledger_broken');
    expect(kindsOf(records({ accounts: cut(newer, { ...next, balance: new Big(109) }) }), false)).toContain('ledger_broken');
    expect(kindsOf(records({ accounts: cut(newer, { ...next, entry: 43 }) }), false)).toContain('ledger_broken');
  });
});

test('a difference that was only seen while the system was writing is no gap', async () => {
  const readings = [records({ accounts: [] }), records({})];
  const read = async (): Promise<Records> => readings.shift() ?? records({});
  expect((await findGaps(read, { now, graceMs, whole: true })).gaps).toEqual([]);
  const broken = async (): Promise<Records> => records({ accounts: [] });
  expect((await findGaps(broken, { now, graceMs, whole: true })).gaps.map(({ kind }) => kind)).toEqual(['ledger_differs']);
});
