import { budgets, rowBytes } from '../byte-budget.ts';
import { heldCodes } from '../codes.ts';
import { type Conversion, isSettled, type Statement } from '../conversion.ts';
import type { Place } from '../conversion-id.ts';
import { countChanges } from '../conversions/counting.ts';
import { type Decision, decide, type Saying } from '../conversions/decide.ts';
import { concerns, isTakeBack, standingOf } from '../conversions/standing.ts';
import type { LogEntry, Outcome } from '../log-entry.ts';
import { capUses } from './caps-reached.ts';
import type { Anchor, Found } from './find-place.ts';
import { closedElsewhere, closedIf, closedIn, heldOf, holdAlone } from './hold-alone.ts';
import { heldIdOf, isAgain, markersOf, repetitionId, saidId, signedId } from './markers.ts';
import type { Match } from './match-click.ts';
import { blankConversion, withStatements } from './new-conversion.ts';
import type { Changes, Release, SettleHint } from './ports.ts';
import { type Receipt, statementOf } from './receipt.ts';
import { type Raced, type Recorded, type RecordingPorts, withConversion } from './recording.ts';
import { noRuling, type Ruling, rulingOn } from './ruling.ts';

/**
 * Decides what a postback does to its conversion, and commits both (contract 1.5).
 *
 * @throws when the journal could not write it.
 */
export async function convert(
  ports: RecordingPorts,
  receipt: Receipt,
  match: Extract<Match, { kind: 'click' }>,
  found: Extract<Found, { kind: 'place' }>,
  saying: Saying,
): Promise<Recorded | Raced> {
  const { existing } = found;
  const blank = existing ?? blankConversion(receipt, match, found);
  const early = (found.anchors ?? []).flatMap((anchor) => waitingAt(anchor, found.place, saying, blank.statements));
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
  const markers = markersOf(ports, receipt, match, saying, found, decision);
  if (decision.kind === 'duplicate' && !decision.remember && own.length === 0) {
    const outcome = { result: 'duplicate' } as const;
    const written = await ports.journal.write({ ...said.entry, ...outcome }, { markers });
    if (written.kind !== 'written') return { raced: undefined };
    return { ...outcome, settle: existing === undefined || isSettled(existing) ? undefined : hintOf(existing) };
  }
  // So much has been said that hardly anything more fits in the row: the next postbacks wait for a person, outside the statements.
  if (!receipt.byHand && existing !== undefined && rowBytes(existing.statements) > budgets.fullRow)
    return holdAlone(ports, said, 'too_many_changes', saidId(ports, found.id, saying), { click: match.click, offer: match.offer });

  const verdict = decision.kind === 'held' ? 'held' : decision.kind;
  const heldId = heldIdOf(ports, receipt);
  const held = decision.kind === 'held' ? { code: decision.code, held_as: heldId } : {};
  const repeats = decision.kind === 'duplicate' && decision.ofHeld ? { of_held: true } : {};
  const statement: Statement = { ...statementOf(receipt, saying), verdict, ...held, ...repeats, ...ruling.carries };
  const closed = new Set([...(decision.kind === 'accepted' ? decision.closes : []), ...own.map(({ log_id }) => log_id)]);
  const stays = decision.kind === 'held' ? own.find((one) => one.verdict === 'held' && saysTheSame(one, statement)) : undefined;
  const kept = [...(decision.kind === 'accepted' ? early : []), ...blank.statements].map((one) => {
    if (one === stays) return statement;
    return one.verdict === 'held' && closed.has(one.log_id) ? ({ ...one, verdict: 'closed' } as const) : one;
  });
  const after = withStatements(blank, stays === undefined ? [...kept, statement] : kept);
  const result = decision.kind === 'held' ? 'held' : decision.kind;
  const entry: LogEntry = { ...said.entry, ...outcomeOf(decision), ...shownRuling(ruling) };
  const changes: Changes = {
    conversions: [
      after,
      ...(decision.kind === 'held' ? [] : anchorsOf(receipt, match, found, early)),
      ...(await closedElsewhere(ports, receipt, found)),
    ],
    held: decision.kind === 'held' ? heldOf(receipt, heldId, decision.code, found.id, match, saying, ruling.carries.rule_id) : undefined,
    markers,
    releases: releasesOf(ports, receipt, decision, after),
    counts: countChanges(existing ?? blank, after, ruling.limits),
  };
  const logged = result === 'held' ? { ...entry, conversion_id: heldId } : entry;
  const written = (await isFull(ports, changes)) ? 'full' : await commit(ports, receipt, logged, changes, match, after);
  const caps = capUses(match.click, ruling.capped, changes.counts ?? []);
  if (written === 'full') return { ...(await convert(ports, receipt, match, found, { ...saying, hold: 'over_cap' })), caps };
  return { ...written, rule: ruling.rule, caps };
}

