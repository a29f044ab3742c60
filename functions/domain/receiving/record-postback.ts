import { budgets, rowBytes } from '../byte-budget.ts';
import type { Click } from '../click.ts';
import { errorCodes, type HeldCode, heldCodes, type LogFlag } from '../codes.ts';
import { type Conversion, isSettled, type Statement, stepsOf } from '../conversion.ts';
import { countChanges } from '../conversions/counting.ts';
import { type Decision, decide, type Saying } from '../conversions/decide.ts';
import { isTakeBack, standingOf } from '../conversions/standing.ts';
import type { LogEntry, Outcome } from '../log-entry.ts';
import { zero } from '../money.ts';
import { completeEvent } from '../postback/event-names.ts';
import type { Postback } from '../postback/postback.ts';
import { exactEarnings, termsOf } from '../revenue-share.ts';
import type { Offer, Rule } from '../settings.ts';
import { type Found, findPlace } from './find-place.ts';
import { heldIdOf, isAgain, markersOf, repetitionId, saidId, signedId, transactionMarkers } from './markers.ts';
import { type Match, type MatchPorts, matchClick } from './match-click.ts';
import { blankConversion, withStatements } from './new-conversion.ts';
import type { Changes, HeldPostback, Journal, Release } from './ports.ts';
import { type Receipt, sayingOf, statementOf } from './receipt.ts';
import { noRuling, type Ruling, type RulingPorts, rulingOn } from './ruling.ts';

export interface RecordingPorts extends Omit<MatchPorts, 'journal'>, Omit<RulingPorts, 'settings'> {
  readonly journal: Journal;
  /** A short digest of a text: what tells one postback from another. */
  fingerprint(text: string): string;
}

export interface Recorded extends Outcome {
  /** Set when the processor has something to settle: the conversion is at least at this revision. */
  readonly settle?: { readonly conversionId: string; readonly revision: number } | undefined;
  /** The rule that has decided. */
  readonly rule?: Rule | undefined;
}

/** Events that end a survey without earning anything: logged, never converted (contract 1.6). */
const loggedEvents: ReadonlySet<string> = new Set(['terminate', 'quotafull', 'security']);
const dayMs = 86_400_000;
/** How often another postback for the same conversion may come between reading and writing. */
const mostRaces = 12;

/**
 * Matches the click, decides, and commits the log entry together with what it does to the conversion (contract 1.4-1.6).
 *
 * @returns what to answer; nothing is acknowledged before it is durable.
 * @throws when the journal could not take it: answer `unavailable`, it is safe to send again.
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

/** Another writer came between. `raced`: how the conversion is now, where that is known. */
interface Raced {
  readonly raced: Conversion | undefined;
}

async function recordOnce(ports: RecordingPorts, receipt: Receipt, lost: Conversion | undefined): Promise<Recorded | Raced> {
  const { partner, postback, now } = receipt;
  const unnamed = postback.clickId === undefined;
  // Without a click id the same postback again could find the next user's click: it is a repetition whatever is there now.
  if (unnamed && !isAgain(receipt) && (await ports.journal.marked(repetitionId(ports, receipt))) !== undefined)
    return log(ports, withConversion(receipt, repetitionId(ports, receipt)), { result: 'duplicate' });
  const match = await matchClick(ports, partner, postback, now, unnamed ? transactionMarkers(ports, receipt) : []);
  switch (match.kind) {
    case 'none':
      return log(ports, receipt, { result: 'error', code: match.code, message: errorCodes[match.code].message }, match.flags);
    case 'held':
      if (isInformation(postback)) return log(ports, receipt, { result: 'logged' });
      return holdAlone(ports, receipt, match.code, repetitionId(ports, receipt), { offer: match.offer });
    case 'click':
      if (isInformation(postback)) return log(ports, withMatch(receipt, match), { result: 'logged' });
      return recordOfClick(ports, withMatch(receipt, match), match, lost);
    default:
      return match satisfies never;
  }
}

/** It tells what happened and asks for nothing (contract 1.6, 1.8). */
function isInformation({ event, logged }: Postback): boolean {
  return logged === true || loggedEvents.has(event);
}

