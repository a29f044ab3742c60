import type { Alerts } from '../alerting/alert.ts';
import { tellOfCaps } from './caps-reached.ts';
import type { Hints, Journal } from './ports.ts';
import type { Taken } from './take-postback.ts';

interface Announcing {
  readonly hints: Hints;
  readonly alerts: Pick<Alerts, 'wanted' | 'raise'>;
  readonly journal: Pick<Journal, 'counted'>;
  readonly warn: (event: 'settle_hint_failed' | 'alert_not_raised', error: unknown) => void;
}

/**
 * Notifies the processor, and raises alerts about caps. What was recorded is durable already: if a queue is down, that costs time but not
 * the conversion, which the sweeper finds (design decision 1).
 */
export async function announceTaken({ hints, alerts, journal, warn }: Announcing, taken: Taken): Promise<void> {
  await Promise.all([
    hint(hints, taken).catch((error: unknown) => warn('settle_hint_failed', error)),
    tellOfCaps({ alerts, journal }, taken).catch((error: unknown) => warn('alert_not_raised', error)),
  ]);
}

async function hint(hints: Hints, { settle, deliver = [] }: Taken): Promise<void> {
  await Promise.all([
    ...(settle === undefined ? [] : [hints.settle(settle)]),
    ...deliver.map(({ delivery_id, publisher_id, postback_id }) => hints.deliver(delivery_id, publisher_id, postback_id)),
  ]);
}
