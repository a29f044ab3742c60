import { expect, test } from '@jest/globals';
import type { EndpointHealth } from '../../../functions/domain/delivery/circuit.ts';
import type { Delivery } from '../../../functions/domain/delivery/delivery.ts';
import type { Progress } from '../../../functions/domain/forwarding/ports.ts';
import type { PublisherId } from '../../../functions/domain/ids.ts';
import type { Publisher } from '../../../functions/domain/settings.ts';
import { forwardDelivery } from '../../../functions/processor/forward-delivery.ts';
import type { ForwardDependencies } from '../../../functions/processor/forwarding/ports.ts';
import { scheduledDelivery } from '../../support/scheduled-delivery.ts';

const minute = 60_000;
const publisher = 'p1' as PublisherId;

/** Plays one delivery for an hour of virtual time: messages come when their delay is over, and the sweeper runs every minute. */
async function anHour(dependenciesOf: (now: () => number) => Pick<ForwardDependencies, 'endpoints' | 'limiter'>) {
  const start = Date.parse('2026-11-26T10:00:00Z');
  let now = start;
  let row: Delivery = scheduledDelivery(start);
  let dueAt: number | undefined = start;
  const messages: { at: number; chain: number; attempt?: number; hops?: number }[] = [{ at: start, chain: 2 }];
  let longest = 0;
  let looked = 0;
  let current = 0;
  const dependencies = {
    ...dependenciesOf(() => now),
    settings: {
      publisher: async () =>
        ({ publisher_id: publisher, postback_url: 'https://example.com/?a={click_id}', postback_method: 'GET' }) as Publisher,
    },
    outbox: {
      delivery: async () => row,
      advance: async (_: Delivery, progress: Progress) => {
        row = { ...row, status: progress.status, next_attempt_at: progress.nextAttemptAt };
        dueAt = progress.dueAt;
        return true;
      },
    },
    hints: {
      retry: async (_: unknown, attempt: number, delaySeconds: number, hops: number) => {
        messages.push({ at: now + delaySeconds * 1_000, chain: current + 1, attempt, hops });
      },
    },
    now: () => now,
    random: () => 0.5,
    warn: () => undefined,
  } as unknown as ForwardDependencies;
  for (; now < start + 60 * minute; now += 1_000) {
    if (now % minute === 0 && dueAt !== undefined && dueAt <= now) messages.push({ at: now, chain: 1 });
    for (const message of messages.filter(({ at }) => at <= now)) {
      messages.splice(messages.indexOf(message), 1);
      current = message.chain;
      longest = Math.max(longest, current);
      looked += 1;
      await forwardDelivery(dependencies, { deliveryId: 'd1', publisher, attempt: message.attempt, hops: message.hops, repeated: false });
    }
  }
  return { longest, looked };
}

const health = (of: (now: number) => EndpointHealth) => (now: () => number) => ({
  endpoints: { health: async () => of(now()), update: async () => false, reserve: async () => ({ at: now(), reserved: true }) },
  limiter: { enter: async () => undefined },
});

test.each<[string, ReturnType<typeof health>]>([
  [
    'is open for five minutes again and again',
    health((now) => ({ consecutive_failures: 9, open_until: (Math.floor(now / 300_000) + 1) * 300_000 })),
  ],
  ['always lets somebody else probe', health((now) => ({ consecutive_failures: 9, open_until: 0, probe_until: now + 5_000 }))],
  ['is closed, but its publisher answers so slowly that no place is free', health(() => ({ consecutive_failures: 0 }))],
])('a delivery whose circuit %s comes round within an hour in chains of at most 15 invocations, and is not forgotten', async (_, of) => {
  const { longest, looked } = await anHour(of);
  expect(longest).toBeLessThanOrEqual(15);
  expect(looked).toBeGreaterThanOrEqual(10);
});