async function recordOfClick(
  ports: RecordingPorts,
  receipt: Receipt,
  match: Extract<Match, { kind: 'click' }>,
  lost: Conversion | undefined,
): Promise<Recorded | Raced> {
  const { click, offer } = match;
  const { postback } = receipt;
  const saying = sayingOf(receipt, ports.fingerprint);
  const event = eventFor(receipt, offer);
  const found = await findPlace({ ofClick: ports.journal.ofClick, digest: ports.fingerprint }, receipt, saying, click, offer, event.name);
  // What nobody could tell when it was said first is held still, whatever stands by now.
  const unclear = saidId(ports, `${click.click_id} ${postback.eventSent ? event.name : ''}`, saying);
  if (found.kind === 'held') return holdAlone(ports, receipt, found.code, unclear, { click, offer });
  if (found.guessed && !isAgain(receipt) && (await ports.journal.marked(unclear)) !== undefined)
    return log(ports, withConversion(receipt, unclear), { result: 'duplicate' });
  const read = lost?.conversion_id === found.id ? { ...found, existing: lost } : found;
  const careful = !event.declared || isLate(receipt, click, offer) || postback.heldFor !== undefined || isAgain(receipt);
  const existing = read.existing ?? (careful ? await ports.journal.conversion(found.id) : undefined);
  const place = { ...read, existing };
  if (!event.declared && existing === undefined && postback.unknownEvent === 'log') return log(ports, receipt, { result: 'logged' });
  // What a signature does not cover is nobody's word: it is not remembered as something that was said of the conversion.
  if (postback.heldFor === 'unsigned_value' && !receipt.byHand)
    return holdAlone(ports, receipt, 'unsigned_value', repetitionId(ports, receipt), { click, offer });
  if (receipt.byHand && (await lacksPayout(ports, receipt, saying, click, offer, existing)))
    return holdAlone(ports, receipt, 'missing_payout', heldIdOf(ports, receipt), { click, offer });
  const guessedElsewhere = await isElsewhere(ports, receipt, saying, click);
  const hold = saying.hold ?? (guessedElsewhere ? 'conflict' : await reasonToHold(ports, receipt, saying, match, event.declared, existing));
  return convert(ports, receipt, match, place, receipt.byHand ? saying : { ...saying, hold });
}

/** The event as it counts: a network may say that the events it does not name are the usual one (contract 1.6). */
function eventFor({ postback, byHand }: Receipt, offer: Offer): { readonly name: string; readonly declared: boolean } {
  const { event, unknownEvent } = postback;
  if (event === completeEvent || byHand || offer.goals.some((goal) => goal.event === event)) return { name: event, declared: true };
  return unknownEvent === 'complete' ? { name: completeEvent, declared: true } : { name: event, declared: false };
}

/** Why what would be accepted has to wait for a person. */
async function reasonToHold(
  ports: RecordingPorts,
  receipt: Receipt,
  saying: Saying,
  { click, offer }: Extract<Match, { kind: 'click' }>,
  declared: boolean,
  existing: Conversion | undefined,
): Promise<HeldCode | undefined> {
  const begun = existing !== undefined && stepsOf(existing).length > 0;
  if (!declared && !begun) return 'unknown_event';
  if (isLate(receipt, click, offer) && !begun) return 'outside_window';
  return (await lacksPayout(ports, receipt, saying, click, offer, existing)) ? 'missing_payout' : undefined;
}

function isLate({ now }: Receipt, click: Click, offer: Offer): boolean {
  return now - Date.parse(click.clicked_at) > offer.conversion_window_days * dayMs;
}

/** A percentage of nothing is unknown: what would pay is held (contract section 2). Terms that are frozen hold for this question too. */
async function lacksPayout(
  ports: RecordingPorts,
  { postback }: Receipt,
  { status, amount }: Saying,
  click: Click,
  offer: Offer,
  existing: Conversion | undefined,
): Promise<boolean> {
  if (status !== 'approved' || amount !== undefined) return false;
  const publisher = existing?.terms === undefined ? await ports.settings.publisher(click.publisher_id) : undefined;
  const terms = existing?.terms ?? (publisher && termsOf(offer, publisher, postback.event, zero, 'USD'));
  return terms !== undefined && exactEarnings(terms, amount) === undefined;
}

