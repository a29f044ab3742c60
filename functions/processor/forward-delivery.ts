import { type Conversion, stepsOf } from '../domain/conversion.ts';
import { admit, type EndpointHealth, healthy, recordOutcome, recordSlow, startProbe } from '../domain/delivery/circuit.ts';
import { conversionFields, offerFields } from '../domain/delivery/conversion-fields.ts';
import type { Attempt, Delivery } from '../domain/delivery/delivery.ts';
import { type AttemptResult, classify } from '../domain/delivery/outcome.ts';
import { buildRequest, type OutboundRequest } from '../domain/delivery/request.ts';
import { nextAttempt } from '../domain/delivery/schedule.ts';
import type { Endpoints, Known, Outbox, Progress, RetryHints } from '../domain/forwarding/ports.ts';
import type { PublisherId } from '../domain/ids.ts';
import type { SettingsReader } from '../domain/receiving/ports.ts';
import type { Publisher } from '../domain/settings.ts';
import type { LogEvent } from '../runtime/logger.ts';
import type { Limiter } from './limiter.ts';

export interface ForwardDependencies {
  readonly settings: SettingsReader;
  readonly outbox: Outbox;
  readonly endpoints: Endpoints;
  readonly hints: RetryHints;
  readonly limiter: Limiter;
  /** Signs and sends one attempt; every failure is a result. */
  readonly send: (publisher: Publisher, deliveryId: string, request: OutboundRequest, onSlow: () => void) => Promise<AttemptResult>;
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
}

/** A message of the deliveries queue. */
export interface ForwardRequest {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  /** Present until the delivery has a row of its own. */
  readonly conversionId?: string | undefined;
  /** How many attempts had been made when the message was sent; absent: it does not know, whatever is due is due. */
  readonly attempt?: number | undefined;
  /** What the settlement knew of it; believed by the first attempt, and only while it is fresh. */
  readonly known?: Known | undefined;
  /** The message may have been worked on before. */
  readonly repeated: boolean;
  /** How many messages of this function to its own queue led to this one without a break. Absent: none. */
  readonly hops?: number | undefined;
}

/** The queue's longest delay; later attempts are woken by the sweeper (design decision 4). */
const longestDelaySeconds = 900;
/** The sweeper takes over when a delayed message has not come by then. */
const graceMs = 60_000;
/** A delayed message may come this early. */
const earlyMs = 2_000;
/** A longer postponement is the table's and the sweeper's: an open circuit would keep a message going round for hours. */
const longestPostponementSeconds = 60;
/**
 * Lambda ends a chain of invocations that feeds itself after 16 of one function. The settlement is the first of them; after these the
 * sweeper begins a new chain.
 */
const mostHops = 8;
/** How long a delivery is put off when its publisher answers nobody at the moment. */
const saturatedMs = 5_000;

/** A delivery about to be attempted; without a row, `row` is what will be written. */
interface Pending {
  readonly row: Delivery;
  readonly stored: boolean;
  readonly conversion?: Conversion | undefined;
  readonly known?: Known | undefined;
  readonly hops: number;
}

/**
 * Makes one attempt of a delivery (contract section 3). Deliveries are at least once: whatever is lost between the request and
 * its record is sent again with the same `webhook-id`.
 *
 * @returns how the attempt ended, when that is recorded; `undefined`: none was made.
 * @throws when it could not be recorded; the message comes again.
 */
export async function forwardDelivery(
  dependencies: ForwardDependencies,
  request: ForwardRequest,
): Promise<'delivered' | 'failed' | undefined> {
  const pending = await find(dependencies, request);
  if (pending === undefined) return undefined;
  const { now, endpoints } = dependencies;
  const publisher = await dependencies.settings.publisher(request.publisher);
  const built = publisher === undefined ? 'no_url' : await build(dependencies, pending, publisher);
  if (publisher === undefined || built === 'no_url') return record(dependencies, pending, { status: 'no_url' });

  const admission = admit(await endpoints.health(request.publisher), now());
  switch (admission.kind) {
    case 'hold':
      return record(dependencies, pending, { status: 'held' });
    case 'postpone':
      return postpone(dependencies, pending, admission.until);
    case 'probe': {
      const claimed = await endpoints.update(request.publisher, (health) =>
        admit(health, now()).kind === 'probe' ? startProbe(health, now()) : undefined,
      );
      if (!claimed) return postpone(dependencies, pending, now() + saturatedMs);
      return attempt(dependencies, pending, publisher, built);
    }
    case 'send':
      return attempt(dependencies, pending, publisher, built);
    default:
      return admission satisfies never;
  }
}

