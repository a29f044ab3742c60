import type { Listed } from '../../adapters/dynamo/conversion-reader.ts';
import type { HeldRow } from '../../adapters/dynamo/conversion-row.ts';
import type { Conversion } from '../../domain/conversion.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { changeConversion } from '../../domain/receiving/change-conversion.ts';
import { type Dismissal, dismissHeld } from '../../domain/receiving/dismiss-held.ts';
import { type HandDecision, type Handled, isDismissal, settleHeld } from '../../domain/receiving/settle-held.ts';
import type { Audited, RecordDependencies } from './dependencies.ts';

/** What a person decides about: a conversion, a held postback, or a postback that was refused. */
export type Decided = Listed | { readonly kind: 'refused'; readonly entry: LogEntry };

/** Finds what the id belongs to: a conversion, a held postback, or a log entry with the result `error` (contract 1.7). */
export async function findDecided(records: RecordDependencies, id: string): Promise<Decided | undefined> {
  const listed = await records.conversions.find(id);
  if (listed !== undefined) return listed;
  const entry = await records.logs.find(id);
  if (entry === undefined) return undefined;
  if (entry.result === 'error') return { kind: 'refused', entry };
  return entry.conversion_id === undefined ? undefined : records.conversions.find(entry.conversion_id);
}

/**
 * Carries out a person's decision: settles a held or refused postback, or changes a conversion. The change and its audit entry are one
 * commit (contract section 4).
 */
export function settleByHand(records: RecordDependencies, decided: Decided, decision: HandDecision): Promise<Handled> {
  switch (decided.kind) {
    case 'conversion':
      return change(records, decided.conversion, decision);
    case 'held':
      return settleHeldRow(records, decided.held, decision);
    case 'refused':
      return settleEntry(
        records,
        decided.entry,
        decided.entry.log_id,
        { result: decided.entry.result, code: decided.entry.code },
        decision,
      );
    default:
      return decided satisfies never;
  }
}

async function settleHeldRow(records: RecordDependencies, found: HeldRow, decision: HandDecision): Promise<Handled> {
  const previous = await records.logs.find(found.log_id);
  if (previous === undefined) return { done: false, refusal: 'log_not_found' };
  // The commit checks that the log entry is as it was read. Only a row that is read after the entry shows what was decided before.
  const listed = await records.conversions.find(found.conversion_id);
  if (listed?.kind !== 'held') return { done: false, refusal: 'already_settled' };
  const { held } = listed;
  if (held.status !== 'held') return { done: false, refusal: decision.status === held.status ? 'no_change' : 'already_settled' };
  const before = { status: held.status, code: held.code };
  if (!isDismissal(held, decision)) return settleEntry(records, previous, held.conversion_id, before, decision);
  const audited = auditedOf(held.conversion_id, before, decision);
  const dismissal: Dismissal = { heldId: held.conversion_id, about: held.about, previous, decision, at: records.now().toISOString() };
  return dismissHeld(
    records.journalFor(previous, () => audited),
    dismissal,
  );
}

async function settleEntry(
  records: RecordDependencies,
  previous: LogEntry,
  id: string,
  before: object,
  decision: HandDecision,
): Promise<Handled> {
  const partner = await records.findPartner(previous.partner_id);
  if (partner === undefined) return { done: false, refusal: 'partner_not_found' };
  const audited = auditedOf(id, before, decision);
  const ports = {
    ...records.taking,
    decodeBody: records.decodeBody,
    journalAgain: () => records.journalFor(previous, ({ conversion_id }) => ({ ...audited, after: { ...audited.after, conversion_id } })),
  };
  return settleHeld(ports, previous, partner, decision, records.now().toISOString());
}

function change(records: RecordDependencies, conversion: Conversion, decision: HandDecision): Promise<Handled> {
  const { settings, newId } = records.taking;
  const audited = auditedOf(conversion.conversion_id, { status: conversion.status }, decision);
  const journalByHand = () => records.journalFor(undefined, ({ log_id }) => ({ ...audited, after: { ...audited.after, log_id } }));
  const ports = { settings, newId, encodeBody: records.encodeBody, journalByHand };
  return changeConversion(ports, conversion, decision, records.now().toISOString());
}

function auditedOf(
  id: string,
  before: object,
  { status, reason, by, payout, clickId }: HandDecision,
): Audited & { readonly after: object } {
  const after = { status, reason, payout: payout?.toFixed(), click_id: clickId };
  return { by, action: 'conversion.settled_by_hand', kind: 'conversion', id, before, after };
}
