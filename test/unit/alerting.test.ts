import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { type Alert, alertBody, type Cause, concerns } from '../../functions/domain/alerting/alert.ts';
import {
  capReached,
  deliveryDead,
  endpointFailing,
  endpointPaused,
  fileDiffers,
  partnerHeldRate,
  partnerReversalRate,
  partnerSignatureFailures,
  partnerSilent,
  type Recent,
  reconciliationGap,
} from '../../functions/domain/alerting/thresholds.ts';
import { type EndpointHealth, healthy } from '../../functions/domain/delivery/circuit.ts';
import type { Cap } from '../../functions/domain/settings.ts';
import { publisherId } from '../../functions/runtime/ids.ts';

const endpoint = { publisherId: 'P', postbackId: undefined };
const failures = (consecutive_failures: number): EndpointHealth => ({ consecutive_failures });
const minute = 60_000;
const hour = 60 * minute;
const quiet: Recent = { times: [], received: 0, held: 0, approved: 0, reversed: 0, signatureFailures: 0 };

describe('an endpoint', () => {
  test.each([
    [8, 9, false],
    [9, 10, true],
    [9, 12, true],
    [10, 11, false],
    [12, 0, false],
  ])('that had %i failures in a row and has %i: %s', (before, after, isTold) => {
    expect(endpointFailing(failures(before), failures(after), endpoint) !== undefined).toBe(isTold);
  });

  test('that failed ten times is named with its failure', () => {
    const last = { at: 0, delivery_id: 'D', code: 'http_500' };
    const cause = endpointFailing(failures(9), { ...failures(10), last_failure: last }, { publisherId: 'P', postbackId: 'deposits' });
    expect(cause?.says).toBe('The postback deposits of publisher P has failed 10 times in a row, last with http_500.');
    expect([cause?.page, cause?.publisher_id]).toEqual(['publishers/P', 'P']);
  });

  test.each([
    ['gone', true],
    ['failing', true],
    ['manual', false],
  ] as const)('that is paused as %s: %s', (reason, isTold) => {
    expect(endpointPaused(healthy, { ...healthy, paused: { at: 0, reason } }, endpoint) !== undefined).toBe(isTold);
  });

  test('that was paused before raises nothing', () => {
    const paused = { ...healthy, paused: { at: 0, reason: 'gone' } } as const;
    expect(endpointPaused(paused, paused, endpoint)).toBeUndefined();
  });

  test('raises an alert about a dead delivery with the number of attempts and a link', () => {
    expect(deliveryDead('D-1', 10, 'timeout', endpoint)).toMatchObject({
      says: 'A delivery to the endpoint of publisher P was given up after 10 attempts, the last with timeout.',
      page: 'deliveries/D-1',
    });
  });
});

describe('a partner', () => {
  const every = (gap: number, newest: number, count = 20): Recent => ({
    ...quiet,
    times: Array.from({ length: count }, (_, index) => newest - index * gap),
  });

  test.each<[string, Recent, number, boolean]>([
    ['is silent for less than an hour', every(minute, 0), 59 * minute, false],
    ['is silent for over an hour and three gaps', every(minute, 0), 61 * minute, true],
    ['is silent for over an hour, which is usual', every(hour, 0), 2 * hour, false],
    ['is silent for over three times the usual gap', every(hour, 0), 3 * hour + 1, true],
    ['has sent too little to have a usual gap', every(minute, 0, 9), 10 * hour, false],
    ['has sent nothing ever', quiet, 10 * hour, false],
  ])('that %s', (_what, recent, now, isTold) => {
    expect(partnerSilent('A', recent, now) !== undefined).toBe(isTold);
  });

  test.each<[string, Partial<Recent>, boolean]>([
    ['4 of 20 held', { received: 20, held: 4 }, true],
    ['3 of 20 held', { received: 20, held: 3 }, false],
    ['10 of 19 held', { received: 19, held: 10 }, false],
  ])('%s', (_what, recent, isTold) => {
    expect(partnerHeldRate('A', { ...quiet, ...recent }) !== undefined).toBe(isTold);
  });

  test.each<[string, Partial<Recent>, boolean]>([
    ['16 approved and 4 reversed', { approved: 16, reversed: 4 }, true],
    ['17 approved and 3 reversed', { approved: 17, reversed: 3 }, false],
    ['0 approved and 19 reversed', { reversed: 19 }, false],
    ['nothing', {}, false],
  ])('%s', (_what, recent, isTold) => {
    expect(partnerReversalRate('A', { ...quiet, ...recent }) !== undefined).toBe(isTold);
  });

  test.each([
    [9, false],
    [10, true],
  ])('with %i bad signatures in an hour: %s', (signatureFailures, isTold) => {
    expect(partnerSignatureFailures('A', { ...quiet, signatureFailures }) !== undefined).toBe(isTold);
  });
});

