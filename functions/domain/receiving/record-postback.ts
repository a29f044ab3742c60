import type { Click } from '../click.ts';
import type { HeldCode, LogFlag } from '../codes.ts';
import { errorCodes, heldCodes } from '../codes.ts';
import { type Conversion, decide, type Statement, type Step } from '../conversion.ts';
import { conversionIdOf, postbackIdOf } from '../conversion-id.ts';
import type { LogEntry, Outcome } from '../log-entry.ts';
import { zero } from '../money.ts';
import type { Postback } from '../postback/postback.ts';
import { earningsOf, termsOf } from '../revenue-share.ts';
import type { Offer, Partner } from '../settings.ts';
import { type ForwardedStatus, forwardedStatuses } from '../status.ts';
import { type Match, matchClick } from './match-click.ts';
import type { ClickReader, HeldPostback, Journal, Remembered, SettingsReader } from './ports.ts';

export interface RecordingPorts {
  readonly settings: SettingsReader;
  readonly clicks: ClickReader;
  readonly journal: Journal;
  /** A short digest of a text: what tells one postback from another. */
  fingerprint(identity: string): string;
}

/** A believed and understood postback on its way to the journal. */
export interface Receipt {
  readonly partner: Partner;
  readonly postback: Postback;
  /** The entry so far; the outcome is filled in here. */
  readonly entry: LogEntry;
  /** Epoch milliseconds. */
  readonly now: number;
  /** A person's decision on a held postback (contract section 4): status and payout as the person says. */
  readonly byHand?: { readonly status: ForwardedStatus; readonly by: string; readonly reason: string } | undefined;
}

export interface Recorded extends Outcome {
  /** Set when the processor has something to settle; `steps` is how many the conversion has. */
  readonly settle?: { readonly conversionId: string; readonly steps: number } | undefined;
}

/** Events that end a survey without earning anything: logged, never converted (contract 1.6). */
const loggedEvents: ReadonlySet<string> = new Set(['terminate', 'quotafull', 'security']);

const dayMs = 86_400_000;
/** How often another postback for the same conversion may come between reading and writing. */
const mostRaces = 8;

/**
 * Matches the click, decides, and commits the log entry together with what it does to the conversion (contract 1.4-1.6).
 *
 * @returns what to answer; nothing is acknowledged before it is durable.
 * @throws when the journal could not take it: answer `unavailable`, it is safe to send again.
 */
export async function recordPostback(ports: RecordingPorts, receipt: Receipt): Promise<Recorded> {
  const { partner, postback, now } = receipt;
  if (postback.status === 'test' || receipt.entry.staging) return log(ports, receipt, { result: 'test' });
  if (postback.logged && !receipt.byHand) return log(ports, receipt, { result: 'logged' });
  const fingerprint = ports.fingerprint(JSON.stringify([partner.partner_id, postback.identity]));
  // Without a click id the same postback again could find the next user's click: it is a repetition whatever is there now.
  if (postback.clickId === undefined && (await ports.journal.marked(postbackIdOf(fingerprint))) !== undefined && !receipt.byHand)
    return log(ports, repeating(receipt, fingerprint), { result: 'duplicate' });
  const match = await matchClick(ports, partner, postback, now, transactionMarker(ports, receipt));
  switch (match.kind) {
    case 'none':
      return log(ports, receipt, { result: 'error', code: match.code, message: errorCodes[match.code].message }, match.flags);
    case 'several':
      if (loggedEvents.has(postback.event)) return log(ports, receipt, { result: 'logged' });
      return hold(ports, receipt, fingerprint, 'several_candidates', { offer: match.offers[0] });
    case 'click':
      if (loggedEvents.has(postback.event)) return log(ports, receipt, { result: 'logged' }, match.flags);
      return convert(ports, withMatch(receipt, match.click, match.flags), fingerprint, match);
    default:
      return match satisfies never;
  }
}

/** Leads from a transaction of the partner to the conversion it was matched with; only asked for where there is no click id. */
function transactionMarker({ fingerprint }: RecordingPorts, { partner, postback }: Receipt): string | undefined {
  const { clickId, transactionId, event } = postback;
  if (clickId !== undefined || transactionId === undefined) return undefined;
  return postbackIdOf(fingerprint(JSON.stringify(['transaction', partner.partner_id, event, transactionId])));
}

function withMatch(receipt: Receipt, click: Click, flags: readonly LogFlag[]): Receipt {
  return {
    ...receipt,
    entry: { ...receipt.entry, click_id: click.click_id, offer_id: click.offer_id, flags: [...receipt.entry.flags, ...flags] },
  };
}

