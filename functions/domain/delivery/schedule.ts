import { retryAfterDelay } from './retry-after.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Milliseconds between an attempt and the next: about 76 hours in all (contract section 3). */
export const retryDelays: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** The first attempt and one after each delay. */
export const mostAttempts = retryDelays.length + 1;

/** The longest wait that `Retry-After` can ask for. */
const longestWish = 24 * hour;

/** Each delay is lengthened by up to a tenth, so that deliveries that failed together do not all come back together. */
const jitterShare = 0.1;

export interface FailedAttempt {
  /** Number of the attempt that has just failed, from 1. */
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The header as the publisher sent it. */
  readonly retryAfter?: string | undefined;
  /** Uniform in [0, 1). */
  readonly jitter: number;
}

/**
 * When to try again after a failure: after the schedule's step, or when `Retry-After` asks for it, between that step and 24 hours.
 *
 * @returns `at` in whole epoch milliseconds, or `dead` after the tenth attempt.
 */
export function nextAttempt({ attempt, now, retryAfter, jitter }: FailedAttempt): { readonly at: number } | 'dead' {
  const step = retryDelays[attempt - 1];
  if (step === undefined) return 'dead';
  const stretch = 1 + jitterShare * jitter;
  const wish = retryAfter === undefined ? undefined : retryAfterDelay(retryAfter, now);
  const wished = wish === undefined ? 0 : Math.min(wish * stretch, longestWish);
  return { at: Math.ceil(now + Math.max(step * stretch, wished)) };
}
