import type Big from 'big.js';
import { capName } from '../conversions/counting.ts';
import type { EndpointHealth } from '../delivery/circuit.ts';
import type { Cap } from '../settings.ts';
import type { Cause } from './alert.ts';

const failuresToTell = 10;
const hourMs = 3_600_000;
/** A rate of fewer postbacks than this means nothing. */
const leastCounted = 20;
const tellingHeldRate = 0.2;
const tellingReversalRate = 0.2;
const signatureFailuresToTell = 10;
/** A partner with fewer known postbacks than this has no usual gap between them. */
const leastForGap = 10;

/** An endpoint of a publisher. */
interface Endpoint {
  readonly publisherId: string;
  readonly postbackId: string | undefined;
}

/** Ten failures in a row. Attempts that are still running but slow count as failures. */
export function endpointFailing(before: EndpointHealth, after: EndpointHealth, endpoint: Endpoint): Cause | undefined {
  if (before.consecutive_failures >= failuresToTell || after.consecutive_failures < failuresToTell) return undefined;
  const { last_failure: last, consecutive_failures: failures } = after;
  return {
    ...about('endpoint.failing', endpoint),
    says: `${nameOf(endpoint)} has failed ${failures} times in a row${last === undefined ? '' : `, last with ${last.code}`}.`,
    data: { failures, ...(last === undefined ? {} : { code: last.code }) },
  };
}

/** The endpoint was paused because of its answers, not by a person. */
export function endpointPaused(before: EndpointHealth, after: EndpointHealth, endpoint: Endpoint): Cause | undefined {
  if (before.paused !== undefined || after.paused === undefined || after.paused.reason === 'manual') return undefined;
  const { reason } = after.paused;
  const why = reason === 'gone' ? 'it answered 410 Gone' : 'every attempt failed for five days';
  return {
    ...about('endpoint.paused', endpoint),
    says: `${nameOf(endpoint)} was paused because ${why}. Its deliveries are held until it is resumed.`,
    data: { reason },
  };
}

/** A delivery has been given up. */
export function deliveryDead(deliveryId: string, attempts: number, code: string, endpoint: Endpoint): Cause {
  return {
    ...about('delivery.dead', endpoint),
    says: `A delivery to ${nameOf(endpoint).replace('The', 'the')} was given up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}, the last with ${code}.`,
    page: `deliveries/${deliveryId}`,
    data: { delivery_id: deliveryId, attempts, code },
  };
}

/** The newest postbacks of a partner; the counts cover the last hour or less. */
export interface Recent {
  /** Epoch milliseconds, newest first. */
  readonly times: readonly number[];
  /** Received in the last hour. */
  readonly received: number;
  readonly held: number;
  readonly approved: number;
  readonly reversed: number;
  readonly signatureFailures: number;
}

/** The partner has sent nothing for more than three times its usual gap, and for at least an hour. @param now epoch milliseconds. */
export function partnerSilent(partnerId: string, { times }: Recent, now: number): Cause | undefined {
  const [newest] = times;
  const oldest = times.at(-1);
  if (newest === undefined || oldest === undefined || times.length < leastForGap) return undefined;
  const gap = (newest - oldest) / (times.length - 1);
  const silence = now - newest;
  if (silence <= Math.max(3 * gap, hourMs)) return undefined;
  const minutes = Math.round(silence / 60_000);
  return ofPartner(
    'partner.silent',
    partnerId,
    `has sent nothing for ${minutes} minutes; it usually sends a postback every ${textOf(gap)}.`,
    {
      silent_minutes: minutes,
      usual_gap_seconds: Math.round(gap / 1_000),
    },
  );
}

export function partnerHeldRate(partnerId: string, { received, held }: Recent): Cause | undefined {
  if (received < leastCounted || held / received < tellingHeldRate) return undefined;
  return ofPartner('partner.held_rate', partnerId, `had ${held} of ${received} postbacks held in the last hour.`, { held, received });
}

