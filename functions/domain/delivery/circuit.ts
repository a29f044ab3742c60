import type { Outcome } from './outcome.ts';

const second = 1000;
const strikesToOpen = 5;
const shortestOpening = 30 * second;
const longestOpening = 300 * second;
/** After this time a probe without a result is given up, since its function may have been killed: the 10 s of an attempt and a margin. */
const probeLease = 15 * second;
const failingLimit = 5 * 24 * 3600 * second;

/**
 * An attempt that is unanswered for this many milliseconds counts as a failure before it ends, so that a publisher that hangs is noticed
 * sooner.
 */
export const slowAfterMs = 3 * second;

export type PauseReason = 'gone' | 'failing' | 'manual';

/**
 * The health of one publisher's endpoint. All values are plain numbers, times in epoch milliseconds, so that it fits a table's row.
 *
 * While the circuit is open, deliveries are postponed without spending their attempts; while the endpoint is paused, they are held until it
 * is resumed.
 */
export interface EndpointHealth {
  /** Failures and slow attempts since the last success. */
  readonly consecutive_failures: number;
  /** The first failure since the last success. */
  readonly failing_since?: number | undefined;
  /** Until then nothing is sent; after it, one probe. Absent after a success, which closes the circuit. */
  readonly open_until?: number | undefined;
  /** How often the circuit opened since the last success. Each opening lasts twice as long as the previous one. */
  readonly openings?: number | undefined;
  /** A probe is running; there is no second one before this time. */
  readonly probe_until?: number | undefined;
  readonly paused?: { readonly at: number; readonly reason: PauseReason } | undefined;
  /** Stays until the next failure, since publishers ask about it afterwards. */
  readonly last_failure?: LastFailure | undefined;
}

/** The last failure. */
export interface LastFailure {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly delivery_id: string;
  readonly code: string;
  readonly http_status?: number | undefined;
  /** The first 256 bytes of the answer. */
  readonly answer?: string | undefined;
}

export const healthy: EndpointHealth = { consecutive_failures: 0 };

export type Admission =
  | { readonly kind: 'send' }
  /** Claim it with {@link startProbe}, on condition that the row is unchanged, so that only one sender probes. */
  | { readonly kind: 'probe' }
  /** `until` is in epoch milliseconds; the attempt is not spent. */
  | { readonly kind: 'postpone'; readonly until: number }
  | { readonly kind: 'hold'; readonly reason: PauseReason };

/** Whether a delivery may be attempted at `now`. */
export function admit(health: EndpointHealth, now: number): Admission {
  if (health.paused !== undefined) return { kind: 'hold', reason: health.paused.reason };
  if (health.open_until === undefined) return { kind: 'send' };
  if (now < health.open_until) return { kind: 'postpone', until: health.open_until };
  if (health.probe_until !== undefined && now < health.probe_until) return { kind: 'postpone', until: health.probe_until };
  return { kind: 'probe' };
}

/**
 * When a delivery that an open circuit postpones is looked at again: within as long again as it will have waited by then, at least half a
 * minute and at most five. If everything that waits came back at once, it would delay the deliveries to other publishers, and flood a
 * publisher that has just recovered.
 *
 * @param until until when it is postponed, epoch milliseconds.
 * @param since when the delivery was created, epoch milliseconds.
 * @param random uniform in [0, 1).
 */
export function spreadAfter(until: number, since: number, random: number): number {
  return until + random * Math.min(Math.max(until - since, shortestOpening), longestOpening);
}

/** Marks the one attempt that an open circuit lets through when its time is up. */
export function startProbe(health: EndpointHealth, now: number): EndpointHealth {
  return { ...health, probe_until: now + probeLease };
}

/**
 * Records that an attempt is unanswered after {@link slowAfterMs}. It counts towards opening the circuit but not towards the five days,
 * since the attempt may still succeed.
 */
export function recordSlow(health: EndpointHealth, now: number): EndpointHealth {
  return strike(health, now);
}

/**
 * The health after an attempt that ended at `now`.
 *
 * @param wasSlow whether {@link recordSlow} has already counted this attempt, so that one attempt never counts twice.
 */
export function recordOutcome(
  health: EndpointHealth,
  outcome: Outcome,
  now: number,
  { wasSlow }: { readonly wasSlow: boolean },
): EndpointHealth {
  switch (outcome.kind) {
    case 'delivered':
      // A success of an attempt that was already running must not undo a pause by a person or by a 410.
      return { ...healthy, paused: health.paused, last_failure: health.last_failure };
    case 'refused':
      return health;
    case 'gone':
      return pause(failure(health, now, wasSlow), now, 'gone');
    case 'failed': {
      const next = failure(health, now, wasSlow);
      const failedFor = now - (next.failing_since ?? now);
      return failedFor > failingLimit ? pause(next, now, 'failing') : next;
    }
  }
}

/** Holds the endpoint's deliveries. If it is already paused, the first reason stays. */
export function pause(health: EndpointHealth, now: number, reason: PauseReason): EndpointHealth {
  return health.paused === undefined ? { ...health, paused: { at: now, reason } } : health;
}

/** Resuming resets the history: the endpoint gets five failures and five days again. */
export function resume(): EndpointHealth {
  return healthy;
}

/**
 * The health of an endpoint that has been removed. It is not paused, since what it holds must end; but nothing is sent while an instance may
 * still know its URL.
 *
 * @param forgottenAt epoch milliseconds from which no instance knows it.
 */
export function retire(forgottenAt: number): EndpointHealth {
  return { ...healthy, open_until: forgottenAt };
}

function failure(health: EndpointHealth, now: number, wasSlow: boolean): EndpointHealth {
  const struck = wasSlow ? health : strike(health, now);
  return { ...struck, failing_since: struck.failing_since ?? now };
}

function strike(health: EndpointHealth, now: number): EndpointHealth {
  const counted = { ...health, consecutive_failures: health.consecutive_failures + 1 };
  if (counted.consecutive_failures < strikesToOpen) return counted;
  // Attempts that were running when the circuit opened fail while it is open. They tell nothing new, and must not keep it open longer.
  if (health.open_until !== undefined && now < health.open_until) return counted;
  const openings = (health.openings ?? 0) + 1;
  const opening = Math.min(shortestOpening * 2 ** (openings - 1), longestOpening);
  return { ...counted, openings, open_until: now + opening, probe_until: undefined };
}
