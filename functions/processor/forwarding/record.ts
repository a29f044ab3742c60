import { withAttempt } from '../../domain/delivery/delivery.ts';
import type { Progress } from '../../domain/forwarding/ports.ts';
import { wakeAt } from '../../domain/forwarding/progress.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';

/** Postpones the delivery without using up an attempt. @param at epoch milliseconds. */
export function postpone(dependencies: ForwardDependencies, pending: Pending, at: number): Promise<undefined> {
  const { now } = dependencies;
  return record(dependencies, pending, { status: pending.row.status, ...wakeAt(Math.ceil(at), { now: now(), hops: pending.hops }) });
}

/** Writes the new state of the delivery. If it is to be tried again soon, a message to the queue says so too. */
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
  // The sweeper will find it when it is due.
  if (progress.dueAt === nextAt) return undefined;
  const ahead = (nextAt - now()) / 1_000;
  // A message that comes a little early waits for its turn; one that comes late has lost it.
  const delay = progress.reservedFor === undefined ? Math.ceil(ahead) : Math.floor(ahead);
  try {
    await hints.retry(row, attempts.length, Math.max(0, delay), hops + 1);
  } catch (error) {
    warn('retry_hint_failed', error);
  }
  return undefined;
}
