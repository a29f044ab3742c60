import { announce, type Taken } from '../../domain/receiving/take-postback.ts';
import type { RecordDependencies } from './dependencies.ts';

/** Tells the processor; what is durable is found by the sweeper if a queue is down. */
export async function announceTaken({ hints, warn }: Pick<RecordDependencies, 'hints' | 'warn'>, taken: Taken): Promise<void> {
  try {
    await announce(hints, taken);
  } catch (error) {
    warn('settle_hint_failed', error);
  }
}