test('a gap of the reconciliation raises an alert, and agreement raises none', () => {
  expect(fileDiffers('acme', { only_theirs: 0, only_ours: 0 })).toBeUndefined();
  const differs = fileDiffers('acme', { only_theirs: 1, only_ours: 2 });
  expect(differs).toMatchObject({ event: 'reconciliation.gap', partner_id: 'acme', data: { gaps: 3, only_theirs: 1, only_ours: 2 } });
  expect(differs?.says).toContain('3 payments');
  expect(reconciliationGap(0, '2026-01-01T00:00:00.000Z', '')).toBeUndefined();
  expect(reconciliationGap(2, '2026-01-01T00:00:00.000Z', '2 delivery_missing')?.says).toContain('2 delivery_missing');
});

describe('a cap', () => {
  const state = { offerId: 'O', partnerId: 'A', counted: new Big(100), refused: undefined };
  const perDay: Cap = { per: 'day', of: 'conversions', limit: new Big(100) };

  test('that is reached raises an alert with its offer and its limit', () => {
    expect(capReached({ ...state, cap: perDay })).toEqual({
      event: 'cap.reached',
      about: 'O day#conversions#*#UTC',
      partner_id: 'A',
      publisher_id: undefined,
      says: 'The offer O has reached its cap of 100 conversions per day. Postbacks beyond it are held.',
      page: 'offers/O',
      data: { offer_id: 'O', per: 'day', of: 'conversions', limit: '100', counted: '100' },
    });
  });

  test('of one publisher is about that publisher', () => {
    const cause = capReached({ ...state, cap: { ...perDay, per: 'total', publisher_id: publisherId.parse('P') } });
    expect([cause.publisher_id, cause.says]).toEqual([
      'P',
      'The offer O has reached its cap of 100 conversions in total for publisher P. Postbacks beyond it are held.',
    ]);
  });

  test('on payout without room for a postback says how much is used', () => {
    const cap: Cap = { per: 'month', of: 'payout', limit: new Big('10.00') };
    expect(capReached({ ...state, cap, counted: new Big('7.5'), refused: new Big('4') })).toMatchObject({
      says: 'On offer O, another 4 would exceed the cap of 10 of payout per month (7.5 used), so it was held.',
      data: { limit: '10', counted: '7.5', held: '4' },
    });
  });
});

describe('an alert', () => {
  const alert: Alert = {
    alert_id: 'ALERT-1',
    name: 'Ops',
    url: 'https://x.example',
    events: ['delivery.dead'],
    console_url: 'https://pb.example/admin',
    secrets: [],
  };
  const cause: Cause = {
    event: 'delivery.dead',
    about: 'P',
    publisher_id: 'P',
    says: 'It died.',
    page: 'deliveries/D',
    data: { attempts: 10 },
  };

  test.each<[string, Partial<Alert>, boolean]>([
    ['of this event', {}, true],
    ['of another event', { events: ['cap.reached'] }, false],
    ['of this publisher', { publisher_id: 'P' }, true],
    ['of another publisher', { publisher_id: 'X' }, false],
    ['of a partner', { partner_id: 'A' }, false],
  ])('%s', (_what, more, isConcerned) => {
    expect(concerns({ ...alert, ...more }, cause)).toBe(isConcerned);
  });

  test('says what happened, how much, and where to look it up', () => {
    expect(JSON.parse(alertBody(alert, cause, '2026-01-01T00:00:00.000Z'))).toEqual({
      type: 'delivery.dead',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { about: 'P', publisher_id: 'P', attempts: 10, url: 'https://pb.example/admin#/deliveries/D' },
      text: 'It died. https://pb.example/admin#/deliveries/D',
    });
  });
});
