import type { Outcome } from './outcome.ts';

const second = 1000;
const strikesToOpen = 5;
const shortestOpening = 30 * second;
const longestOpening = 300 * second;
/** A probe that is not heard of again (its function was killed) is given up after this: an attempt's 10 s and a margin. */
const probeLease = 15 * second;
const failingLimit = 5 * 24 * 3600 * second;

/** An attempt that is unanswered for this many milliseconds is a strike, before it ends: a publisher that hangs is noticed sooner. */
export const slowAfterMs = 3 * second;

export type PauseReason = 'gone' | 'failing' | 'manual';

/**
 * The health of one publisher's endpoint. Plain numbers, all times in epoch milliseconds, so that it fits a table's row.
 *
 * Open for a while (the circuit) postpones deliveries without spending their attempts; paused holds them until it is resumed.
 */
export interface EndpointHealth {
  /** Failures and slow attempts since the last success. */
  readonly consecutive_failures: number;
  /** The first failure since the last success. */
  readonly failing_since?: number | undefined;
  /** Until then nothing is sent; after it, one probe. Present until a success closes the circuit. */
  readonly open_until?: number | undefined;
  /** How often it opened since the last success: each opening lasts twice as long as the one before. */
  readonly openings?: number | undefined;
  /** A probe is under way; no second one before this. */
  readonly probe_until?: number | undefined;
  readonly paused?: { readonly at: number; readonly reason: PauseReason } | undefined;
  /** Stays until the next one: it is what a publisher asks about afterwards. */
  readonly last_failure?: LastFailure | undefined;
}

/** What went wrong last. */
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
  /** Claim it with {@link startProbe}, written on condition that the row is unchanged, so that only one sender probes. */
  | { readonly kind: 'probe' }
  /** Epoch milliseconds; the attempt is not spent. */
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

/** Marks the one attempt that a circuit lets through when its time is up. */
export function startProbe(health: EndpointHealth, now: number): EndpointHealth {
  return { ...health, probe_until: now + probeLease };
}

/** An attempt is unanswered after {@link slowAfterMs}. It counts towards opening, not towards the five days: it may still succeed. */
export function recordSlow(health: EndpointHealth, now: number): EndpointHealth {
  return strike(health, now);
}

/**
 * The health after an attempt ended at `now`.
 *
 * @param wasSlow its strike was already counted by {@link recordSlow}, so that one attempt never counts twice.
 */
export function recordOutcome(
  health: EndpointHealth,
  outcome: Outcome,
  now: number,
  { wasSlow }: { readonly wasSlow: boolean },
): EndpointHealth {
  switch (outcome.kind) {
    case 'delivered':
      // A success of an attempt that was under way must not undo a pause: a person, or 410, decided that.
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

/** Holds the endpoint's deliveries. The first reason stays. */
export function pause(health: EndpointHealth, now: number, reason: PauseReason): EndpointHealth {
  return health.paused === undefined ? { ...health, paused: { at: now, reason } } : health;
}

/** Resuming forgets the past: the endpoint gets a fresh five strikes and five days. */
export function resume(): EndpointHealth {
  return healthy;
}

function failure(health: EndpointHealth, now: number, wasSlow: boolean): EndpointHealth {
  const struck = wasSlow ? health : strike(health, now);
  return { ...struck, failing_since: struck.failing_since ?? now };
}

function strike(health: EndpointHealth, now: number): EndpointHealth {
  const counted = { ...health, consecutive_failures: health.consecutive_failures + 1 };
  if (counted.consecutive_failures < strikesToOpen) return counted;
  // Attempts that were under way when it opened fail while it is open: they say nothing new, and must not lengthen it.
  if (health.open_until !== undefined && now < health.open_until) return counted;
  const openings = (health.openings ?? 0) + 1;
  const opening = Math.min(shortestOpening * 2 ** (openings - 1), longestOpening);
  return { ...counted, openings, open_until: now + opening, probe_until: undefined };
}