/** The delivery as it stands; `undefined` when there is nothing to do for this message. */
async function find({ outbox, now }: ForwardDependencies, request: ForwardRequest): Promise<Pending | undefined> {
  const { deliveryId, conversionId } = request;
  const first = conversionId !== undefined && request.attempt === 0 && !request.repeated;
  const hops = request.hops ?? 0;
  if (first && request.known !== undefined && now() - Date.parse(request.known.at) < graceMs)
    return pendingOf(request, conversionId, request.known);
  const row = first ? undefined : await outbox.delivery(deliveryId);
  const conversionOf = row?.conversion_id ?? conversionId;
  const conversion = conversionOf === undefined ? undefined : await outbox.conversion(conversionOf, deliveryId);
  if (row !== undefined) {
    const open = row.status === 'scheduled' || row.status === 'failing';
    const early = row.next_attempt_at !== undefined && Date.parse(row.next_attempt_at) > now() + earlyMs;
    const stale = request.attempt !== undefined && row.attempts.length !== request.attempt;
    return open && !early && !stale ? { row, stored: true, conversion, hops } : undefined;
  }
  if (conversion === undefined) return undefined;
  const step = conversion.settlements.findIndex(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === deliveryId));
  const settlement = conversion.settlements[step];
  const cause = stepsOf(conversion)[step];
  if (settlement === undefined || cause === undefined) return undefined;
  return {
    row: {
      delivery_id: deliveryId,
      publisher_id: conversion.publisher_id,
      conversion_id: conversion.conversion_id,
      step,
      log_id: cause.log_id,
      status: 'scheduled',
      attempts: [],
      created_at: settlement.at,
    },
    stored: false,
    conversion,
    hops,
  };
}

/** A delivery that has no row yet, as its message describes it. */
function pendingOf({ deliveryId, publisher, hops = 0 }: ForwardRequest, conversionId: string, known: Known): Pending {
  const { step, log_id, at } = known;
  return {
    row: {
      delivery_id: deliveryId,
      publisher_id: publisher,
      conversion_id: conversionId,
      step,
      log_id,
      status: 'scheduled',
      attempts: [],
      created_at: at,
    },
    stored: false,
    known,
    hops,
  };
}

async function build(
  { settings }: ForwardDependencies,
  { row, conversion, known }: Pending,
  publisher: Publisher,
): Promise<OutboundRequest | 'no_url'> {
  const about = conversion ?? known;
  if (about === undefined) {
    const { parameters = [], said = {}, delivery_id: deliveryId } = row;
    return buildRequest(publisher, undefined, { parameters, said, deliveryId });
  }
  const [offer, placement] = await Promise.all([
    settings.offer(about.offer_id),
    about.placement_id === undefined ? undefined : settings.placement(about.placement_id),
  ]);
  const fields =
    conversion === undefined
      ? { ...known?.fields, ...offerFields(offer) }
      : conversionFields(conversion, row.step ?? 0, row.delivery_id, offer);
  return fields === undefined ? 'no_url' : buildRequest(publisher, placement, { fields });
}

async function attempt(
  dependencies: ForwardDependencies,
  pending: Pending,
  publisher: Publisher,
  request: OutboundRequest,
): Promise<'delivered' | 'failed' | undefined> {
  const { endpoints, limiter, now, warn } = dependencies;
  const release = await limiter.enter(publisher.publisher_id);
  if (release === undefined) return postpone(dependencies, pending, now() + saturatedMs);
  let slowNoted: Promise<unknown> = Promise.resolve();
  const at = new Date(now()).toISOString();
  const result = await dependencies.send(publisher, pending.row.delivery_id, request, () => {
    slowNoted = endpoints
      .update(publisher.publisher_id, (health) => recordSlow(health, now()))
      .catch((error: unknown) => warn('endpoint_not_updated', error));
  });
  release(classify(result).kind === 'delivered');
  await slowNoted;
  await record(dependencies, pending, progressOf(dependencies, pending, result, { at, url: request.url }));
  await noteHealth(dependencies, publisher.publisher_id, result);
  return classify(result).kind === 'delivered' ? 'delivered' : 'failed';
}

