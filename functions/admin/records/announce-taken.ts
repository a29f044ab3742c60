import { announceTaken as announce } from '../../domain/receiving/announce-taken.ts';
import type { Taken } from '../../domain/receiving/take-postback.ts';
import type { RecordDependencies } from './dependencies.ts';

/** Announces what an admin has recorded in the same way as a partner's postback. */
export function announceTaken(
  { hints, alerts, taking: { journal }, warn }: Pick<RecordDependencies, 'hints' | 'alerts' | 'taking' | 'warn'>,
  taken: Taken,
): Promise<void> {
  return announce({ hints, alerts, journal, warn }, taken);
}
