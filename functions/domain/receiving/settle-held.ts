import Big from 'big.js';
import type { HeldCode } from '../codes.ts';
import { type LogEntry, wasErased } from '../log-entry.ts';
import { assignParameters } from '../postback/assigned-parameters.ts';
import { dialectOf } from '../postback/dialect.ts';
import { completeEvent } from '../postback/event-names.ts';
import { interpret } from '../postback/interpret.ts';
import type { Postback, StandardParameter } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import type { ForwardedStatus } from '../status.ts';
import { acceptedOnly, NotAccepted } from './accepted-only.ts';
import { Overtaken } from './overtaken.ts';
import { recordPostback } from './record-postback.ts';
import type { Recorded } from './recording.ts';
import { type Replay, replayOf } from './replay.ts';
import type { ReprocessingPorts } from './reprocess.ts';
import { described } from './take-postback.ts';
import { type Understanding, understand } from './understand.ts';

/** A person's decision about a conversion (contract section 4). */
export interface HandDecision {
  readonly status: ForwardedStatus;
  readonly reason: string;
  /** Name of the person's token. */
  readonly by: string;
  /** Upward payout; absent: the one that was sent. */
  readonly payout?: Big | undefined;
  /** The click that is meant, if the postback does not name one. */
  readonly clickId?: string | undefined;
}

/** Why a decision changes nothing. */
export const handRefusals = {
  no_change: 'The conversion already has this status',
  already_settled: 'Someone else has settled it in the meantime',
  click_needed: 'The postback does not name a click. Send click_id',
  click_not_found: 'This partner has no such click',
  missing_payout: 'The offer pays a percentage. Send payout',
  conflict: 'Conflicts with the recorded conversion (other currency, or too many changes)',
  not_allowed: 'Only a held conversion can become pending',
  partner_not_found: 'Its partner no longer exists',
  log_not_found: 'Its postback is no longer in the log',
} as const satisfies Readonly<Record<string, string>>;
export type HandRefusal = keyof typeof handRefusals;

export type Handled =
  | { readonly done: true; readonly recorded: Recorded }
  | { readonly done: false; readonly refusal: HandRefusal; readonly message?: string | undefined };

/** A postback that is held for one of these reasons says nothing about a conversion until a person decides that it does. */
const asides: ReadonlySet<HeldCode> = new Set<HeldCode>([
  'conflict',
  'reapproval',
  'several_conversions',
  'unknown_transaction',
  'unsigned_value',
  'too_many_changes',
  'rule',
  'over_cap',
]);

/**
 * Whether a rejection of a held postback only sets this postback aside: the conversion stays as it is, or it is unknown whose it is. A
 * take-back can be rejected in no other way.
 */
export function isDismissal(
  held: { readonly code: HeldCode; readonly said_status?: ForwardedStatus | undefined },
  { status, clickId }: HandDecision,
): boolean {
  if (status !== 'rejected') return false;
  return held.said_status === 'reversed' || asides.has(held.code) || (held.code === 'several_candidates' && clickId === undefined);
}

/**
 * Settles a held postback as a person decides: it passes through the pipeline again with the person's status, payout and click instead of
 * its own, and is either accepted or changes nothing.
 *
 * @param at ISO 8601.
 */
export async function settleHeld(
  ports: ReprocessingPorts,
  previous: LogEntry,
  partner: Partner,
  decision: HandDecision,
  at: string,
): Promise<Handled> {
  const { status, by, reason } = decision;
  // Whether the partner may send now does not matter for a postback that was believed when it was received.
  const trusted: Partner = { ...partner, status: 'active', ip_policy: 'off', signing_secrets: [] };
  const replay = replayOf(previous, trusted, ports.decodeBody, at, by);
  const understanding = await understand(ports.understanding, replay.partner, replay.request, replay.olderAddress, replay.now);
  const sent = understanding.understood ? understanding.postback : readDespite(understanding, replay, decision);
  const said = wasErased(previous) ? { ...sent, ...remembered(previous) } : sent;
  const postback = {
    ...said,
    status,
    // Only an unknown word is what the person has decided about.
    statusWord: said.status === undefined ? said.statusWord : undefined,
    payout: decision.payout ?? said.payout,
    clickId: decision.clickId ?? said.clickId,
    heldFor: undefined,
    logged: undefined,
    // A decision is no repetition of the postback that it is about.
    identity: JSON.stringify([said.identity, ports.newId()]),
  };
  const entry = described(replay.blank, { postback, flags: understanding.flags });
  const journal = acceptedOnly(ports.journalAgain(previous, by));
  try {
    const recorded = await recordPostback(
      { ...ports, journal },
      { partner, postback, entry, now: replay.now, byHand: { status, by, reason } },
    );
    return { done: true, recorded };
  } catch (error) {
    if (error instanceof Overtaken) return { done: false, refusal: 'already_settled' };
    if (error instanceof NotAccepted) return { done: false, refusal: refusalOf(error) };
    throw error;
  }
}

/**
 * What a postback says that was refused for its content, without the values that the person replaces (contract 1.7): its status and amount,
 * and its click if the person names one.
 */
function readDespite(
  { sent = [], network, clickId, parameters }: Extract<Understanding, { understood: false }>,
  { partner, request }: Replay,
  decision: HandDecision,
): Postback {
  const dialect = dialectOf(partner, network);
  const decided: readonly StandardParameter[] = [
    'status',
    'payout',
    'currency',
    ...(decision.clickId === undefined ? [] : (['click_id'] as const)),
  ];
  const { standard } = assignParameters(sent, dialect.names);
  const replaced = new Set(decided.flatMap((name) => (standard.get(name) ?? []).map(({ parameter }) => parameter)));
  const reading = interpret(
    sent.filter((parameter) => !replaced.has(parameter)),
    dialect,
    request.eventSegment,
  );
  if (reading.read) return reading.postback;
  return {
    clickId,
    status: undefined,
    offerReferences: [],
    event: completeEvent,
    eventSent: false,
    unknownEvent: 'hold',
    matchByTransaction: false,
    subIds: {},
    customData: parameters,
    identity: '',
    flags: [],
  };
}

/** What the log entry itself says, which is all that is left once the user has been erased. */
function remembered({ click_id, transaction_id, payout, currency, event }: LogEntry): Partial<Postback> {
  return {
    clickId: click_id,
    transactionId: transaction_id,
    payout: payout === undefined ? undefined : new Big(payout),
    currency,
    ...(event === undefined ? {} : { event }),
  };
}

function refusalOf({ outcome: { result, code } }: NotAccepted): HandRefusal {
  if (result === 'duplicate') return 'no_change';
  if (code === 'missing_payout' || code === 'click_not_found') return code;
  return code === 'several_candidates' || code === 'missing_click_id' ? 'click_needed' : 'conflict';
}