function progressOf(
  { now, random }: ForwardDependencies,
  { row, hops }: Pending,
  result: AttemptResult,
  made: Pick<Attempt, 'at' | 'url'>,
): Progress {
  const { code, http_status, duration_ms, answer } = result;
  const tried: Attempt = { ...made, code, http_status, duration_ms, answer: answer === '' ? undefined : answer };
  const outcome = classify(result);
  switch (outcome.kind) {
    case 'delivered':
      return { status: 'delivered', attempt: tried, deliveredAt: new Date(now()).toISOString() };
    case 'gone':
      // Not the delivery's fault: it waits until its endpoint is resumed.
      return { status: 'held', attempt: tried };
    case 'failed': {
      const next = nextAttempt({ attempt: row.attempts.length + 1, now: now(), retryAfter: result.retry_after, jitter: random() });
      if (next === 'dead') return { status: 'dead', attempt: tried };
      return { status: 'failing', attempt: tried, ...wakeAt(next.at, hops < mostHops && next.at - now() <= longestDelaySeconds * 1_000) };
    }
    default:
      return outcome satisfies never;
  }
}

/** When a delivery is taken up again: by a delayed message, behind which the sweeper stands, or by the sweeper alone. */
function wakeAt(at: number, byQueue: boolean): Pick<Progress, 'nextAttemptAt' | 'dueAt'> {
  return { nextAttemptAt: new Date(at).toISOString(), dueAt: byQueue ? at + graceMs : at };
}

/** Puts it off without spending an attempt. */
function postpone(dependencies: ForwardDependencies, pending: Pending, until: number): Promise<undefined> {
  const at = Math.ceil(until + dependencies.random() * saturatedMs);
  const byQueue = pending.hops < mostHops && at - dependencies.now() <= longestPostponementSeconds * 1_000;
  return record(dependencies, pending, { status: pending.row.status, ...wakeAt(at, byQueue) });
}

async function record(
  { outbox, hints, now, warn }: ForwardDependencies,
  { row, stored, hops }: Pending,
  progress: Progress,
): Promise<undefined> {
  const attempts = progress.attempt === undefined ? row.attempts : [...row.attempts, progress.attempt];
  if (stored) {
    if (!(await outbox.advance(row, progress))) return undefined;
  } else {
    await outbox.create(
      { ...row, status: progress.status, attempts, next_attempt_at: progress.nextAttemptAt, delivered_at: progress.deliveredAt },
      progress.dueAt,
    );
  }
  if (progress.nextAttemptAt === undefined) return undefined;
  const nextAt = Date.parse(progress.nextAttemptAt);
  // The sweeper takes it up by itself.
  if (progress.dueAt === nextAt) return undefined;
  const delay = Math.ceil((nextAt - now()) / 1_000);
  try {
    await hints.retry(row.delivery_id, row.publisher_id, attempts.length, Math.max(0, delay), hops + 1);
  } catch (error) {
    warn('retry_hint_failed', error);
  }
  return undefined;
}

/** Nothing is written for a healthy endpoint that stays healthy. */
async function noteHealth({ endpoints, now, warn }: ForwardDependencies, publisher: PublisherId, result: AttemptResult): Promise<void> {
  const outcome = classify(result);
  try {
    if (outcome.kind === 'delivered' && isHealthy(await endpoints.health(publisher)) && !result.was_slow) return;
    await endpoints.update(publisher, (health) => {
      const next = recordOutcome(health, outcome, now(), { wasSlow: result.was_slow });
      return isHealthy(health) && isHealthy(next) ? undefined : next;
    });
  } catch (error) {
    warn('endpoint_not_updated', error);
  }
}

function isHealthy(health: EndpointHealth): boolean {
  return (
    health.consecutive_failures === healthy.consecutive_failures && health.open_until === undefined && health.failing_since === undefined
  );
}
