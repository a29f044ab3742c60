import Big from 'big.js';
import * as z from 'zod';
import type { Listed } from '../../adapters/dynamo/conversion-reader.ts';
import type { HeldRow } from '../../adapters/dynamo/conversion-row.ts';
import { stepsOf as acceptedSteps, type Conversion, isSettled, shownStatus } from '../../domain/conversion.ts';
import { transactionOf } from '../../domain/delivery/conversion-fields.ts';
import { moneyText, pointsText, zero } from '../../domain/money.ts';
import type { Terms } from '../../domain/revenue-share.ts';
import { conversionStatuses, forwardedStatuses } from '../../domain/status.ts';
import { exactMoneyText } from '../settings/amount-text.ts';
import { deliveryView } from './delivery-view.ts';
import { amountText, textOrNull, timeText } from './fields.ts';
import { logSummary } from './log-view.ts';
import { ledgerEntry } from './points-routes.ts';

/** A conversion, or a held postback that may become one, as a list shows it. */
export const conversionSummary = z
  .object({
    conversion_id: z.string().meta({ description: 'Begins with `PB-` for a held postback' }),
    status: z.enum(conversionStatuses),
    code: textOrNull.meta({ description: 'Why it is held' }),
    rule_id: textOrNull.meta({ description: 'The rule that holds it' }),
    release_at: textOrNull.meta({ description: 'Until when it waits in a hold period, ISO 8601; null: it does not wait' }),
    settled: z.boolean().meta({ description: 'Whether every change is in the ledger' }),
    partner_id: z.string(),
    publisher_id: textOrNull,
    placement_id: textOrNull,
    offer_id: textOrNull,
    click_id: textOrNull,
    event: z.string(),
    user_id: textOrNull,
    transaction_id: textOrNull,
    partner_conversion_id: textOrNull,
    payout: amountText.nullable().meta({ description: 'What the partner last reported to pay, in `currency`' }),
    upward_payout: amountText.meta({ description: 'What the partner owes for it now: what is left after take-backs, in `currency`' }),
    currency: z.string(),
    downward_payout: amountText.meta({ description: 'What the publisher has earned with it now: what is left, in `downward_currency`' }),
    downward_currency: z.string(),
    points: amountText.meta({ description: 'What the user has earned with it now: what is left' }),
    matched_by: textOrNull,
    created_at: timeText,
    approved_at: timeText.nullable().meta({ description: 'The newest approval, or end of a hold period' }),
    changed_at: timeText.nullable().meta({ description: 'The newest accepted change; null: nothing has been accepted' }),
  })
  .meta({ id: 'ConversionSummary' });

export const termsView = z
  .object({
    rule: z.enum(['percent', 'fixed']),
    value: amountText.meta({ description: 'Percent, or an amount in `currency`' }),
    source: z.enum(['offer', 'goal', 'override']),
    exchange_rate: amountText.meta({ description: 'Points per unit of downward payout' }),
    currency: z.string(),
  })
  .meta({ id: 'Terms', description: 'Fixed when the conversion is settled' });

const step = z.object({
  status: z.enum(forwardedStatuses),
  at: timeText,
  log_id: z.string(),
  payout: amountText.nullable(),
  transaction_id: textOrNull,
  reason: textOrNull,
  by: textOrNull.meta({ description: 'Who made the change by hand' }),
  settled_at: textOrNull,
  downward_payout: amountText.nullable().meta({ description: 'Change; for a pending step the expected change' }),
  points: amountText.nullable().meta({ description: 'Change; for a pending step the expected change' }),
  sequence: z.int().nullable().meta({ description: 'The number of this change among those that the publisher sees: 1, 2, 3' }),
  delivery_ids: z.array(z.string()).meta({ description: "The deliveries that report it: one for each of the publisher's postbacks" }),
});

const statement = z.object({
  log_id: z.string(),
  at: timeText,
  verdict: z.enum(['accepted', 'duplicate', 'held', 'closed']).meta({
    description: '`closed`: it was held and has since been decided, settled by its own reversal, or set aside',
  }),
  code: textOrNull.meta({ description: 'Why it is or was held' }),
  status: textOrNull.meta({ description: 'The status as we understood it; for an unknown word, the word itself' }),
  payout: amountText.nullable(),
  currency: textOrNull,
  transaction_id: textOrNull,
  original_transaction_id: textOrNull,
  reason: textOrNull,
  by: textOrNull,
  rule_id: textOrNull.meta({ description: 'The rule that holds or rejects it' }),
  release_at: textOrNull.meta({ description: 'When its hold period ends' }),
  releases: z.boolean().meta({ description: 'Whether it is the end of a hold period' }),
});

/** A conversion with everything that belongs to it. */
export const conversionDetail = conversionSummary
  .extend({
    terms: termsView.nullable(),
    statements: z.array(statement).meta({ description: 'Everything that was said about it, oldest first, whatever the result was' }),
    steps: z.array(step).meta({ description: 'All accepted changes, oldest first' }),
    postbacks: z.array(logSummary).meta({ description: 'The postbacks that changed it, oldest first' }),
    ledger_entries: z.array(ledgerEntry).meta({ description: 'Oldest first' }),
    deliveries: z.array(deliveryView).meta({ description: 'Oldest first; a delivery is `scheduled` until its first attempt' }),
  })
  .meta({ id: 'Conversion' });

