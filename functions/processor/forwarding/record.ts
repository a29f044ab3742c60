import { withAttempt } from '../../domain/delivery/delivery.ts';
import type { Progress } from '../../domain/forwarding/ports.ts';
import { mostHops, wakeAt } from '../../domain/forwarding/progress.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';

/** A longer postponement is the table's and the sweeper's: an open circuit would keep a message going round for hours. */
const longestPostponementSeconds = 60;
/** How long a delivery is put off when its publisher answers nobody at the moment. */
export const saturatedMs = 5_000;

/** Puts it off without spending an attempt. */
export function postpone(dependencies: ForwardDependencies, pending: Pending, until: number): Promise<undefined> {
  const at = Math.ceil(until + dependencies.random() * saturatedMs);
  const byQueue = pending.hops < mostHops && at - dependencies.now() <= longestPostponementSeconds * 1_000;
  return record(dependencies, pending, { status: pending.row.status, ...wakeAt(at, byQueue) });
}

/** Writes what became of it; what is to be tried again soon is told the queue, too. */
export async function record(
  { outbox, hints, now, warn }: ForwardDependencies,
  { row, stored, hops }: Pending,
  progress: Progress,
): Promise<undefined> {
  const attempts = progress.attempt === undefined ? row.attempts : withAttempt(row.attempts, progress.attempt);
  if (stored) {
    if (!(await outbox.advance(row, progress))) return undefined;
  } else {
    await outbox.create(
      {
        ...row,
        status: progress.status,
        attempts,
        sent: progress.sent,
        next_attempt_at: progress.nextAttemptAt,
        reserved_for: progress.reservedFor,
        delivered_at: progress.deliveredAt,
      },
      progress.dueAt,
    );
  }
  if (progress.nextAttemptAt === undefined) return undefined;
  const nextAt = Date.parse(progress.nextAttemptAt);
  // The sweeper takes it up by itself.
  if (progress.dueAt === nextAt) return undefined;
  const ahead = (nextAt - now()) / 1_000;
  // A turn is waited for where it is early, and lost where it is late.
  const delay = progress.reservedFor === undefined ? Math.ceil(ahead) : Math.floor(ahead);
  try {
    await hints.retry(row, attempts.length, Math.max(0, delay), hops + 1);
  } catch (error) {
    warn('retry_hint_failed', error);
  }
  return undefined;
}
