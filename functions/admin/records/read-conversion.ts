import type { Listed } from '../../adapters/dynamo/conversion-reader.ts';
import type { Conversion } from '../../domain/conversion.ts';
import { sequenceOf } from '../../domain/delivery/conversion-fields.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import { type ConversionDetail, conversionSummaryOf, stepsOf, termsOf } from './conversion-view.ts';
import { deliveryOf } from './delivery-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { summaryOf } from './log-view.ts';
import { ledgerEntryOf } from './points-routes.ts';

type Readers = Pick<RecordDependencies, 'logs' | 'ledger' | 'deliveries'>;

/** Gathers what belongs to a conversion: its postbacks, ledger entries and deliveries (contract section 4). */
export async function readConversion(readers: Readers, listed: Listed): Promise<ConversionDetail> {
  const summary = conversionSummaryOf(listed);
  if (listed.kind === 'held') {
    const postbacks = await readers.logs.findAll([listed.held.log_id]);
    return { ...summary, terms: null, steps: [], postbacks: postbacks.map(summaryOf), ledger_entries: [], deliveries: [] };
  }
  const { conversion } = listed;
  const early = conversion.early_reversal === undefined ? [] : [conversion.early_reversal.log_id];
  const [postbacks, entries, deliveries] = await Promise.all([
    readers.logs.findAll([...new Set([...conversion.steps.map(({ log_id }) => log_id), ...early])]),
    entriesOf(readers, conversion),
    deliveriesOf(readers, conversion),
  ]);
  return {
    ...summary,
    terms: conversion.terms === undefined ? null : termsOf(conversion.terms),
    steps: stepsOf(conversion),
    postbacks: postbacks.map(summaryOf),
    ledger_entries: entries.map(ledgerEntryOf),
    deliveries: deliveries.map(deliveryOf),
  };
}

async function entriesOf({ ledger }: Readers, conversion: Conversion) {
  const { publisher_id: publisher, user_id: user, conversion_id, settlements, steps } = conversion;
  const [first] = settlements;
  if (first === undefined) return [];
  // Steps that change nothing have no entry, and pending ones none either.
  const most = settlements.filter(
    ({ payout, points }, index) => steps[index]?.status !== 'pending' && !(payout.eq(0) && points.eq(0)),
  ).length;
  return ledger.ofConversion({ publisher, user }, conversion_id, first.at, most);
}

/** A delivery has no row until it is attempted: the conversion knows of it. */
async function deliveriesOf({ deliveries }: Readers, conversion: Conversion): Promise<Delivery[]> {
  const announced = conversion.settlements.flatMap(({ deliveries: told = [], at }, step): Delivery[] => {
    const log_id = conversion.steps[step]?.log_id;
    if (log_id === undefined) return [];
    const { publisher_id, conversion_id } = conversion;
    const sequence = sequenceOf(conversion, step);
    return told.map((one) => ({
      ...one,
      publisher_id,
      conversion_id,
      step,
      sequence,
      log_id,
      status: 'scheduled',
      attempts: [],
      created_at: at,
    }));
  });
  const rows = new Map((await deliveries.findAll(announced.map(({ delivery_id }) => delivery_id))).map((row) => [row.delivery_id, row]));
  return announced.flatMap((delivery) => rows.get(delivery.delivery_id) ?? (conversion.outbox.has(delivery.delivery_id) ? [delivery] : []));
}