/** The log of a repetition names what it repeats: a held postback, or one that found its click by other means. */
function repeating(receipt: Receipt, fingerprint: string): Receipt {
  return { ...receipt, entry: { ...receipt.entry, conversion_id: postbackIdOf(fingerprint) } };
}

async function convert(
  ports: RecordingPorts,
  sent: Receipt,
  fingerprint: string,
  { click, offer, matchedBy, remember }: Extract<Match, { kind: 'click' }>,
): Promise<Recorded> {
  const isDeclared = ({ event }: Postback): boolean => event === 'complete' || offer.goals.some((goal) => goal.event === event);
  const completes = !isDeclared(sent.postback) && sent.postback.unknownEvent === 'complete';
  const receipt = completes ? { ...sent, postback: { ...sent.postback, event: 'complete' } } : sent;
  const { partner, postback } = receipt;
  const status = receipt.byHand?.status ?? forwardedStatuses.find((known) => known === postback.status);
  const declared = isDeclared(postback);
  if (!declared && postback.unknownEvent === 'log' && !receipt.byHand) return log(ports, receipt, { result: 'logged' });
  if (postback.heldFor !== undefined && !receipt.byHand) return hold(ports, receipt, fingerprint, postback.heldFor, { click, offer });
  if (!declared && !receipt.byHand) return hold(ports, receipt, fingerprint, 'unknown_event', { click, offer });
  if (status === undefined) return hold(ports, receipt, fingerprint, 'unknown_status', { click, offer });

  const conversionId = conversionIdOf(click.click_id, postback.event);
  const late = receipt.now - Date.parse(click.clicked_at) > offer.conversion_window_days * dayMs && !receipt.byHand;
  let existing = late ? await ports.journal.conversion(conversionId) : undefined;
  if (late && existing === undefined) return hold(ports, receipt, fingerprint, 'outside_window', { click, offer });
  if (await lacksPayout(ports, receipt, status, click, offer)) return hold(ports, receipt, fingerprint, 'missing_payout', { click, offer });

  const guessed = matchedBy === 'click_id' ? [] : [postbackIdOf(fingerprint), ...(remember === undefined ? [] : [remember])];
  const markers = guessed.map((id) => ({ id, conversionId }));
  const again = receipt.entry.conversion_id === postbackIdOf(fingerprint);
  const entry: LogEntry = { ...receipt.entry, conversion_id: conversionId, result: 'accepted' };
  for (let race = 0; race < mostRaces; race += 1) {
    // A reversal or re-sent postback may leave the currency out: then it speaks of the conversion's own.
    const currency = postback.currency ?? existing?.currency ?? partner.currency ?? 'USD';
    const statement: Statement = { step: stepOf(receipt, status), currency, fingerprint, again, byHand: receipt.byHand !== undefined };
    const decision = decide(existing, statement);
    if (decision.kind === 'duplicate')
      return { ...(await log(ports, { ...receipt, entry }, { result: 'duplicate' })), settle: stillOpen(existing) };
    if (decision.kind === 'held') {
      const { earlyReversal: early } = decision;
      const own = early?.log_id === entry.log_id ? { ...early, held_as: postbackIdOf(fingerprint) } : early;
      const remembered = existing && { conversion: existing, fingerprint, earlyReversal: own };
      const held = await hold(ports, { ...receipt, entry }, fingerprint, decision.code, { click, offer }, remembered);
      if (held !== 'changed') return held;
      existing = await ports.journal.conversion(conversionId);
      continue;
    }
    if (existing === undefined) {
      const written = await ports.journal.recordNew(
        entry,
        newConversion(receipt, conversionId, click, decision, statement, matchedBy),
        markers,
      );
      if (written.kind === 'recorded') return { result: 'accepted', settle: { conversionId, steps: decision.steps.length } };
      if (written.kind === 'repeated') return log(ports, { ...receipt, entry }, { result: 'duplicate' });
      existing = written.conversion;
    } else {
      const written = await ports.journal.recordSteps(entry, existing, decision, fingerprint, markers);
      if (written.kind === 'recorded')
        return { result: 'accepted', settle: { conversionId, steps: existing.steps.length + decision.steps.length } };
      if (written.kind === 'repeated') return log(ports, { ...receipt, entry }, { result: 'duplicate' });
      existing = await ports.journal.conversion(conversionId);
    }
  }
  throw new Error(`postbacks for ${conversionId} kept overtaking one another`);
}

