import type { Addressee } from '../adapters/http/sender.ts';
import type { Alert, Cause } from '../domain/alerting/alert.ts';
import { deliveryDead, endpointFailing, endpointPaused } from '../domain/alerting/thresholds.ts';
import { type Conversion, stepsOf } from '../domain/conversion.ts';
import {
  admit,
  type EndpointHealth,
  healthy,
  type LastFailure,
  recordOutcome,
  recordSlow,
  startProbe,
} from '../domain/delivery/circuit.ts';
import { conversionFields, offerFields } from '../domain/delivery/conversion-fields.ts';
import type { DeliveryCrypto } from '../domain/delivery/crypto.ts';
import { cutText, type Delivery, withAttempt } from '../domain/delivery/delivery.ts';
import { type AttemptResult, classify } from '../domain/delivery/outcome.ts';
import { endpointOf, type OpenPostback, openPostback, postbackOf } from '../domain/delivery/postbacks.ts';
import { buildRequest, type Content, type OutboundRequest } from '../domain/delivery/request.ts';
import type { Endpoints, Known, Outbox, Progress, RetryHints } from '../domain/forwarding/ports.ts';
import { graceMs, mostHops, progressOf, wakeAt } from '../domain/forwarding/progress.ts';
import type { PublisherId } from '../domain/ids.ts';
import type { SettingsReader } from '../domain/receiving/ports.ts';
import type { Offer, Publisher, PublisherPostback } from '../domain/settings.ts';
import type { LogEvent } from '../runtime/logger.ts';
import type { Limiter } from './limiter.ts';

export interface ForwardDependencies {
  readonly settings: SettingsReader;
  readonly outbox: Outbox;
  readonly endpoints: Endpoints;
  readonly hints: RetryHints;
  readonly limiter: Limiter;
  readonly alerts: { find(id: string): Promise<Alert | undefined>; raise(cause: Cause): Promise<void> };
  readonly crypto: DeliveryCrypto;
  /** Opens a sealed secret of its owner. */
  readonly openSecret: (sealed: string, owner: string) => Promise<string>;
  /** Signs and sends one attempt; every failure is a result. */
  readonly send: (addressee: Addressee, deliveryId: string, request: OutboundRequest, onSlow: () => void) => Promise<AttemptResult>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
}

