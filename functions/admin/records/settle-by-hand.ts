import type { Listed } from '../../adapters/dynamo/conversion-reader.ts';
import type { HeldRow } from '../../adapters/dynamo/conversion-row.ts';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionIdOf } from '../../domain/conversion-id.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { changeConversion } from '../../domain/receiving/change-conversion.ts';
import { type HandDecision, type Handled, isDismissal, settleHeld } from '../../domain/receiving/settle-held.ts';
import type { Audited, RecordDependencies } from './dependencies.ts';

/** Settles what is held, or changes a conversion, as a person decides; audited with the change (contract section 4). */
export function settleByHand(records: RecordDependencies, listed: Listed, decision: HandDecision): Promise<Handled> {
  return listed.kind === 'held' ? settleHeldRow(records, listed.held, decision) : change(records, listed.conversion, decision);
}

async function settleHeldRow(records: RecordDependencies, held: HeldRow, decision: HandDecision): Promise<Handled> {
  const [previous, partner] = await Promise.all([records.logs.find(held.log_id), records.findPartner(held.partner_id)]);
  if (previous === undefined) return { done: false, refusal: 'log_not_found' };
  if (partner === undefined) return { done: false, refusal: 'partner_not_found' };
  // The row was read before its log entry: somebody may have settled it in between.
  if (previous.conversion_id !== held.conversion_id) return { done: false, refusal: 'already_settled' };
  const at = records.now().toISOString();
  const audited = auditedOf(held.conversion_id, { status: held.status, code: held.code }, decision);
  if (isDismissal(held, decision)) return dismiss(records, held, previous, decision, at, audited);
  const ports = {
    ...records.taking,
    decodeBody: records.decodeBody,
    journalAgain: () => records.journalFor(previous, ({ conversion_id }) => ({ ...audited, after: { ...audited.after, conversion_id } })),
  };
  return settleHeld(ports, previous, partner, decision, at);
}

async function dismiss(
  records: RecordDependencies,
  held: HeldRow,
  previous: LogEntry,
  { by, reason }: HandDecision,
  at: string,
  audited: Audited,
): Promise<Handled> {
  if (held.status !== 'held') return { done: false, refusal: 'no_change' };
  const { result, code, message } = previous;
  const entry: LogEntry = {
    ...previous,
    message: `Set aside by ${by}: ${reason}`,
    earlier: [...(previous.earlier ?? []), { result, code, message, at, by }],
  };
  const contradicted = held.click_id === undefined ? undefined : await records.conversions.find(conversionIdOf(held.click_id, held.event));
  const early = contradicted?.kind === 'conversion' ? contradicted.conversion : undefined;
  const rememberedBy = early?.early_reversal?.held_as === held.conversion_id ? early.conversion_id : undefined;
  const done = await records.dismissHeld(held.conversion_id, previous, entry, rememberedBy, audited);
  return done ? { done, recorded: { result, code } } : { done, refusal: 'already_settled' };
}

function change(records: RecordDependencies, conversion: Conversion, decision: HandDecision): Promise<Handled> {
  const { settings, newId, fingerprint } = records.taking;
  const audited = auditedOf(conversion.conversion_id, { status: conversion.status }, decision);
  const journalByHand = () => records.journalFor(undefined, ({ log_id }) => ({ ...audited, after: { ...audited.after, log_id } }));
  const ports = { settings, newId, fingerprint, encodeBody: records.encodeBody, journalByHand };
  return changeConversion(ports, conversion, decision, records.now().toISOString());
}

function auditedOf(id: string, before: object, { status, reason, by, payout, clickId }: HandDecision) {
  const after = { status, reason, payout: payout?.toFixed(), click_id: clickId };
  return { by, action: 'conversion.settled_by_hand', kind: 'conversion', id, before, after };
}
