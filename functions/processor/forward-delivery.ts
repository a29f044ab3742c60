import { admit, recordSlow, spreadAfter, startProbe } from '../domain/delivery/circuit.ts';
import { type AttemptResult, classify } from '../domain/delivery/outcome.ts';
import { endpointOf } from '../domain/delivery/postbacks.ts';
import { progressOf } from '../domain/forwarding/progress.ts';
import { awaitTurn } from './forwarding/await-turn.ts';
import { changeHealth, noteHealth, raiseDead } from './forwarding/endpoint-health.ts';
import { prepare, type Send } from './forwarding/outbound.ts';
import { type ForwardRequest, findPending, type Pending } from './forwarding/pending.ts';
import type { ForwardDependencies } from './forwarding/ports.ts';
import { postpone, record } from './forwarding/record.ts';

/** The shortest time for which a delivery is postponed when its endpoint takes no further attempt at the moment; the longest is twice that. */
const saturatedMs = 5_000;

/** The result of an attempt; `endpoint` is the name of the publisher's endpoint. */
export interface Forwarded {
  readonly outcome: 'delivered' | 'failed';
  readonly endpoint: string;
}

/**
 * Makes one attempt of a delivery (contract section 3). We deliver at least once: an attempt that was made but not recorded is made again,
 * with the same `webhook-id`.
 *
 * @returns the result of the attempt once it is recorded; `undefined` when no attempt was made, or only one to notify somebody of an alert,
 *   who is no publisher.
 * @throws when the result could not be recorded; the queue sends the message again.
 */
export async function forwardDelivery(dependencies: ForwardDependencies, request: ForwardRequest): Promise<Forwarded | undefined> {
  const pending = await findPending(dependencies, request);
  if (pending === undefined) return undefined;
  const { now, endpoints, random } = dependencies;
  const { row } = pending;
  const endpoint = endpointOf(row.publisher_id, row.postback_id);
  const admission = admit(await endpoints.health(endpoint), now());
  const later = (until: number): Promise<undefined> =>
    postpone(dependencies, pending, spreadAfter(until, Date.parse(row.created_at), random()));
  // The many deliveries that wait for a publisher that fails must cost little: only the first look at each finds out whether it has a URL.
  if (admission.kind === 'postpone' && pending.stored) return later(admission.until);
  const outbound = await prepare(dependencies, pending);
  if (outbound === undefined) return record(dependencies, pending, { status: 'no_url' });
  if (outbound.send === 'invalid_request') return refuse(dependencies, pending);
  switch (admission.kind) {
    case 'postpone':
      return later(admission.until);
    case 'hold':
      return record(dependencies, pending, { status: 'held' });
    case 'probe':
      return (await claimProbe(dependencies, pending, endpoint))
        ? attempt(dependencies, pending, endpoint, outbound.url, outbound.send)
        : undefined;
    case 'send':
      return (await awaitTurn(dependencies, pending, endpoint, outbound.perSecond))
        ? attempt(dependencies, pending, endpoint, outbound.url, outbound.send)
        : undefined;
    default:
      return admission satisfies never;
  }
}

/** Takes the one attempt that an open circuit lets through, or postpones the delivery; returns `false` when it was postponed. */
async function claimProbe(dependencies: ForwardDependencies, pending: Pending, endpoint: string): Promise<boolean> {
  const { now, endpoints } = dependencies;
  const claimed = await endpoints.update(endpoint, (health) =>
    admit(health, now()).kind === 'probe' ? startProbe(health, now()) : undefined,
  );
  if (!claimed) await postpone(dependencies, pending, whenFree(dependencies));
  return claimed;
}

/** When a delivery is tried again whose endpoint takes no further attempt at the moment, in epoch milliseconds. */
function whenFree({ now, random }: ForwardDependencies): number {
  return now() + saturatedMs * (1 + random());
}

async function attempt(
  dependencies: ForwardDependencies,
  pending: Pending,
  endpoint: string,
  url: string,
  send: Send,
): Promise<Forwarded | undefined> {
  const { limiter, now, random } = dependencies;
  const release = await limiter.enter(endpoint);
  if (release === undefined) return postpone(dependencies, pending, whenFree(dependencies));
  let slowNoted: Promise<unknown> = Promise.resolve();
  const at = new Date(now()).toISOString();
  const result = await send(() => {
    slowNoted = changeHealth(dependencies, pending.row, endpoint, (health) => recordSlow(health, now()));
  });
  release(classify(result).kind === 'delivered');
  await slowNoted;
  // A URL that is gone must not pause the one that has replaced it.
  if (classify(result).kind === 'gone' && (await prepare({ ...dependencies, ...dependencies.stored }, pending))?.url !== url)
    return postpone(dependencies, pending, now() + dependencies.oldestSettings);
  const progress = progressOf(pending.row, result, { at, now: now(), jitter: random(), hops: pending.hops });
  await record(dependencies, pending, progress);
  if (progress.status === 'dead') await raiseDead(dependencies, pending.row, result.code);
  await noteHealth(dependencies, pending.row, endpoint, result);
  if (pending.row.alert !== undefined) return undefined;
  return { outcome: classify(result).kind === 'delivered' ? 'delivered' : 'failed', endpoint };
}

/** Sends nothing, because a value would have led the request to another place than its URL names (contract section 3). */
async function refuse(dependencies: ForwardDependencies, pending: Pending): Promise<undefined> {
  const now = dependencies.now();
  const result: AttemptResult = { code: 'invalid_request', duration_ms: 0, answer: '', was_slow: false };
  await record(
    dependencies,
    pending,
    progressOf(pending.row, result, { at: new Date(now).toISOString(), now, jitter: 0, hops: pending.hops }),
  );
  await raiseDead(dependencies, pending.row, result.code);
  return undefined;
}
