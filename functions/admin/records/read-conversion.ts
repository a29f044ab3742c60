import type { Listed } from '../../adapters/dynamo/conversion-reader.ts';
import { stepsOf as acceptedSteps, type Conversion, shownStatus } from '../../domain/conversion.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import { type ConversionDetail, conversionSummaryOf, statementsOf, stepsOf, termsOf } from './conversion-view.ts';
import { deliveryOf } from './delivery-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { summaryOf } from './log-view.ts';
import { ledgerEntryOf } from './points-routes.ts';

type Readers = Pick<RecordDependencies, 'logs' | 'ledger' | 'deliveries'>;

/** Gathers everything that belongs to a conversion: its postbacks, ledger entries and deliveries (contract section 4). */
export async function readConversion(readers: Readers, listed: Listed): Promise<ConversionDetail> {
  const summary = conversionSummaryOf(listed);
  if (listed.kind === 'held') {
    const postbacks = await readers.logs.findAll([listed.held.log_id]);
    return { ...summary, terms: null, statements: [], steps: [], postbacks: postbacks.map(summaryOf), ledger_entries: [], deliveries: [] };
  }
  const { conversion } = listed;
  const [postbacks, entries, deliveries] = await Promise.all([
    readers.logs.findAll([...new Set(acceptedSteps(conversion).map(({ log_id }) => log_id))]),
    entriesOf(readers, conversion),
    deliveriesOf(readers, conversion),
  ]);
  return {
    ...summary,
    terms: conversion.terms === undefined ? null : termsOf(conversion.terms),
    statements: statementsOf(conversion),
    steps: stepsOf(conversion),
    postbacks: postbacks.map(summaryOf),
    ledger_entries: entries.map(ledgerEntryOf),
    deliveries: deliveries.map((delivery) => deliveryOf(delivery, conversion)),
  };
}

async function entriesOf({ ledger }: Readers, conversion: Conversion) {
  const { publisher_id: publisher, user_id: user, conversion_id, settlements } = conversion;
  const steps = acceptedSteps(conversion);
  const [first] = settlements;
  if (first === undefined) return [];
  // Steps that change nothing have no ledger entry, nor have pending ones.
  const most = settlements.filter(({ payout, points }, index) => {
    const step = steps[index];
    return step !== undefined && shownStatus(step) !== 'pending' && !(payout.eq(0) && points.eq(0));
  }).length;
  return ledger.ofConversion({ publisher, user }, conversion_id, first.at, most);
}

/** Adds the deliveries that have no row yet, since a row is written with the first attempt: the conversion names them. */
async function deliveriesOf({ deliveries }: Readers, conversion: Conversion): Promise<Delivery[]> {
  const { publisher_id, conversion_id } = conversion;
  const steps = acceptedSteps(conversion);
  const announced = conversion.settlements.flatMap(({ deliveries: told, sequence, at }, step) => {
    const log_id = steps[step]?.log_id ?? '';
    return told.map((one): Delivery => {
      return { ...one, publisher_id, conversion_id, step, sequence, log_id, status: 'scheduled', attempts: [], created_at: at };
    });
  });
  const rows = new Map((await deliveries.findAll(announced.map(({ delivery_id }) => delivery_id))).map((row) => [row.delivery_id, row]));
  return announced.map((delivery) => rows.get(delivery.delivery_id) ?? delivery);
}
