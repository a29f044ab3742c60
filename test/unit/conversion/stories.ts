import Big from 'big.js';
import { type Conversion, decide, type Statement, type Step } from '../../../functions/domain/conversion.ts';
import type { Terms } from '../../../functions/domain/revenue-share.ts';
import { settle } from '../../../functions/domain/settlement.ts';
import type { ForwardedStatus } from '../../../functions/domain/status.ts';

/** A postback of a story: status, amount and transaction, as a partner would send them. */
export interface Told {
  readonly status: ForwardedStatus;
  readonly amount?: string;
  readonly transaction?: string;
  readonly reason?: string;
  readonly currency?: string;
}

export const share = (percent: string, currency = 'USD'): Terms => ({
  rule: 'percent',
  value: new Big(percent),
  source: 'offer',
  exchangeRate: new Big(1),
  currency,
});
export const fixed = (payout: string, currency = 'USD'): Terms => ({
  rule: 'fixed',
  value: new Big(payout),
  source: 'offer',
  exchangeRate: new Big(1),
  currency,
});

const zero = new Big(0);

function statementOf(told: Told, index: number): Statement {
  const step: Step = {
    status: told.status,
    log_id: `LOG${index}`,
    at: '2026-11-01T00:00:00.000Z',
    amount: told.amount === undefined ? undefined : new Big(told.amount),
    transaction_id: told.transaction ?? `GEN-${index}`,
    generated: told.transaction === undefined ? true : undefined,
    reason: told.reason,
  };
  return { step, currency: told.currency ?? 'USD', fingerprint: JSON.stringify(told) };
}

/** A conversion as the first postback makes it. */
function begin(statement: Statement, steps: readonly Step[], status: ForwardedStatus, early: Conversion['early_reversal']): Conversion {
  return {
    conversion_id: 'CLK-1.complete',
    partner_id: 'PARTNER' as Conversion['partner_id'],
    publisher_id: 'PUB' as Conversion['publisher_id'],
    offer_id: 'OFFER' as Conversion['offer_id'],
    click_id: 'CLK-1',
    event: 'complete',
    user_id: 'USER',
    status,
    currency: statement.currency,
    matched_by: 'click_id',
    listed_at: 'LOG0',
    created_at: statement.step.at,
    click: {},
    steps,
    seen: new Set([statement.fingerprint]),
    early_reversal: early,
    settlements: [],
    credited: { upward: zero, payout: zero, points: zero },
    outbox: new Set(),
  };
}

/** What one postback makes of a conversion, as the receiver records it. */
function hear(
  conversion: Conversion | undefined,
  told: Told,
  index: number,
): { readonly conversion: Conversion | undefined; readonly result: string } {
  const statement = statementOf(told, index);
  const decision = decide(conversion, statement);
  switch (decision.kind) {
    case 'duplicate':
      return { conversion, result: 'duplicate' };
    case 'held':
      return {
        conversion: conversion && {
          ...conversion,
          seen: new Set([...conversion.seen, statement.fingerprint]),
          early_reversal: decision.earlyReversal,
        },
        result: `held ${decision.code}`,
      };
    case 'accepted': {
      if (conversion === undefined)
        return { conversion: begin(statement, decision.steps, decision.status, decision.earlyReversal), result: 'accepted' };
      const steps = [...conversion.steps, ...decision.steps];
      const seen = new Set([...conversion.seen, statement.fingerprint]);
      return {
        conversion: { ...conversion, status: decision.status, steps, seen, early_reversal: decision.earlyReversal },
        result: 'accepted',
      };
    }
  }
}

/** Plays postbacks through the state machine alone. */
export function tell(story: readonly Told[]): { readonly conversion: Conversion | undefined; readonly results: readonly string[] } {
  let conversion: Conversion | undefined;
  const results: string[] = [];
  for (const [index, told] of story.entries()) {
    const heard = hear(conversion, told, index);
    conversion = heard.conversion;
    results.push(heard.result);
  }
  return { conversion, results };
}

/** Settles what is open, as the processor does. */
function settled(conversion: Conversion, terms: Terms): Conversion {
  const ids = new Set<string>();
  const done = settle(conversion, terms, {
    at: '2026-11-01T00:00:01.000Z',
    forwardStatuses: ['pending', 'approved', 'rejected', 'reversed'],
    newDeliveryId: () => {
      ids.add(`DLV${conversion.settlements.length + ids.size}`);
      return [...ids].at(-1) ?? '';
    },
  });
  if (done === undefined) throw new Error('nothing could be settled');
  return { ...conversion, terms: done.terms, credited: done.credited, settlements: [...conversion.settlements, ...done.settlements] };
}

/** The points a user has after a story, when what is open is settled after every `every` postbacks and at the end. */
export function balanceAfter(story: readonly Told[], terms: Terms, every = 1): string {
  let conversion: Conversion | undefined;
  for (const [index, told] of story.entries()) {
    conversion = hear(conversion, told, index).conversion;
    const due = (index + 1) % every === 0 || index === story.length - 1;
    if (due && conversion !== undefined && conversion.settlements.length < conversion.steps.length) conversion = settled(conversion, terms);
  }
  return conversion?.credited.points.toFixed() ?? '0';
}