/** A message of the deliveries queue. */
export interface ForwardRequest {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  /** Absent: the plain one, or the delivery's row knows. */
  readonly postbackId?: string | undefined;
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

/** A delayed message may come this early. */
const earlyMs = 2_000;
/** A longer postponement is the table's and the sweeper's: an open circuit would keep a message going round for hours. */
const longestPostponementSeconds = 60;
/** How long a delivery is put off when its publisher answers nobody at the moment. */
const saturatedMs = 5_000;
/** A rate sets times aside this far ahead; what finds none comes back later. */
const rateHorizonMs = 60_000;
/** A time that was set aside is waited for here when it is this near. */
const waitHereMs = 1_000;
/** Of the answer of an endpoint's last failure. */
const mostFailureBytes = 256;
/** One that has passed by more than this is no longer the delivery's own. */
const lateMs = 2_000;

/** A delivery about to be attempted; without a row, `row` is what will be written. */
interface Pending {
  readonly row: Delivery;
  readonly stored: boolean;
  readonly conversion?: Conversion | undefined;
  readonly known?: Known | undefined;
  readonly hops: number;
}

/** A request and whom it goes to. */
interface Outbound {
  readonly addressee: Addressee;
  readonly postback: PublisherPostback;
  readonly endpoint: string;
  readonly request: OutboundRequest | 'invalid_request';
}

/** How an attempt ended; `endpoint` is the publisher's. */
export interface Forwarded {
  readonly outcome: 'delivered' | 'failed';
  readonly endpoint: string;
}

/**
 * Makes one attempt of a delivery (contract section 3). Deliveries are at least once: whatever is lost between the request and
 * its record is sent again with the same `webhook-id`.
 *
 * @returns how the attempt ended, when that is recorded; `undefined`: none was made.
 * @throws when it could not be recorded; the message comes again.
 */
export async function forwardDelivery(dependencies: ForwardDependencies, request: ForwardRequest): Promise<Forwarded | undefined> {
  const pending = await find(dependencies, request);
  if (pending === undefined) return undefined;
  const outbound = await prepare(dependencies, pending);
  if (outbound === undefined) return record(dependencies, pending, { status: 'no_url' });
  if (outbound.request === 'invalid_request') return refuse(dependencies, pending);

  const { now, endpoints } = dependencies;
  const { endpoint } = outbound;
  const admission = admit(await endpoints.health(endpoint), now());
  switch (admission.kind) {
    case 'hold':
      return record(dependencies, pending, { status: 'held' });
    case 'postpone':
      return postpone(dependencies, pending, admission.until);
    case 'probe': {
      const claimed = await endpoints.update(endpoint, (health) =>
        admit(health, now()).kind === 'probe' ? startProbe(health, now()) : undefined,
      );
      if (!claimed) return postpone(dependencies, pending, now() + saturatedMs);
      return attempt(dependencies, pending, outbound, outbound.request);
    }
    case 'send':
      return (await awaitTurn(dependencies, pending, outbound)) ? attempt(dependencies, pending, outbound, outbound.request) : undefined;
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
  const announced = settlement?.deliveries.find(({ delivery_id }) => delivery_id === deliveryId);
  const cause = stepsOf(conversion)[step];
  if (settlement === undefined || announced === undefined || cause === undefined) return undefined;
  return {
    row: {
      ...announced,
      publisher_id: conversion.publisher_id,
      conversion_id: conversion.conversion_id,
      step,
      sequence: settlement.sequence,
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
function pendingOf({ deliveryId, publisher, postbackId, hops = 0 }: ForwardRequest, conversionId: string, known: Known): Pending {
  const { step, sequence, log_id, at } = known;
  return {
    row: {
      delivery_id: deliveryId,
      publisher_id: publisher,
      postback_id: postbackId,
      conversion_id: conversionId,
      step,
      sequence,
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

/** What is sent and to whom, by the settings of this moment. `undefined`: there is nowhere to send it. */
async function prepare(dependencies: ForwardDependencies, pending: Pending): Promise<Outbound | undefined> {
  const { settings, openSecret, crypto } = dependencies;
  const { row, conversion, known } = pending;
  if (row.alert !== undefined) return prepareAlert(dependencies, row, row.alert);
  const publisher = await settings.publisher(row.publisher_id);
  if (publisher === undefined) return undefined;
  const about = conversion ?? known;
  const [offer, placement] = await Promise.all([
    about && settings.offer(about.offer_id),
    about?.placement_id === undefined ? undefined : settings.placement(about.placement_id),
  ]);
  const postback = postbackOf(publisher, placement, row.postback_id);
  const content = contentOf(pending, publisher, offer);
  if (postback === undefined || content === undefined) return undefined;
  const opened = await openPostback(postback, publisher.publisher_id, openSecret);
  return {
    addressee: { id: publisher.publisher_id, secrets: publisher.secrets },
    postback,
    endpoint: endpointOf(row.publisher_id, row.postback_id),
    request: buildRequest(opened, content, crypto),
  };
}

/** An alert goes to its own address, signed with its own secret, by the same engine as everything else (contract 3.1). */
async function prepareAlert({ alerts, crypto }: ForwardDependencies, row: Delivery, json: string): Promise<Outbound | undefined> {
  const alert = await alerts.find(row.publisher_id);
  if (alert === undefined) return undefined;
  const postback: OpenPostback = { opened: true, url: alert.url, method: 'POST', content_type: 'json', status: 'active' };
  return {
    addressee: { id: alert.alert_id, secrets: alert.secrets },
    postback,
    endpoint: row.publisher_id,
    request: buildRequest(postback, { json }, crypto),
  };
}

function contentOf({ row, conversion, known }: Pending, publisher: Publisher, offer: Offer | undefined): Content | undefined {
  const { parameters = [], said = {}, delivery_id: deliveryId } = row;
  if (conversion !== undefined) {
    const fields = conversionFields(conversion, row.step ?? 0, deliveryId, offer);
    return fields && { fields };
  }
  if (known !== undefined) return { fields: { ...known.fields, ...offerFields(offer), delivery_id: deliveryId } };
  return { parameters, said, deliveryId, publisherId: publisher.publisher_id };
}

/** Waits for the delivery's turn by its postback's rate, or puts it off. No attempt is spent. */
async function awaitTurn(dependencies: ForwardDependencies, pending: Pending, { postback, endpoint }: Outbound): Promise<boolean> {
  const { endpoints, now, sleep, random } = dependencies;
  const { rate_per_second: perSecond } = postback;
  if (perSecond === undefined) return true;
  const own = pending.row.reserved_for;
  const turn =
    own !== undefined && now() - own < lateMs
      ? { at: own, reserved: true }
      : await endpoints.reserve(endpoint, perSecond, now(), rateHorizonMs);
  if (!turn.reserved) {
    await postpone(dependencies, pending, turn.at + random() * rateHorizonMs);
    return false;
  }
  if (turn.at - now() > waitHereMs) {
    const status = pending.row.status;
    await record(dependencies, pending, {
      status,
      ...wakeAt(turn.at, pending.hops < mostHops),
      reservedFor: turn.at,
    });
    return false;
  }
  await sleep(Math.max(0, turn.at - now()));
  return true;
}

async function attempt(
  dependencies: ForwardDependencies,
  pending: Pending,
  { addressee, endpoint }: Outbound,
  request: OutboundRequest,
): Promise<Forwarded | undefined> {
  const { limiter, now, random } = dependencies;
  const release = await limiter.enter(endpoint);
  if (release === undefined) return postpone(dependencies, pending, now() + saturatedMs);
  let slowNoted: Promise<unknown> = Promise.resolve();
  const at = new Date(now()).toISOString();
  const result = await dependencies.send(addressee, pending.row.delivery_id, request, () => {
    slowNoted = changeHealth(dependencies, pending.row, endpoint, (health) => recordSlow(health, now()));
  });
  release(classify(result).kind === 'delivered');
  await slowNoted;
  const progress = progressOf(pending.row, result, { at, now: now(), jitter: random(), hops: pending.hops });
  await record(dependencies, pending, progress);
  if (progress.status === 'dead') await raiseDead(dependencies, pending.row, result.code);
  await noteHealth(dependencies, pending.row, endpoint, result);
  return { outcome: classify(result).kind === 'delivered' ? 'delivered' : 'failed', endpoint };
}

/** Nothing is sent: a value would have led the request elsewhere than its address says (contract section 3). */
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

/** Nothing is written for a healthy endpoint that stays healthy. */
async function noteHealth(dependencies: ForwardDependencies, row: Delivery, endpoint: string, result: AttemptResult): Promise<void> {
  const { endpoints, now } = dependencies;
  const outcome = classify(result);
  if (outcome.kind === 'delivered' && !result.was_slow && isHealthy(await endpoints.health(endpoint))) return;
  await changeHealth(dependencies, row, endpoint, (health) => {
    const next = recordOutcome(health, outcome, now(), { wasSlow: result.was_slow });
    if (outcome.kind !== 'delivered') return { ...next, last_failure: failureOf(row.delivery_id, result, now()) };
    return isHealthy(health) && isHealthy(next) ? undefined : next;
  });
}

/** Changes what is known of an endpoint, and tells whoever asked to hear of such a change. What fails here is no reason to send again. */
async function changeHealth(
  dependencies: ForwardDependencies,
  row: Delivery,
  endpoint: string,
  change: (health: EndpointHealth) => EndpointHealth | undefined,
): Promise<void> {
  let causes: readonly (Cause | undefined)[] = [];
  try {
    const written = await dependencies.endpoints.update(endpoint, (health) => {
      const next = change(health);
      const about = { publisherId: row.publisher_id, postbackId: row.postback_id };
      causes = next === undefined ? [] : [endpointFailing(health, next, about), endpointPaused(health, next, about)];
      return next;
    });
    if (written) await raise(dependencies, row, causes);
  } catch (error) {
    dependencies.warn('endpoint_not_updated', error);
  }
}

function raiseDead(dependencies: ForwardDependencies, row: Delivery, code: string): Promise<void> {
  const about = { publisherId: row.publisher_id, postbackId: row.postback_id };
  return raise(dependencies, row, [deliveryDead(row.delivery_id, row.attempts.length + 1, code, about)]);
}

/** An alert that does not arrive is no cause for another. */
async function raise({ alerts, warn }: ForwardDependencies, row: Delivery, causes: readonly (Cause | undefined)[]): Promise<void> {
  if (row.alert !== undefined) return;
  try {
    for (const cause of causes) if (cause !== undefined) await alerts.raise(cause);
  } catch (error) {
    warn('alert_not_raised', error);
  }
}

function failureOf(delivery_id: string, { code, http_status, answer }: AttemptResult, at: number): LastFailure {
  return { at, delivery_id, code, http_status, answer: answer === '' ? undefined : cutText(answer, mostFailureBytes) };
}

function isHealthy(health: EndpointHealth): boolean {
  return (
    health.consecutive_failures === healthy.consecutive_failures && health.open_until === undefined && health.failing_since === undefined
  );
}