export function partnerReversalRate(partnerId: string, { approved, reversed }: Recent): Cause | undefined {
  if (approved + reversed < leastCounted || reversed / (approved + reversed) < tellingReversalRate) return undefined;
  return ofPartner('partner.reversal_rate', partnerId, `reversed ${reversed} conversions and approved ${approved} in the last hour.`, {
    approved,
    reversed,
  });
}

export function partnerSignatureFailures(partnerId: string, { signatureFailures: failures }: Recent): Cause | undefined {
  if (failures < signatureFailuresToTell) return undefined;
  return ofPartner(
    'partner.signature_failures',
    partnerId,
    `sent ${failures} postbacks with a missing or wrong signature in the last hour.`,
    {
      failures,
    },
  );
}

/** @param minute ISO 8601. */
export function reconciliationGap(gaps: number, minute: string, kinds: string): Cause | undefined {
  if (gaps === 0) return undefined;
  return {
    event: 'reconciliation.gap',
    about: 'reconciliation',
    says: `The postbacks of ${minute} have inconsistencies: ${kinds}.`,
    page: 'overview',
    data: { gaps, minute },
  };
}

/** @param differences the number of differences between a partner's own file and our records, by kind. */
export function fileDiffers(partnerId: string, differences: Readonly<Record<string, number>>): Cause | undefined {
  const gaps = Object.values(differences).reduce((sum, count) => sum + count, 0);
  if (gaps === 0) return undefined;
  return {
    event: 'reconciliation.gap',
    about: partnerId,
    partner_id: partnerId,
    says: `A file of partner ${partnerId} differs from our records in ${gaps} ${gaps === 1 ? 'payment' : 'payments'}.`,
    page: `partners/${partnerId}`,
    data: { gaps, ...differences },
  };
}

interface CapState {
  readonly offerId: string;
  readonly partnerId: string;
  readonly cap: Cap;
  /** Conversions, or upward payout in the offer's currency. */
  readonly counted: Big;
  /** What was just held because the cap had no room for it; absent: there was room. */
  readonly refused: Big | undefined;
}

/** A cap is full, or has too little room for an approval. */
export function capReached({ offerId, partnerId, cap, counted, refused }: CapState): Cause {
  const { per, of, limit, publisher_id } = cap;
  const [most, taken] = [limit.toFixed(), counted.toFixed()];
  const name = `cap of ${most} ${of === 'payout' ? 'of payout' : 'conversions'}${per === 'total' ? ' in total' : ` per ${per}`}`;
  const whose = publisher_id === undefined ? name : `${name} for publisher ${publisher_id}`;
  const says =
    counted.lt(limit) && refused !== undefined
      ? `On offer ${offerId}, another ${refused.toFixed()} would exceed the ${whose} (${taken} used), so it was held.`
      : `The offer ${offerId} has reached its ${whose}. Postbacks beyond it are held.`;
  return {
    event: 'cap.reached',
    about: `${offerId} ${capName(cap)}`,
    partner_id: partnerId,
    publisher_id,
    says,
    page: `offers/${offerId}`,
    data: { offer_id: offerId, per, of, limit: most, counted: taken, ...(refused === undefined ? {} : { held: refused.toFixed() }) },
  };
}

function about(event: Cause['event'], { publisherId, postbackId }: Endpoint): Pick<Cause, 'event' | 'about' | 'publisher_id' | 'page'> {
  return {
    event,
    about: postbackId === undefined ? publisherId : `${publisherId} ${postbackId}`,
    publisher_id: publisherId,
    page: `publishers/${publisherId}`,
  };
}

function nameOf({ publisherId, postbackId }: Endpoint): string {
  return postbackId === undefined ? `The endpoint of publisher ${publisherId}` : `The postback ${postbackId} of publisher ${publisherId}`;
}

function ofPartner(event: Cause['event'], partnerId: string, says: string, data: Cause['data']): Cause {
  return { event, about: partnerId, partner_id: partnerId, says: `Partner ${partnerId} ${says}`, page: `partners/${partnerId}`, data };
}

function textOf(ms: number): string {
  return ms < 120_000 ? `${Math.max(1, Math.round(ms / 1_000))} s` : `${Math.round(ms / 60_000)} minutes`;
}