/** A transaction that was matched with one user's click by guessing is not paid for another's that is named later. */
async function isElsewhere(ports: RecordingPorts, receipt: Receipt, saying: Saying, click: Click): Promise<boolean> {
  const { partner, postback, byHand } = receipt;
  const pays = saying.status === 'approved' || saying.status === 'pending';
  if (!pays || byHand || postback.clickId === undefined || partner.fallback_matching === 'off') return false;
  const [marker] = transactionMarkers(ports, receipt);
  const { conversionId } = (marker === undefined ? undefined : await ports.journal.marked(marker)) ?? {};
  return conversionId !== undefined && !conversionId.startsWith(`${click.click_id}.`);
}

async function convert(
  ports: RecordingPorts,
  receipt: Receipt,
  match: Extract<Match, { kind: 'click' }>,
  found: Extract<Found, { kind: 'place' }>,
  saying: Saying,
): Promise<Recorded | Raced> {
  const { existing } = found;
  const blank = existing ?? blankConversion(receipt, match, found);
  const early = found.anchor?.existing === undefined ? [] : waitingAnywhere(found.anchor.existing);
  const own = isAgain(receipt) ? blank.statements.filter(({ log_id }) => log_id === receipt.entry.log_id) : [];
  const before = [...early, ...blank.statements.filter((statement) => !own.includes(statement))];
  const decided = decide(before, saying, blank.default_currency);
  const said = withConversion(receipt, found.id);
  const ruling = decided.kind === 'accepted' ? await rulingOn(ports, receipt, saying, match, blank.default_currency) : noRuling;
  if (ruling.kind === 'log') {
    const row = own.length > 0 ? [closedIn(blank, receipt)] : [];
    return logByRule(ports, receipt, ruling, [...row, ...(await closedElsewhere(ports, receipt, found))]);
  }
  const decision: Decision = ruling.kind === 'hold' ? { kind: 'held', code: ruling.code ?? 'rule' } : decided;
  if (decision.kind === 'duplicate' && !decision.remember && own.length === 0) {
    const outcome = await log(ports, said, { result: 'duplicate' });
    return { ...outcome, settle: existing === undefined || isSettled(existing) ? undefined : hintOf(existing) };
  }
  // So much has been said that hardly more fits: what comes next waits for a person, and is not among the statements.
  if (!receipt.byHand && existing !== undefined && rowBytes(existing.statements) > budgets.fullRow)
    return holdAlone(ports, said, 'too_many_changes', saidId(ports, found.id, saying), { click: match.click, offer: match.offer });

  const verdict = decision.kind === 'held' ? 'held' : decision.kind;
  const heldId = heldIdOf(ports, receipt);
  const held = decision.kind === 'held' ? { code: decision.code, held_as: heldId } : {};
  const repeats = decision.kind === 'duplicate' && decision.ofHeld ? { of_held: true } : {};
  const statement: Statement = { ...statementOf(receipt, saying), verdict, ...held, ...repeats, ...ruling.carries };
  const closed = new Set([...(decision.kind === 'accepted' ? decision.closes : []), ...own.map(({ log_id }) => log_id)]);
  const kept = [...(decision.kind === 'accepted' ? early : []), ...blank.statements]
    .filter((one) => decision.kind !== 'held' || !own.includes(one))
    .map((one) => (one.verdict === 'held' && closed.has(one.log_id) ? ({ ...one, verdict: 'closed' } as const) : one));
  const after = withStatements(blank, [...kept, statement]);
  const result = decision.kind === 'held' ? 'held' : decision.kind;
  const entry: LogEntry = { ...said.entry, ...outcomeOf(decision), ...shownRuling(ruling) };
  const changes: Changes = {
    conversions: [
      after,
      ...(decision.kind === 'accepted' ? anchorOf(receipt, match, found) : []),
      ...(await closedElsewhere(ports, receipt, found)),
    ],
    held: decision.kind === 'held' ? heldOf(receipt, heldId, decision.code, found.id, match, saying, ruling.carries.rule_id) : undefined,
    markers: decision.kind === 'accepted' ? markersOf(ports, receipt, match, saying, found.id) : [],
    releases: releasesOf(ports, receipt, decision, after),
    counts: countChanges(existing ?? blank, after, ruling.limits),
  };
  const logged = result === 'held' ? { ...entry, conversion_id: heldId } : entry;
  const written = (await isFull(ports, changes)) ? 'full' : await commit(ports, receipt, logged, changes, match, after);
  if (written === 'full') return convert(ports, receipt, match, found, { ...saying, hold: 'over_cap' });
  return { ...written, rule: ruling.rule };
}

