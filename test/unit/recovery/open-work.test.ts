import { describe, expect, test } from '@jest/globals';
import { announcedDeliveries, openWork } from '../../../functions/domain/recovery/open-work.ts';
import { settledStory, share, type Told, tell } from '../conversion/stories.ts';

const A: Told = { status: 'approved', amount: '5.00', transaction: 'T1' };
const R: Told = { status: 'reversed', transaction: 'T1' };
const at = '2026-11-01T00:00:00.000Z';
const now = Date.parse(at) + 60_000;

describe('what a conversion still waits for', () => {
  test('is its settlement, since the oldest change that is not in the ledger', () => {
    const { conversion } = tell([A]);
    expect(openWork([conversion], new Set(), now)).toEqual({
      settle: ['CLK-1.complete'],
      deliver: [],
      unsettledSince: at,
      undeliveredSince: undefined,
    });
  });

  test('is a delivery that nobody has attempted', () => {
    const conversion = settledStory([A, R], share('80'));
    expect(announcedDeliveries([conversion], now)).toEqual(['DLV-LOG0', 'DLV-LOG1']);
    expect(openWork([conversion], new Set(['DLV-LOG0']), now)).toMatchObject({
      settle: [],
      deliver: [{ deliveryId: 'DLV-LOG1', conversionId: 'CLK-1.complete', swept: true }],
      undeliveredSince: at,
    });
  });

  test('is both, when something was said after it was settled', () => {
    const settled = settledStory([A], share('80'));
    const { statements, revision } = tell([A, R]).conversion;
    const { settle, deliver } = openWork([{ ...settled, statements, revision }], new Set(), now);
    expect([settle.length, deliver.length]).toEqual([1, 1]);
  });

  test('is nothing once it is settled and delivered', () => {
    const conversion = settledStory([A], share('80'));
    expect(openWork([conversion], new Set(['DLV-LOG0']), now)).toMatchObject({ settle: [], deliver: [] });
  });

  test('is nothing if it was only held or repeated', () => {
    const told = tell([{ amount: '5.00' }, { amount: '5.00' }]);
    expect(openWork([told.conversion], new Set(), now)).toMatchObject({ settle: [], deliver: [] });
  });

  test('is no delivery whose row its age may have removed', () => {
    const conversion = settledStory([A], share('80'));
    const later = now + 391 * 86_400_000;
    expect(announcedDeliveries([conversion], later)).toEqual([]);
    expect(openWork([conversion], new Set(), later).deliver).toEqual([]);
  });
});