/** A partner repeats what it got no answer to: if the hint was lost with the answer, the repetition brings it, long before the sweeper. */
function stillOpen(conversion: Conversion | undefined): Recorded['settle'] {
  if (conversion === undefined || conversion.settlements.length === conversion.steps.length) return undefined;
  return { conversionId: conversion.conversion_id, steps: conversion.steps.length };
}

/** A percentage of nothing is unknown: what would pay is held (contract section 2). */
async function lacksPayout(
  ports: RecordingPorts,
  { postback }: Receipt,
  status: ForwardedStatus,
  click: Click,
  offer: Offer,
): Promise<boolean> {
  if (status !== 'approved' || postback.payout !== undefined) return false;
  const publisher = await ports.settings.publisher(click.publisher_id);
  if (publisher === undefined) return false;
  return earningsOf(termsOf(offer, publisher, postback.event, zero, 'USD'), postback.payout) === undefined;
}

function stepOf({ entry, postback, byHand }: Receipt, status: ForwardedStatus): Step {
  return {
    status,
    log_id: entry.log_id,
    at: entry.received_at,
    amount: postback.payout,
    transaction_id: postback.transactionId ?? `GEN-${entry.log_id}`,
    generated: postback.transactionId === undefined ? true : undefined,
    reason: byHand?.reason ?? postback.reason,
    ip: postback.ip,
    country: postback.country,
    device_id: postback.deviceId,
    by: byHand?.by,
  };
}

function newConversion(
  { entry, postback, partner }: Receipt,
  id: string,
  click: Click,
  decision: Extract<ReturnType<typeof decide>, { kind: 'accepted' }>,
  statement: Statement,
  matchedBy: Conversion['matched_by'],
): Conversion {
  return {
    conversion_id: id,
    partner_id: partner.partner_id,
    publisher_id: click.publisher_id,
    placement_id: click.placement_id,
    offer_id: click.offer_id,
    click_id: click.click_id,
    event: postback.event,
    user_id: click.user_id,
    status: decision.status,
    currency: statement.currency,
    matched_by: matchedBy,
    listed_at: entry.log_id,
    created_at: entry.received_at,
    partner_conversion_id: postback.partnerConversionId,
    click: {
      username: click.username,
      sub_ids: Object.keys(click.sub_ids).length > 0 ? click.sub_ids : undefined,
      affiliate_id: postback.affiliateId,
      ip: click.ip,
      country: click.country,
      device_id: click.device_id,
    },
    steps: decision.steps,
    seen: new Set([statement.fingerprint]),
    early_reversal: decision.earlyReversal,
    settlements: [],
    credited: { upward: zero, payout: zero, points: zero },
    outbox: new Set(),
  };
}

async function log(ports: RecordingPorts, { entry }: Receipt, outcome: Outcome, flags: readonly LogFlag[] = []): Promise<Recorded> {
  await ports.journal.record({ ...entry, ...outcome, flags: [...entry.flags, ...flags] });
  return outcome;
}

async function hold(
  ports: RecordingPorts,
  receipt: Receipt,
  fingerprint: string,
  code: HeldCode,
  about: { click?: Click; offer?: Offer | undefined },
): Promise<Recorded>;
async function hold(
  ports: RecordingPorts,
  receipt: Receipt,
  fingerprint: string,
  code: HeldCode,
  about: { click?: Click; offer?: Offer | undefined },
  remembered: Remembered | undefined,
): Promise<Recorded | 'changed'>;
async function hold(
  ports: RecordingPorts,
  receipt: Receipt,
  fingerprint: string,
  code: HeldCode,
  about: { click?: Click; offer?: Offer | undefined },
  remembered?: Remembered,
): Promise<Recorded | 'changed'> {
  const { entry, partner, postback } = receipt;
  const held: HeldPostback = {
    conversion_id: postbackIdOf(fingerprint),
    log_id: entry.log_id,
    partner_id: partner.partner_id,
    code,
    created_at: entry.received_at,
    event: postback.event,
    click: about.click,
    offer_id: about.offer?.offer_id,
    payout: postback.payout?.toFixed(),
    currency: postback.currency ?? partner.currency ?? 'USD',
    status_word: postback.statusWord,
    transaction_id: postback.transactionId,
    partner_conversion_id: postback.partnerConversionId,
  };
  const outcome = { result: 'held', code, message: heldCodes[code] } as const;
  const written = await ports.journal.recordHeld({ ...entry, ...outcome, conversion_id: held.conversion_id }, held, remembered);
  if (written.kind === 'changed') return 'changed';
  return written.kind === 'repeated' ? log(ports, repeating(receipt, fingerprint), { result: 'duplicate' }) : outcome;
}
