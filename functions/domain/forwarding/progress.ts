import type { Attempt, Delivery } from '../delivery/delivery.ts';
import { type AttemptResult, classify } from '../delivery/outcome.ts';
import { nextAttempt } from '../delivery/schedule.ts';
import type { Progress } from './ports.ts';

/** The queue's longest delay. For later attempts the sweeper sends the message (design decision 4). */
const longestDelaySeconds = 900;
/** How long after its time the sweeper takes over when a delayed message has not come. */
export const graceMs = 60_000;
/**
 * The most messages of one chain. Lambda stops a chain of invocations that feeds itself after 16 of one function. The settlement is the
 * first of them; after this many the sweeper begins a new chain.
 */
const mostHops = 8;

/**
 * When a delivery is picked up again: by a delayed message, with the sweeper as a fallback, or by the sweeper alone if the time is too far
 * ahead for a message or the chain of messages is too long.
 *
 * @param at epoch milliseconds.
 */
export function wakeAt(at: number, { now, hops }: Pick<Attempted, 'now' | 'hops'>): Pick<Progress, 'nextAttemptAt' | 'dueAt'> {
  const byQueue = hops < mostHops && at - now <= longestDelaySeconds * 1_000;
  return { nextAttemptAt: new Date(at).toISOString(), dueAt: byQueue ? at + graceMs : at };
}

interface Attempted {
  /** ISO 8601: when the attempt began. */
  readonly at: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly jitter: number;
  /** How many messages in a row led to it. */
  readonly hops: number;
}

/** The result of an attempt for its delivery: delivered, held because the endpoint is gone, tried again later, or dead. */
export function progressOf(row: Delivery, result: AttemptResult, { at, now, jitter, hops }: Attempted): Progress {
  const { code, http_status, duration_ms, answer, sent } = result;
  const tried: Attempt = { at, code, http_status, duration_ms, answer: answer === '' ? undefined : answer };
  const outcome = classify(result);
  switch (outcome.kind) {
    case 'delivered':
      return { status: 'delivered', attempt: tried, sent, deliveredAt: new Date(now).toISOString() };
    case 'gone':
      // This is not the delivery's fault: it waits until its endpoint is resumed.
      return { status: 'held', attempt: tried, sent };
    case 'refused':
      // The request is at fault, so no answer of the publisher could make it succeed.
      return { status: 'dead', attempt: tried, sent };
    case 'failed': {
      const next = nextAttempt({ attempt: row.attempts.length + 1, now, retryAfter: result.retry_after, jitter });
      if (next === 'dead') return { status: 'dead', attempt: tried, sent };
      return { status: 'failing', attempt: tried, sent, ...wakeAt(next.at, { now, hops }) };
    }
    default:
      return outcome satisfies never;
  }
}