/** Whether a cap is reached already. The commit asks again; but most of what comes then need not run into its condition. */
async function isFull({ journal }: RecordingPorts, { counts = [] }: Changes): Promise<boolean> {
  const full = await Promise.all(
    counts.map(async ({ offer_id, place, by, most }) => most !== undefined && (await journal.counted(offer_id, place)).plus(by).gt(most)),
  );
  return full.includes(true);
}

/** What the log and the answer say of it. */
function shownRuling({ kind, carries: { rule_id } }: Ruling): Partial<LogEntry> {
  return kind === 'reject' ? { code: 'rule', status: 'rejected', rule_id } : { rule_id };
}

/** A rule says that it is only to be logged; what was held for another reason is held no longer. @param conversions among whose statements it is closed. */
async function logByRule(
  ports: RecordingPorts,
  receipt: Receipt,
  { rule }: Ruling,
  conversions: readonly Conversion[],
): Promise<Recorded | Raced> {
  const outcome = { result: 'logged', code: 'rule', message: heldCodes.rule } as const;
  const written = await ports.journal.write(
    { ...receipt.entry, ...outcome, rule_id: rule?.rule_id, conversion_id: undefined },
    {
      conversions,
      releases: isAgain(receipt) ? [{ heldId: heldIdOf(ports, receipt), status: 'rejected' }] : [],
    },
  );
  return written.kind === 'written' ? { ...outcome, rule } : { raced: undefined };
}

/** Writes, and says what a lost race or a marker that leads elsewhere means. */
async function commit(
  ports: RecordingPorts,
  receipt: Receipt,
  entry: LogEntry,
  changes: Changes,
  match: Extract<Match, { kind: 'click' }>,
  after: Conversion,
): Promise<Recorded | Raced | 'full'> {
  const { result, code, message } = entry;
  const written = await ports.journal.write(entry, changes);
  switch (written.kind) {
    case 'written':
      return { result, code, message, ...(result === 'accepted' ? { settle: hintOf(after) } : {}) };
    case 'full':
      return 'full';
    case 'changed':
      return { raced: match.guessed ? undefined : written.conversion };
    case 'marked': {
      const without = changes.markers?.filter(({ id }) => id !== written.id);
      const optional = changes.markers?.some(({ id, optional }) => id === written.id && optional) ?? false;
      if (optional || written.conversionId === after.conversion_id)
        return commit(ports, receipt, entry, { ...changes, markers: without }, match, after);
      if (written.id !== signedId(ports, receipt)) return { raced: undefined };
      return holdAlone(ports, receipt, 'unsigned_value', repetitionId(ports, receipt), match);
    }
    default:
      return written satisfies never;
  }
}

function outcomeOf(decision: Decision): Outcome {
  return decision.kind === 'held' ? { result: 'held', code: decision.code, message: heldCodes[decision.code] } : { result: decision.kind };
}

function hintOf({ conversion_id: conversionId, revision }: Conversion): NonNullable<Recorded['settle']> {
  return { conversionId, revision };
}

/** Early take-backs that named no event, and wait for whatever the click is first paid for. */
function waitingAnywhere({ statements, default_currency }: Conversion): readonly Statement[] {
  if (standingOf(statements, default_currency).approved) return [];
  return statements.filter((one) => one.any_event && !one.moved && isTakeBack(one) && one.verdict === 'accepted');
}

/** Where another event's conversion begins, the usual one's row changes too: a take-back without an event cannot miss it. */
function anchorOf(receipt: Receipt, match: Extract<Match, { kind: 'click' }>, { anchor }: Extract<Found, { kind: 'place' }>): Conversion[] {
  if (anchor === undefined) return [];
  const row = anchor.existing ?? blankConversion(receipt, match, anchor);
  const waiting = waitingAnywhere(row);
  return [
    withStatements(
      row,
      row.statements.map((one) => (waiting.includes(one) ? { ...one, moved: true } : closedIf(one, receipt))),
    ),
  ];
}

