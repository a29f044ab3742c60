import { tellOfCaps } from '../../domain/receiving/caps-reached.ts';
import { announce, type Taken } from '../../domain/receiving/take-postback.ts';
import type { RecordDependencies } from './dependencies.ts';

type Announcing = Pick<RecordDependencies, 'hints' | 'alerts' | 'taking' | 'warn'>;

/** Tells the processor, and whoever wants to hear of caps; what is durable is found by the sweeper if a queue is down. */
export async function announceTaken({ hints, alerts, taking: { journal }, warn }: Announcing, taken: Taken): Promise<void> {
  await Promise.all([
    announce(hints, taken).catch((error: unknown) => warn('settle_hint_failed', error)),
    tellOfCaps({ alerts, journal }, taken).catch((error: unknown) => warn('alert_not_raised', error)),
  ]);
}
