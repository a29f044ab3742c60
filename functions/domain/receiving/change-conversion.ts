import type Big from 'big.js';
import { cutToBytes } from '../byte-budget.ts';
import { type Conversion, type Statement, stepsOf } from '../conversion.ts';
import { type Capped, countChanges } from '../conversions/counting.ts';
import { decide, type Saying } from '../conversions/decide.ts';
import { standingOf } from '../conversions/standing.ts';
import type { LogEntry } from '../log-entry.ts';
import { releaseOf, waitingApproval } from '../settling/release.ts';
import { capUses } from './caps-reached.ts';
import { lacksPayout, type Payee } from './lacks-payout.ts';
import { withStatements } from './new-conversion.ts';
import type { Journal, SettingsReader } from './ports.ts';
import { termsOfApproval } from './ruling.ts';
import type { HandDecision, Handled, HandRefusal } from './settle-held.ts';

/** Replaces the key in the log entry of a person's decision. */
export const byHandKeyId = 'by_hand';

export interface ChangingPorts {
  readonly settings: Pick<SettingsReader, 'offer' | 'publisher'>;
  /** A journal that writes an audit entry with the change. */
  journalByHand(before: Conversion, by: string): Journal;
  readonly newId: () => string;
  encodeBody(body: Uint8Array): string;
}

const mostRaces = 12;

/**
 * Changes a conversion as a person decides: with one more statement, decided and recorded like those of postbacks (contract 1.5, section
 * 4).
 *
 * @param at ISO 8601.
 * @throws when it could not be written; nothing was changed.
 */
export async function changeConversion(ports: ChangingPorts, found: Conversion, decision: HandDecision, at: string): Promise<Handled> {
  const logId = ports.newId();
  const journal = ports.journalByHand(found, decision.by);
  let conversion: Conversion | undefined = found;
  for (let race = 0; race < mostRaces && conversion !== undefined; race += 1) {
    const amount = amountOf(conversion, decision);
    const refusal = refusalOf(conversion, decision);
    if (refusal !== undefined) return { done: false, refusal };
    const saying: Saying = { status: decision.status, amount, reason: cutToBytes(decision.reason), byHand: 'conversion' };
    if (await lacksPayout(ports.settings, saying, await payeeOf(ports, conversion))) return { done: false, refusal: 'missing_payout' };
    const decided = decide(conversion.statements, saying, conversion.default_currency);
    if (decided.kind !== 'accepted') return { done: false, refusal: decided.kind === 'duplicate' ? 'no_change' : 'conflict' };
    const { statement, capped } = await statementOf(ports, conversion, saying, { ...decision, logId, at });
    const after = withStatements(conversion, [...conversion.statements, statement]);
    const counts = countChanges(conversion, after);
    const written = await journal.write(entryOf(ports, conversion, decision, statement), { conversions: [after], counts });
    const { conversion_id: conversionId, revision } = after;
    if (written.kind === 'written') {
      const caps = capUses(conversion, capped, counts);
      return { done: true, recorded: { result: 'accepted', settle: { conversionId, revision, conversion: after }, caps } };
    }
    conversion = await journal.conversion(found.conversion_id);
  }
  throw new Error(`${found.conversion_id} kept changing while it was changed by hand`);
}

/**
 * The statement of a person's decision. An approval by a person is paid at once and counts whatever the caps say; for an approval in its
 * hold period it is the end of that period (contract 2.1).
 */
async function statementOf(
  { settings }: ChangingPorts,
  conversion: Conversion,
  { byHand: _byHand, ...said }: Saying,
  { logId: log_id, at, by, payout }: HandDecision & { readonly logId: string; readonly at: string },
): Promise<{ readonly statement: Statement; readonly capped: readonly Capped[] }> {
  const statement: Statement = { ...said, log_id, at, verdict: 'accepted', by };
  if (said.status !== 'approved') return { statement, capped: [] };
  const waiting = payout === undefined ? waitingApproval(conversion) : undefined;
  if (waiting !== undefined) return { statement: { ...releaseOf(waiting, at), log_id, by, reason: said.reason }, capped: [] };
  const offer = await settings.offer(conversion.offer_id);
  if (offer === undefined) return { statement, capped: [] };
  const { publisher_id: publisherId, event, default_currency: usual } = conversion;
  const { carries, capped } = termsOfApproval(
    offer,
    { publisher: undefined, publisherId, event },
    { of: said.currency ?? conversion.currency, usual },
    Date.parse(at),
    true,
  );
  return { statement: { ...statement, ...carries }, capped };
}

function refusalOf(conversion: Conversion, { status, payout }: HandDecision): HandRefusal | undefined {
  const { status: was } = conversion;
  if (status === 'pending' && was !== 'held' && was !== 'pending') return 'not_allowed';
  // A reversal or rejection without a payout takes back everything that is left after a part.
  const { paid } = standingOf(conversion.statements, conversion.default_currency);
  const isPaid = status === 'approved' && payout !== undefined && paid?.left === 'all' && paid.amount?.eq(payout) === true;
  const takesBack = status === 'reversed' || status === 'rejected';
  const saysNothing = payout === undefined && (!takesBack || paid === undefined);
  return was === status && (isPaid || saysNothing) ? 'no_change' : undefined;
}

/** The amount of the decision: an approval or pending has the amount that was named last, unless the person names one. */
function amountOf(conversion: Conversion, { status, payout }: HandDecision): Big | undefined {
  if (payout !== undefined || status === 'rejected' || status === 'reversed') return payout;
  const named = stepsOf(conversion).filter(({ amount }) => amount !== undefined);
  return (named.findLast((step) => step.status === 'approved' || step.status === 'pending') ?? named.at(-1))?.amount;
}

async function payeeOf({ settings }: ChangingPorts, { terms, offer_id, publisher_id: publisherId, event }: Conversion): Promise<Payee> {
  return { terms, offer: terms === undefined ? await settings.offer(offer_id) : undefined, publisherId, event };
}

/** A decision is in the log beside the postbacks, so that every ledger entry leads to its cause. */
function entryOf(
  ports: ChangingPorts,
  conversion: Conversion,
  { status, reason, by }: HandDecision,
  { log_id, at, amount }: Statement,
): LogEntry {
  const said = { status, reason, payout: amount?.toFixed() };
  return {
    log_id,
    partner_id: conversion.partner_id,
    key_id: byHandKeyId,
    received_at: at,
    result: 'accepted',
    flags: [],
    click_id: conversion.click_id,
    offer_id: conversion.offer_id,
    user_id: conversion.user_id,
    conversion_id: conversion.conversion_id,
    status,
    payout: amount?.toFixed(),
    currency: conversion.currency,
    event: conversion.event,
    custom_data: { by, reason },
    raw: {
      method: 'POST',
      origin: '',
      path: `/api/admin/conversions/${conversion.conversion_id}/status`,
      query: '',
      headers: { 'content-type': 'application/json' },
      body: ports.encodeBody(new TextEncoder().encode(JSON.stringify(said))),
      source_address: '',
    },
  };
}