/** What is processed again may be about another conversion by now: among the statements of the first it is closed. */
async function closedElsewhere(
  ports: RecordingPorts,
  receipt: Receipt,
  found: Partial<Pick<Extract<Found, { kind: 'place' }>, 'id' | 'anchor'>>,
): Promise<Conversion[]> {
  if (!isAgain(receipt)) return [];
  const { about } = (await ports.journal.marked(heldIdOf(ports, receipt))) ?? {};
  // What another event's conversion begins beside is rewritten with it, and is held there no longer than that.
  const row = about === undefined || about === found.id || about === found.anchor?.id ? undefined : await ports.journal.conversion(about);
  return row === undefined ? [] : [closedIn(row, receipt)];
}

function closedIn(row: Conversion, receipt: Receipt): Conversion {
  return withStatements(
    row,
    row.statements.map((one) => closedIf(one, receipt)),
  );
}

function closedIf(statement: Statement, { entry }: Receipt): Statement {
  return statement.log_id === entry.log_id && statement.verdict === 'held' ? { ...statement, verdict: 'closed' } : statement;
}

/** What the closed ones were held as, and what this one was, is held no longer. */
function releasesOf(
  ports: RecordingPorts,
  receipt: Receipt,
  decision: Decision,
  { conversion_id: became, statements }: Conversion,
): Release[] {
  if (decision.kind === 'held') return [];
  const own = isAgain(receipt) ? heldIdOf(ports, receipt) : undefined;
  const closes = decision.kind === 'accepted' ? decision.closes : [];
  const closed = statements
    .filter(({ log_id, verdict }) => verdict === 'closed' && closes.includes(log_id))
    .flatMap(({ held_as }) => held_as ?? []);
  return [
    ...closed.filter((heldId) => heldId !== own).map((heldId): Release => ({ heldId, status: 'reversed' })),
    ...(own === undefined ? [] : [{ heldId: own, became }]),
  ];
}

function withMatch(receipt: Receipt, { click, flags }: Extract<Match, { kind: 'click' }>): Receipt {
  const { entry } = receipt;
  return { ...receipt, entry: { ...entry, click_id: click.click_id, offer_id: click.offer_id, flags: [...entry.flags, ...flags] } };
}

/** The log of a repetition names what it repeats. */
function withConversion(receipt: Receipt, id: string): Receipt {
  return { ...receipt, entry: { ...receipt.entry, conversion_id: id } };
}

async function log(ports: RecordingPorts, { entry }: Receipt, outcome: Outcome, flags: readonly LogFlag[] = []): Promise<Recorded> {
  await ports.journal.write({ ...entry, ...outcome, flags: [...entry.flags, ...flags] }, {});
  return outcome;
}

/** Held without being among the statements of a conversion: nobody knows of which, or it may not be remembered there. */
async function holdAlone(
  ports: RecordingPorts,
  receipt: Receipt,
  code: HeldCode,
  id: string,
  about: { readonly click?: Click; readonly offer: Offer | undefined },
): Promise<Recorded | Raced> {
  const outcome = { result: 'held', code, message: heldCodes[code] } as const;
  const held = heldOf(receipt, id, code, undefined, about, sayingOf(receipt, ports.fingerprint));
  const conversions = await closedElsewhere(ports, receipt, {});
  const written = await ports.journal.write({ ...receipt.entry, ...outcome, conversion_id: id }, { held, conversions });
  if (written.kind === 'written') return outcome;
  if (written.kind === 'changed') return { raced: undefined };
  return log(ports, withConversion(receipt, id), { result: 'duplicate' });
}

function heldOf(
  { entry, partner, postback }: Receipt,
  id: string,
  code: HeldCode,
  about: string | undefined,
  { click, offer }: { readonly click?: Click; readonly offer: Offer | undefined },
  { status, word, transaction_id }: Saying,
  rule_id?: string,
): HeldPostback {
  return {
    conversion_id: id,
    log_id: entry.log_id,
    partner_id: partner.partner_id,
    code,
    created_at: entry.received_at,
    event: postback.event,
    about,
    click,
    offer_id: offer?.offer_id,
    payout: postback.payout?.toFixed(),
    currency: postback.currency ?? partner.currency ?? 'USD',
    said_status: status,
    status_word: word,
    transaction_id,
    partner_conversion_id: postback.partnerConversionId,
    rule_id,
  };
}
