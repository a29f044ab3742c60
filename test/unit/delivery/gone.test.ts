import { expect, test } from '@jest/globals';
import { type EndpointHealth, healthy } from '../../../functions/domain/delivery/circuit.ts';
import type { Delivery } from '../../../functions/domain/delivery/delivery.ts';
import type { AttemptResult } from '../../../functions/domain/delivery/outcome.ts';
import type { Progress } from '../../../functions/domain/forwarding/ports.ts';
import type { PublisherId } from '../../../functions/domain/ids.ts';
import type { Publisher } from '../../../functions/domain/settings.ts';
import { forwardDelivery } from '../../../functions/processor/forward-delivery.ts';
import type { ForwardDependencies } from '../../../functions/processor/forwarding/ports.ts';
import { scheduledDelivery } from '../../support/scheduled-delivery.ts';

const publisher = 'p1' as PublisherId;
const now = Date.parse('2026-11-26T10:00:00Z');
const oldestSettings = 60_000;
const oldUrl = 'https://example.com/old?a={click_id}';

/** Forwards a delivery whose publisher answers 410, by an instance that still has the old URL in its memory. */
async function forward(storedUrl: string | undefined) {
  const settingsWith = (postback_url: string | undefined) => ({
    publisher: async () => ({ publisher_id: publisher, postback_url, postback_method: 'GET', postbacks: [] }) as unknown as Publisher,
  });
  let health: EndpointHealth = healthy;
  let progress: Progress | undefined;
  const row = scheduledDelivery(now);
  const dependencies = {
    settings: settingsWith(oldUrl),
    stored: { settings: settingsWith(storedUrl) },
    oldestSettings,
    endpoints: {
      health: async () => health,
      update: async (_: string, change: (known: EndpointHealth) => EndpointHealth | undefined) => {
        health = change(health) ?? health;
        return true;
      },
    },
    outbox: {
      delivery: async () => row,
      advance: async (_: Delivery, made: Progress) => {
        progress = made;
        return true;
      },
    },
    limiter: { enter: async () => () => undefined },
    send: async (): Promise<AttemptResult> => ({ code: 'http_410', http_status: 410, duration_ms: 1, answer: '', was_slow: false }),
    hints: { retry: async () => undefined },
    alerts: { raise: async () => undefined },
    now: () => now,
    random: () => 0.5,
    warn: () => undefined,
  } as unknown as ForwardDependencies;
  await forwardDelivery(dependencies, { deliveryId: 'd1', publisher, repeated: false });
  return { paused: health.paused !== undefined, progress };
}

test('410 from a URL that is still set pauses its endpoint and holds the delivery', async () => {
  expect(await forward(oldUrl)).toMatchObject({ paused: true, progress: { status: 'held', attempt: { code: 'http_410' } } });
});

test.each([
  ['has been corrected', 'https://example.com/new?a={click_id}'],
  ['has been removed', undefined],
])(
  '410 from a URL that %s a moment ago pauses nothing; the delivery is sent to where it belongs once that is known everywhere',
  async (_, storedUrl) => {
    const { paused, progress } = await forward(storedUrl);
    expect(paused).toBe(false);
    expect(progress).toMatchObject({ status: 'scheduled', nextAttemptAt: new Date(now + oldestSettings).toISOString() });
    expect(progress?.attempt).toBeUndefined();
  },
);
