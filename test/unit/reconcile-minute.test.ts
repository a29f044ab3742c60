import { describe, expect, test } from '@jest/globals';
import type { Records } from '../../functions/domain/reconcile.ts';
import { reconcileMinute } from '../../functions/sweeper/reconcile-minute.ts';

const nothing: Records = { log: [], conversions: [], accounts: [], deliveries: [] };
const noon = Date.parse('2026-05-01T12:00:00Z');

describe('a run of the reconciler', () => {
  test('reads the whole minute before a quarter of an hour ago, in every shard once', async () => {
    const asked: { from: number; to: number; shards: readonly string[] }[] = [];
    const read = async (part: (typeof asked)[number]): Promise<Records> => {
      asked.push(part);
      return nothing;
    };
    const said = await reconcileMinute({ read, now: () => noon, timeIsUp: () => false }, noon + 17_000);
    expect(said).toEqual({ minute: '2026-05-01T11:44:00.000Z', shards: 32, postbacks: 0, gaps: 0 });
    for (const { from, to } of asked) expect([from, to]).toEqual([Date.parse(said.minute), Date.parse(said.minute) + 59_999]);
    expect(asked.flatMap(({ shards }) => shards).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 32 }, (_, shard) => String(shard)),
    );
  });

  test('stops when its time is over and says how far it got; the next minute begins elsewhere', async () => {
    const firsts = new Set<string | undefined>();
    for (let minute = 0; minute < 32; minute += 1) {
      let parts = 0;
      const read = async ({ shards }: { shards: readonly string[] }): Promise<Records> => {
        parts += 1;
        firsts.add(shards[0]);
        return nothing;
      };
      const said = await reconcileMinute({ read, now: () => noon, timeIsUp: () => parts === 1 }, noon + minute * 60_000);
      expect(said.shards).toBe(4);
    }
    expect(firsts.size).toBe(32);
  });
});
