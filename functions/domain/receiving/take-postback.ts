import { postbackIdOf } from '../conversion-id.ts';
import type { LogEntry } from '../log-entry.ts';
import { identityOf } from '../postback/identity.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import { deliveriesOf, forwardedOf, isOwnDelivery } from './forward-only.ts';
import { hiddenOf, hideIn } from './hide-key.ts';
import type { ForwardOnly } from './ports.ts';
import { recordPostback } from './record-postback.ts';
import type { Recorded, RecordingPorts } from './recording.ts';
import { type Understanding, type UnderstandingPorts, type Understood, understand } from './understand.ts';

export interface TakingPorts extends RecordingPorts {
  readonly understanding: UnderstandingPorts;
  /** A time-ordered unique id. */
  readonly newId: () => string;
}

/** A request from a partner whose key is known. */
export interface Taking {
  readonly partner: Partner;
  readonly request: InboundRequest;
  /** It was sent to the older URL, with the key as a parameter (contract 1.9). */
  readonly olderAddress: boolean;
  /** What the log knows before the request is read; it is an error until the result is known. */
  readonly blank: LogEntry;
  /** Epoch milliseconds of receipt. */
  readonly now: number;
}

export interface Taken extends Recorded {
  /** Deliveries of a forward-only partner, ready to be sent. */
  readonly deliver?: readonly ForwardOnly[] | undefined;
  /** How the request was understood. */
  readonly understanding?: Understanding | undefined;
}

/**
 * Processes a request from its bytes to a durable outcome: what it says, whether it may be believed, what it does (contract section 1).
 * Whatever the outcome, it is in the log.
 *
 * @throws when the journal could not write it; nothing is acknowledged.
 */
export async function takePostback(ports: TakingPorts, { partner, request, olderAddress, blank, now }: Taking): Promise<Taken> {
  const understanding = await understand(ports.understanding, partner, request, olderAddress, now);
  if (partner.mode === 'forward_only' && !blank.staging) {
    const forwarded = await forwardOnly(ports, partner, request, blank, understanding);
    if (forwarded !== undefined) return { ...forwarded, understanding };
  }
  if (!understanding.understood) {
    const outcome = { result: 'error', ...understanding.refusal } as const;
    const { clickId: click_id, transactionId: transaction_id, userId: user_id, parameters: custom_data, flags } = understanding;
    await ports.journal.write({ ...blank, ...outcome, click_id, transaction_id, user_id, custom_data, flags }, {});
    return { ...outcome, understanding };
  }
  const recorded = await recordPostback(ports, { partner, postback: understanding.postback, entry: described(blank, understanding), now });
  return { ...recorded, understanding };
}

/** What the log says about a postback that was understood. */
export function described(blank: LogEntry, { postback, flags }: Pick<Understood, 'postback' | 'flags'>): LogEntry {
  return {
    ...blank,
    flags,
    click_id: postback.clickId,
    user_id: postback.userId,
    transaction_id: postback.transactionId,
    status: postback.status ?? postback.statusWord,
    payout: postback.payout?.toFixed(),
    currency: postback.currency,
    event: postback.event,
    custom_data: postback.customData,
  };
}

/**
 * The most deliveries of one postback. They are written with the log entry in one transaction of at most 4 MB, and each may contain a whole
 * request of 64 KB.
 */
const mostForwards = 50;

/**
 * Handles a forward-only partner's postback: no click is looked up and nothing is converted; the parameters are passed on as they were
 * received (contract 1.10), even if we would not understand them.
 *
 * @returns `undefined` when it is not believed, or could not be read at all.
 */
async function forwardOnly(
  ports: TakingPorts,
  partner: Partner,
  request: InboundRequest,
  blank: LogEntry,
  understanding: Understanding,
): Promise<Taken | undefined> {
  const sent = understanding.understood ? understanding.parameters : understanding.sent;
  if (sent === undefined) return undefined;
  const entry = understanding.understood
    ? described(blank, understanding)
    : { ...blank, click_id: understanding.clickId, custom_data: understanding.parameters, flags: understanding.flags };
  if (understanding.understood && understanding.postback.status === 'test') {
    await ports.journal.write({ ...entry, result: 'test' }, {});
    return { result: 'test' };
  }
  if (isOwnDelivery(request)) {
    const outcome = { result: 'logged', message: 'It is a delivery of this system, and goes no further' } as const;
    await ports.journal.write({ ...entry, ...outcome }, {});
    return outcome;
  }
  const { eventSegment } = request;
  const segment = eventSegment === undefined ? undefined : hideIn(eventSegment, hiddenOf(request));
  const forwarded = forwardedOf(sent, partner, understanding.network, segment);
  const matching = await deliveriesOf(ports, partner, forwarded, understanding.understood ? understanding.postback : undefined);
  const deliveries = matching.slice(0, mostForwards);
  const message =
    matching.length > mostForwards ? `It matches ${matching.length} postbacks: the first ${mostForwards} are told` : undefined;
  const identity = understanding.understood ? understanding.postback.identity : identityOf(new Map([['event', segment ?? '']]), sent);
  const markerId = postbackIdOf(ports.fingerprint(JSON.stringify([partner.partner_id, identity])));
  const written = await ports.journal.recordForwards({ ...entry, result: 'accepted', message }, deliveries, markerId);
  if (written.kind === 'repeated') {
    await ports.journal.write({ ...entry, result: 'duplicate' }, {});
    return { result: 'duplicate' };
  }
  return { result: 'accepted', deliver: deliveries };
}