/**
 * Whether a postback that is held again says what it said before. Then it stays at its place among the statements: what came after it was
 * judged with it there, and no change of what is paid may come of looking again.
 */
function saysTheSame(one: Statement, again: Statement): boolean {
  const sameAmount = one.amount === undefined || again.amount === undefined ? one.amount === again.amount : one.amount.eq(again.amount);
  const said = ['status', 'chargeback', 'transaction_id', 'original_transaction_id', 'own_id', 'currency'] as const;
  return sameAmount && said.every((name) => one[name] === again[name]);
}

/** Whether a cap is already full. The commit checks it again, but this keeps most later postbacks from failing on its condition. */
async function isFull({ journal }: RecordingPorts, { counts = [] }: Changes): Promise<boolean> {
  const full = await Promise.all(
    counts.map(async ({ offer_id, place, by, most }) => most !== undefined && (await journal.counted(offer_id, place)).plus(by).gt(most)),
  );
  return full.includes(true);
}

/** What the log and the answer show of a ruling. */
function shownRuling({ kind, carries: { rule_id } }: Ruling): Partial<LogEntry> {
  return kind === 'reject' ? { code: 'rule', status: 'rejected', rule_id } : { rule_id };
}

/**
 * Logs a postback because a rule says so; if it was held for another reason, that ends. @param conversions those whose statements contain
 * it; it is closed there.
 */
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

/** Writes the commit, and finds out what a lost race, or a marker that leads elsewhere, means. */
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
    case 'changed': {
      // A click that has converted in the meantime can no longer be guessed; one about which something is only held still can.
      const hasConverted = written.conversion?.listed_at !== undefined;
      return { raced: match.guessed && hasConverted ? undefined : written.conversion };
    }
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

function hintOf(conversion: Conversion): SettleHint {
  return { conversionId: conversion.conversion_id, revision: conversion.revision, conversion };
}

/**
 * Early take-backs that wait at this anchor for the conversion that begins: for its transaction, or for whatever is paid first.
 *
 * @param before what was said about that conversion so far.
 */
function waitingAt({ place, existing }: Anchor, { event }: Place, saying: Saying, before: readonly Statement[]): readonly Statement[] {
  if (existing === undefined) return [];
  const { statements, default_currency, opened } = existing;
  const { early, approved } = standingOf(statements, default_currency);
  const isMeant = ({ any_event, verdict, log_id }: Statement, index: number): boolean => {
    const waiting = early.find((one) => one.log_id === log_id);
    if (waiting === undefined || verdict !== 'accepted' || !(any_event || place.event === event)) return false;
    if (waiting.about !== undefined) return concerns(saying, waiting.about, before);
    // A take-back that was said after a pending or a rejection is about that one's conversion.
    const isFirst = place.transaction_id !== undefined || (any_event ? opened === undefined : opened !== 'here');
    return isFirst && !approved && statements.slice(0, index).every(isTakeBack);
  };
  return statements.filter(isMeant);
}

/**
 * The rows in which take-backs may wait for a conversion that begins. They are rewritten with it, so that no take-back that comes at the
 * same time misses it. @param early the take-backs that have waited.
 */
function anchorsOf(
  receipt: Receipt,
  match: Extract<Match, { kind: 'click' }>,
  { anchors = [], place }: Extract<Found, { kind: 'place' }>,
  early: readonly Statement[],
): Conversion[] {
  return anchors.map((anchor) => {
    const row = anchor.existing ?? blankConversion(receipt, match, anchor);
    const opened = anchor.place.event === place.event ? 'here' : (row.opened ?? 'elsewhere');
    return withStatements(
      { ...row, opened },
      row.statements.map((one) => (early.includes(one) ? { ...one, moved: true } : closedIf(one, receipt))),
    );
  });
}

/** The rows under which the closed statements, and this postback, were held: they are held no longer. */
function releasesOf(
  ports: RecordingPorts,
  receipt: Receipt,
  decision: Decision,
  { conversion_id: became, statements }: Conversion,
): Release[] {
  if (decision.kind === 'held') return [];
  const own = isAgain(receipt) ? heldIdOf(ports, receipt) : undefined;
  const closes = decision.kind === 'accepted' ? decision.closes : [];
  const closed = new Set(
    statements
      .filter(({ log_id, verdict }) => verdict === 'closed' && closes.includes(log_id))
      // One that was held again with other words is there twice.
      .flatMap(({ held_as }) => held_as ?? []),
  );
  return [
    ...[...closed].filter((heldId) => heldId !== own).map((heldId): Release => ({ heldId, status: 'reversed' })),
    ...(own === undefined ? [] : [{ heldId: own, became }]),
  ];
}