export type ConversionDetail = z.output<typeof conversionDetail>;
type Summary = z.output<typeof conversionSummary>;

export function conversionSummaryOf(listed: Listed): Summary {
  return listed.kind === 'held' ? heldSummaryOf(listed.held) : settledSummaryOf(listed.conversion);
}

function settledSummaryOf(conversion: Conversion): Summary {
  const { currency, credited } = conversion;
  const steps = acceptedSteps(conversion);
  const downwardCurrency = conversion.terms?.currency ?? currency;
  const named = steps.findLast(({ amount, status }) => amount !== undefined && (status === 'approved' || status === 'pending'));
  const payout = (named ?? steps.findLast(({ amount }) => amount !== undefined))?.amount;
  return {
    conversion_id: conversion.conversion_id,
    status: conversion.status,
    code: conversion.code ?? null,
    rule_id: conversion.code === 'rule' ? (conversion.statements.findLast(({ verdict }) => verdict === 'held')?.rule_id ?? null) : null,
    release_at: conversion.release_at ?? null,
    settled: isSettled(conversion),
    partner_id: conversion.partner_id,
    publisher_id: conversion.publisher_id,
    placement_id: conversion.placement_id ?? null,
    offer_id: conversion.offer_id,
    click_id: conversion.click_id,
    event: conversion.event,
    user_id: conversion.user_id,
    transaction_id: transactionOf(steps) ?? null,
    partner_conversion_id: conversion.partner_conversion_id ?? null,
    payout: payout === undefined ? null : moneyText(payout, currency),
    upward_payout: exactMoneyText(credited.upward, currency),
    currency,
    downward_payout: moneyText(credited.payout, downwardCurrency),
    downward_currency: downwardCurrency,
    points: pointsText(credited.points),
    matched_by: conversion.matched_by,
    created_at: conversion.created_at,
    approved_at: steps.findLast((made) => shownStatus(made) === 'approved')?.at ?? null,
    changed_at: steps.at(-1)?.at ?? null,
  };
}

function heldSummaryOf(held: HeldRow): Summary {
  return {
    conversion_id: held.conversion_id,
    status: held.status,
    code: held.code,
    rule_id: held.rule_id ?? null,
    release_at: null,
    settled: held.status !== 'held',
    partner_id: held.partner_id,
    publisher_id: held.click?.publisher_id ?? null,
    placement_id: held.click?.placement_id ?? null,
    offer_id: held.offer_id ?? null,
    click_id: held.click?.click_id ?? null,
    event: held.event,
    user_id: held.click?.user_id ?? null,
    transaction_id: held.transaction_id ?? null,
    partner_conversion_id: held.partner_conversion_id ?? null,
    payout: held.payout === undefined ? null : exactMoneyText(new Big(held.payout), held.currency),
    upward_payout: moneyText(zero, held.currency),
    currency: held.currency,
    downward_payout: moneyText(zero, held.currency),
    downward_currency: held.currency,
    points: pointsText(zero),
    matched_by: null,
    created_at: held.created_at,
    approved_at: null,
    changed_at: null,
  };
}

export function termsOf({ rule, value, source, exchangeRate, currency }: Terms): z.output<typeof termsView> {
  return {
    rule,
    value: rule === 'fixed' ? exactMoneyText(value, currency) : value.toFixed(),
    source,
    exchange_rate: exchangeRate.toFixed(),
    currency,
  };
}

export function statementsOf({ statements }: Conversion): z.output<typeof statement>[] {
  return statements.map((one) => ({
    log_id: one.log_id,
    at: one.at,
    verdict: one.verdict,
    code: one.code ?? null,
    status: one.status ?? one.word ?? null,
    payout: one.amount?.toFixed() ?? null,
    currency: one.currency ?? null,
    transaction_id: one.transaction_id ?? null,
    original_transaction_id: one.original_transaction_id ?? null,
    reason: one.reason ?? null,
    by: one.by ?? null,
    rule_id: one.rule_id ?? null,
    release_at: one.release_at ?? null,
    releases: one.releases ?? false,
  }));
}

export function stepsOf(conversion: Conversion): z.output<typeof step>[] {
  const { settlements, currency, terms: frozen } = conversion;
  const downwardCurrency = frozen?.currency ?? currency;
  return acceptedSteps(conversion).map((made, index) => {
    const settlement = settlements[index];
    return {
      status: shownStatus(made),
      at: made.at,
      log_id: made.log_id,
      payout: made.amount === undefined ? null : moneyText(made.amount, currency),
      transaction_id: made.transaction_id ?? null,
      reason: made.reason ?? null,
      by: made.by ?? null,
      settled_at: settlement?.at ?? null,
      downward_payout: settlement === undefined ? null : moneyText(settlement.payout, downwardCurrency),
      points: settlement === undefined ? null : pointsText(settlement.points),
      sequence: settlement?.sequence ?? null,
      delivery_ids: settlement?.deliveries.map(({ delivery_id }) => delivery_id) ?? [],
    };
  });
}
