import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { checkedTail, LedgerMismatch } from '../../functions/domain/ledger.ts';
import { measurementOf } from '../../functions/receiver/measurement.ts';
import { partnerId } from '../../functions/runtime/ids.ts';
import { embed, metrics, metricsNamespace } from '../../functions/runtime/metrics.ts';
import { backlogAges } from '../../functions/sweeper/backlog-ages.ts';

const now = 1_790_000_000_000;

describe('metrics in a log line', () => {
  test('name every value, its unit and the dimensions that are known', () => {
    const line = embed({ Postbacks: 1 }, { Stage: 'dev', Result: 'accepted', Code: undefined }, now);
    expect(line).toMatchObject({ Postbacks: 1, Stage: 'dev', Result: 'accepted' });
    expect(line['_aws']).toEqual({
      Timestamp: now,
      CloudWatchMetrics: [
        { Namespace: metricsNamespace, Dimensions: [['Stage', 'Result']], Metrics: [{ Name: 'Postbacks', Unit: 'Count' }] },
      ],
    });
  });

  test('are left out when there is nothing to count', () => {
    expect(embed({ SettleLatency: [] }, { Stage: 'dev' }, now)).toEqual({});
  });

  test('contain no more values than CloudWatch accepts in one line', () => {
    expect(embed({ SettleLatency: Array.from({ length: 150 }, (_, index) => index) }, { Stage: 'dev' }, now)['SettleLatency']).toHaveLength(
      100,
    );
  });

  test('are all split by stage', () => {
    for (const { by } of Object.values(metrics)) for (const set of by) expect(set).toContain('Stage');
  });
});

describe('the line of a postback', () => {
  const partner = { partner_id: partnerId.parse('acme') };

  test.each([
    ['accepted', undefined, { Postbacks: 1, HeldShare: 0 }],
    ['held', 'conflict', { Postbacks: 1, HeldShare: 1 }],
    ['error', 'signature_invalid', { Postbacks: 1, HeldShare: 0, SignatureFailures: 1 }],
  ] as const)('of one that is %s (%s) counts it once and where it belongs', (result, code, values) => {
    const measured = measurementOf({ logId: 'L', result, code, partner: partner as Parameters<typeof measurementOf>[0]['partner'] });
    expect(measured).toMatchObject({ event: 'postback', values, dimensions: { Result: result, Partner: 'acme' } });
  });

  test('with an unknown key only says that it came', () => {
    expect(measurementOf({ logId: 'L', result: 'error', code: 'invalid_key' })).toEqual({
      event: 'unknown_key',
      facts: { log_id: 'L', partner_id: undefined, result: 'error', code: 'invalid_key' },
      values: { Postbacks: 1 },
      dimensions: { Result: 'error', Code: 'invalid_key', Partner: undefined },
    });
  });
});

describe('the age of the backlog', () => {
  const ages = (unsettled?: number, undelivered?: number, held?: number) =>
    backlogAges({ backlog: { oldest: async () => ({ unsettled, undelivered }) }, oldestHeld: async () => held, now: () => now });

  test('is nothing when nothing is open', async () => {
    expect(await ages()).toEqual({ unsettled: 0, undelivered: 0 });
  });

  test('counts what is held for a paused publisher', async () => {
    expect(await ages(now - 5_000, now - 60_000, now - 3_600_000)).toEqual({ unsettled: 5, undelivered: 3_600 });
  });
});

describe('the end of a ledger', () => {
  const entry = (number: number, points: string, balance: string) => ({
    entry: number,
    points: new Big(points),
    balance: new Big(balance),
  });

  test('is accepted when it follows from the entry before', () => {
    expect(checkedTail(entry(2, '4.00', '7.50'), entry(1, '3.50', '3.50')).balance.toFixed(2)).toBe('7.50');
  });

  test('is refused when something else has written to it', () => {
    expect(() => checkedTail(entry(2, '4.00', '9.00'), entry(1, '3.50', '3.50'))).toThrow(LedgerMismatch);
    expect(() => checkedTail(entry(1, '4.00', '9.00'), undefined)).toThrow(LedgerMismatch);
  });
});
