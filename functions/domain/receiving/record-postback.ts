import type { Click } from '../click.ts';
import { errorCodes, type HeldCode } from '../codes.ts';
import { type Conversion, stepsOf } from '../conversion.ts';
import type { Saying } from '../conversions/decide.ts';
import { isTakeBack } from '../conversions/standing.ts';
import { completeEvent } from '../postback/event-names.ts';
import type { Postback } from '../postback/postback.ts';
import type { Offer } from '../settings.ts';
import { convert } from './convert.ts';
import { findPlace } from './find-place.ts';
import { holdAlone } from './hold-alone.ts';
import { lacksPayout, type Payee } from './lacks-payout.ts';
import { heldIdOf, isAgain, repetitionId, saidMarker, transactionMarkers } from './markers.ts';
import { type Match, matchClick } from './match-click.ts';
import { type Receipt, sayingOf } from './receipt.ts';
import { log, type Raced, type Recorded, type RecordingPorts, withConversion } from './recording.ts';

/** Events that end a survey without earning anything: logged, never converted (contract 1.6). */
const loggedEvents: ReadonlySet<string> = new Set(['terminate', 'quotafull', 'security']);
const dayMs = 86_400_000;
/** How often another postback for the same conversion may come between reading and writing. */
const mostRaces = 12;

/**
 * Matches the click, decides, and commits the log entry together with its effect on the conversion (contract 1.4-1.6).
 *
 * @returns what to answer; nothing is acknowledged before it is durable.
 * @throws when the journal could not write it: answer `unavailable`, since sending again is safe.
 */
export async function recordPostback(ports: RecordingPorts, receipt: Receipt): Promise<Recorded> {
  const { postback } = receipt;
  if (postback.status === 'test' || receipt.entry.staging) return log(ports, receipt, { result: 'test' });
  let lost: Conversion | undefined;
  for (let race = 0; race < mostRaces; race += 1) {
    const attempt = await recordOnce(ports, receipt, lost);
    if (!('raced' in attempt)) return attempt;
    lost = attempt.raced;
  }
  throw new Error('postbacks of one conversion kept overtaking one another');
}

async function recordOnce(ports: RecordingPorts, receipt: Receipt, lost: Conversion | undefined): Promise<Recorded | Raced> {
  const { partner, postback, now } = receipt;
  const unnamed = postback.clickId === undefined;
  // Without a click id, the same postback again could match the next user's click. So it is a repetition, whatever exists now.
  if (unnamed && !isAgain(receipt) && (await ports.journal.marked(repetitionId(ports, receipt))) !== undefined)
    return log(ports, withConversion(receipt, repetitionId(ports, receipt)), { result: 'duplicate' });
  // In one go: it is one request to the store.
  const [match, paidFor] = await Promise.all([
    matchClick(ports, partner, postback, now, unnamed ? transactionMarkers(ports, receipt) : []),
    guessedFor(ports, receipt),
  ]);
  switch (match.kind) {
    case 'none':
      return log(ports, receipt, { result: 'error', code: match.code, message: errorCodes[match.code].message }, match.flags);
    case 'held':
      if (isInformation(postback)) return log(ports, receipt, { result: 'logged' });
      return holdAlone(ports, receipt, match.code, repetitionId(ports, receipt), { offer: match.offer });
    case 'click':
      if (isInformation(postback)) return log(ports, withMatch(receipt, match), { result: 'logged' });
      return recordOfClick(ports, withMatch(receipt, match), match, { lost, paidFor });
    default:
      return match satisfies never;
  }
}

/** Whether the postback only tells what happened, and asks for nothing (contract 1.6, 1.8). */
function isInformation({ event, logged }: Postback): boolean {
  return logged === true || loggedEvents.has(event);
}

