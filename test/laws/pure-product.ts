import Big from 'big.js';
import { type Conversion, isSettled, type Statement } from '../../functions/domain/conversion.ts';
import { decide, type Saying } from '../../functions/domain/conversions/decide.ts';
import { withStatements } from '../../functions/domain/receiving/new-conversion.ts';
import { settle } from '../../functions/domain/settlement.ts';
import { blankConversion } from '../support/blank-conversion.ts';
import type { Answer, Story, Telling, Terms } from './oracle.ts';

/** The product's pure core, which is told the same stories as the oracle: one conversion, postbacks and files. */
const at = '2026-11-01T00:00:00.000Z';

const sayingOf = (told: Telling): Saying => ({
  status: told.status,
  chargeback: told.chargeback,
  transaction_id: told.transaction,
  original_transaction_id: told.original,
  amount: told.amount === undefined ? undefined : new Big(told.amount),
  currency: told.currency,
  reason: told.reason,
});

/** A conversion after one more statement, as the receiver records it. */
const hear = (conversion: Conversion, told: Telling, logId: string): { conversion: Conversion; answer: Answer } => {
  const saying = sayingOf(told);
  const decision = decide(conversion.statements, saying, conversion.default_currency);
  const said = { ...saying, log_id: logId, at };
  const append = (statement: Statement, closes: readonly string[] = []) =>
    withStatements(conversion, [
      ...conversion.statements.map((one) =>
        one.verdict === 'held' && closes.includes(one.log_id) ? { ...one, verdict: 'closed' as const } : one,
      ),
      statement,
    ]);
  switch (decision.kind) {
    case 'accepted':
      return { conversion: append({ ...said, verdict: 'accepted' }, decision.closes), answer: { kind: 'accepted' } };
    case 'duplicate':
      return {
        conversion: decision.remember ? append({ ...said, verdict: 'duplicate', ...(decision.ofHeld && { of_held: true }) }) : conversion,
        answer: { kind: 'duplicate' },
      };
    case 'held':
      return { conversion: append({ ...said, verdict: 'held', code: decision.code }), answer: { kind: 'held', code: decision.code } };
  }
};

export type Entry = { upward: Big; payout: Big; points: Big };

/** Settles everything that is open, as the processor does; `ledger` collects the entries. */
const settled = (conversion: Conversion, terms: Terms, ledger: Entry[]): Conversion => {
  let now = conversion;
  const current = {
    rule: terms.kind,
    value: new Big(terms.rate),
    source: 'offer' as const,
    exchangeRate: new Big(terms.exchangeRate),
    currency: conversion.currency,
  };
  while (!isSettled(now)) {
    const done = settle(now, current, { at, announce: () => [] });
    if (done.settlements.length === 0) throw new Error('nothing was settled of what is open');
    ledger.push(...done.credits);
    now = { ...now, terms: done.terms, credited: done.credited, settlements: [...now.settlements, ...done.settlements] };
  }
  return now;
};

export type Played = { answer: Answer; conversion: Conversion };

/** Plays a story. It settles after the tellings that `settles` names, and at the end. */
export const play = (story: Story, settles: (index: number) => boolean = () => true): { played: Played[]; ledger: Entry[] } => {
  let conversion = blankConversion(story.defaultCurrency, at);
  const ledger: Entry[] = [];
  const played = story.tellings.map((told, index) => {
    const heard = hear(conversion, told, `LOG${index}`);
    conversion = heard.conversion;
    if (settles(index) || index === story.tellings.length - 1) conversion = settled(conversion, story.terms, ledger);
    return { answer: heard.answer, conversion };
  });
  return { played, ledger };
};
