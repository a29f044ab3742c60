import type { Attempt, Delivery } from '../delivery/delivery.ts';
import { type AttemptResult, classify } from '../delivery/outcome.ts';
import { nextAttempt } from '../delivery/schedule.ts';
import type { Progress } from './ports.ts';

/** The queue's longest delay; later attempts are woken by the sweeper (design decision 4). */
const longestDelaySeconds = 900;
/** The sweeper takes over when a delayed message has not come by then. */
export const graceMs = 60_000;
/**
 * Lambda ends a chain of invocations that feeds itself after 16 of one function. The settlement is the first of them; after these the
 * sweeper begins a new chain.
 */
export const mostHops = 8;

/** When a delivery is taken up again: by a delayed message, behind which the sweeper stands, or by the sweeper alone. */
export function wakeAt(at: number, byQueue: boolean): Pick<Progress, 'nextAttemptAt' | 'dueAt'> {
  return { nextAttemptAt: new Date(at).toISOString(), dueAt: byQueue ? at + graceMs : at };
}

interface Attempted {
  /** ISO 8601: when it began. */
  readonly at: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly jitter: number;
  /** How many messages led to it without a break. */
  readonly hops: number;
}

/**
 * What an attempt comes to for its delivery: delivered, held since the endpoint is gone, tried again later, or dead.
 */
export function progressOf(row: Delivery, result: AttemptResult, { at, now, jitter, hops }: Attempted): Progress {
  const { code, http_status, duration_ms, answer, sent } = result;
  const tried: Attempt = { at, code, http_status, duration_ms, answer: answer === '' ? undefined : answer };
  const outcome = classify(result);
  switch (outcome.kind) {
    case 'delivered':
      return { status: 'delivered', attempt: tried, sent, deliveredAt: new Date(now).toISOString() };
    case 'gone':
      // Not the delivery's fault: it waits until its endpoint is resumed.
      return { status: 'held', attempt: tried, sent };
    case 'refused':
      // Our own doing: no answer of the publisher's could make it right.
      return { status: 'dead', attempt: tried, sent };
    case 'failed': {
      const next = nextAttempt({ attempt: row.attempts.length + 1, now, retryAfter: result.retry_after, jitter });
      if (next === 'dead') return { status: 'dead', attempt: tried, sent };
      const byQueue = hops < mostHops && next.at - now <= longestDelaySeconds * 1_000;
      return { status: 'failing', attempt: tried, sent, ...wakeAt(next.at, byQueue) };
    }
    default:
      return outcome satisfies never;
  }
}
