import { expect, test } from '@jest/globals';
import { watchPartners } from '../../functions/sweeper/watch-partners.ts';

const minuteMs = 60_000;
const noon = Date.parse('2026-11-01T12:00:00.000Z');
const partners = Array.from({ length: 200 }, (_, index) => `partner-${index}`);
const nothing = { received: 0, held: 0, approved: 0, reversed: 0, signatureFailures: 0, times: [] };

/** Lets the watch run each minute, with time for so many partners in each; returns who was looked at, how often. */
async function watch(minutes: number, mostInOne: number): Promise<Map<string, number>> {
  const looked = new Map<string, number>();
  for (let minute = 0; minute < minutes; minute += 1) {
    let left = mostInOne;
    const recent = async (partner: string) => {
      left -= 1;
      looked.set(partner, (looked.get(partner) ?? 0) + 1);
      return nothing;
    };
    const alerts = { wanted: async () => true, raise: async () => undefined };
    await watchPartners({ alerts, partners: async () => partners, recent, timeIsUp: () => left === 0 }, noon + minute * minuteMs);
  }
  return looked;
}

test('every partner is looked at once in five minutes', async () => {
  const looked = await watch(5, Number.POSITIVE_INFINITY);
  expect([...looked.keys()].sort()).toEqual([...partners].sort());
  expect(new Set(looked.values())).toEqual(new Set([1]));
});

test('when there is time for a tenth of them only, each partner gets its turn, and none much more often than another', async () => {
  const everyTen = 10;
  const looked = await watch(5 * 5 * everyTen, partners.length / 5 / everyTen);
  expect(looked.size).toBe(partners.length);
  const often = [...looked.values()];
  expect(Math.max(...often)).toBeLessThanOrEqual(3 * Math.min(...often));
});