async function recordOfClick(
  ports: RecordingPorts,
  receipt: Receipt,
  match: Extract<Match, { kind: 'click' }>,
  { lost, paidFor }: { readonly lost: Conversion | undefined; readonly paidFor: string | undefined },
): Promise<Recorded | Raced> {
  const { click, offer } = match;
  const { postback } = receipt;
  const saying = sayingOf(receipt, ports.fingerprint);
  const event = eventFor(receipt, offer);
  const takes = isTakeBack(saying) || saying.status === 'rejected';
  const said = takes ? saidMarker(ports, receipt, saying, click.click_id, event.name) : undefined;
  const before = said === undefined ? undefined : await ports.journal.marked(said);
  // It says nothing new, whatever is paid now (contract 1.5).
  if (said !== undefined && before !== undefined)
    return log(ports, withConversion(receipt, before.conversionId ?? said), { result: 'duplicate' });
  const places = { conversion: ports.journal.conversion, ofClick: ports.journal.ofClick, digest: ports.fingerprint };
  const found = await findPlace(places, receipt, saying, click, offer, event.name);
  if (found.kind === 'held') return holdAlone(ports, receipt, found.code, said ?? heldIdOf(ports, receipt), { click, offer });
  const read = lost?.conversion_id === found.id ? { ...found, existing: lost } : found;
  const careful = !event.declared || isLate(receipt, click, offer) || postback.heldFor !== undefined || isAgain(receipt);
  const existing = read.existing ?? (careful ? await ports.journal.conversion(found.id) : undefined);
  const place = { ...read, existing, said };
  if (!event.declared && existing === undefined && postback.unknownEvent === 'log') return log(ports, receipt, { result: 'logged' });
  if (receipt.byHand)
    return (await lacksPayout(ports.settings, saying, payeeOf(postback, match, existing)))
      ? holdAlone(ports, receipt, 'missing_payout', heldIdOf(ports, receipt), { click, offer })
      : convert(ports, receipt, match, place, saying);
  // Values that a signature does not cover are not anybody's statement, so they are not remembered as said about the conversion.
  if (postback.heldFor === 'unsigned_value')
    return holdAlone(ports, receipt, 'unsigned_value', repetitionId(ports, receipt), { click, offer });
  const hold = saying.hold ?? (await reasonToHold(ports, receipt, saying, match, { declared: event.declared, existing, paidFor }));
  return convert(ports, receipt, match, place, { ...saying, hold, ...(place.ofEvent && { any_event: undefined }) });
}

/** The event as it counts: a network may say that events which it does not name are the usual one (contract 1.6). */
function eventFor({ postback, byHand }: Receipt, offer: Offer): { readonly name: string; readonly declared: boolean } {
  const { event, unknownEvent } = postback;
  if (event === completeEvent || byHand || offer.goals.some((goal) => goal.event === event)) return { name: event, declared: true };
  return unknownEvent === 'complete' ? { name: completeEvent, declared: true } : { name: event, declared: false };
}

/** The reason why a statement that would be accepted has to wait for a person. */
async function reasonToHold(
  ports: RecordingPorts,
  receipt: Receipt,
  saying: Saying,
  match: Extract<Match, { kind: 'click' }>,
  {
    declared,
    existing,
    paidFor,
  }: { readonly declared: boolean; readonly existing: Conversion | undefined; readonly paidFor: string | undefined },
): Promise<HeldCode | undefined> {
  const { click, offer } = match;
  // A transaction that was matched with one user's click by guessing is not paid for another's that is named later.
  if (paidFor !== undefined && !paidFor.startsWith(`${click.click_id}.`)) return 'conflict';
  const begun = existing !== undefined && stepsOf(existing).length > 0;
  if (!declared && !begun) return receipt.postback.unknownEvent === 'macro' ? 'unreplaced_macro' : 'unknown_event';
  if (isLate(receipt, click, offer) && !begun && !(await hasConverted(ports, click))) return 'outside_window';
  return (await lacksPayout(ports.settings, saying, payeeOf(receipt.postback, match, existing))) ? 'missing_payout' : undefined;
}

function payeeOf({ event }: Postback, { click, offer }: Extract<Match, { kind: 'click' }>, existing: Conversion | undefined): Payee {
  return { terms: existing?.terms, offer, publisherId: click.publisher_id, event };
}

function isLate({ now }: Receipt, click: Click, offer: Offer): boolean {
  return now - Date.parse(click.clicked_at) > offer.conversion_window_days * dayMs;
}

/**
 * Once a click has converted, what it earns later is not too late, such as an upsell, or a renewal as another transaction (contract 1.4).
 */
async function hasConverted({ journal }: RecordingPorts, { click_id }: Click): Promise<boolean> {
  const conversions = await journal.ofClick(click_id);
  return conversions.some((one) => stepsOf(one).some(({ status }) => status === 'approved' || status === 'pending'));
}

/** The conversion with which its transaction was matched by guessing. It is not looked for when the postback names no click or pays nothing. */
async function guessedFor(ports: RecordingPorts, receipt: Receipt): Promise<string | undefined> {
  const { partner, postback, byHand } = receipt;
  const pays = postback.status === 'approved' || postback.status === 'pending';
  if (!pays || byHand || postback.clickId === undefined || partner.fallback_matching === 'off' || isInformation(postback)) return undefined;
  const [marker] = transactionMarkers(ports, receipt);
  return marker === undefined ? undefined : (await ports.journal.marked(marker))?.conversionId;
}

function withMatch(receipt: Receipt, { click, flags }: Extract<Match, { kind: 'click' }>): Receipt {
  const { entry } = receipt;
  const { click_id, offer_id, user_id } = click;
  return { ...receipt, entry: { ...entry, click_id, offer_id, user_id, flags: [...entry.flags, ...flags] } };
}
