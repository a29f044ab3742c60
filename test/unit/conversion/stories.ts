import Big from 'big.js';
import type { HeldCode } from '../../../functions/domain/codes.ts';
import { type Conversion, isSettled, type Statement, stepsOf } from '../../../functions/domain/conversion.ts';
import { decide, type Saying } from '../../../functions/domain/conversions/decide.ts';
import { withStatements } from '../../../functions/domain/receiving/new-conversion.ts';
import type { Terms } from '../../../functions/domain/revenue-share.ts';
import { settle } from '../../../functions/domain/settlement.ts';
import type { ForwardedStatus } from '../../../functions/domain/status.ts';
import { blankConversion } from '../../support/blank-conversion.ts';

/** A postback of a story, as a partner would send it, or a person's decision. */
export interface Told {
  /** Absent: an unknown status word. */
  readonly status?: ForwardedStatus;
  readonly amount?: string;
  readonly transaction?: string;
  readonly original?: string;
  readonly reason?: string;
  readonly currency?: string;
  /** Whether it is a rejection of a network whose chargebacks are rejections. */
  readonly chargeback?: true;
  /** It is held for this reason, whatever else it says. */
  readonly hold?: HeldCode;
  /** Whether it is a person's decision about the conversion. */
  readonly byHand?: true;
  /** A person decides about the held statement of the story with this index. */
  readonly decides?: number;
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

const at = '2026-11-01T00:00:00.000Z';
const logId = (index: number): string => `LOG${index}`;

function sayingOf({ status, amount, transaction, original, reason, currency, chargeback, hold, byHand, decides }: Told): Saying {
  return {
    status,
    word: status === undefined ? 'settled' : undefined,
    chargeback,
    transaction_id: transaction,
    original_transaction_id: original,
    amount: amount === undefined ? undefined : new Big(amount),
    currency,
    reason,
    hold,
    byHand: byHand ? 'conversion' : decides === undefined ? undefined : 'held',
  };
}

/** A conversion after one more statement, as the receiver records it. */
function hear(conversion: Conversion, told: Told, index: number): { readonly conversion: Conversion; readonly result: string } {
  const saying = sayingOf(told);
  const decided = told.decides === undefined ? [] : conversion.statements.filter(({ log_id }) => log_id === logId(told.decides ?? 0));
  const others = conversion.statements.filter((statement) => !decided.includes(statement));
  const decision = decide(others, saying, conversion.default_currency);
  const { hold: _hold, byHand, ...said } = saying;
  const statement = { ...said, log_id: logId(told.decides ?? index), at, by: byHand && 'ann' };
  switch (decision.kind) {
    case 'duplicate':
      if (!decision.remember) return { conversion, result: 'duplicate' };
      return {
        conversion: withStatements(conversion, [...conversion.statements, { ...statement, verdict: 'duplicate' }]),
        result: 'duplicate',
      };
    case 'held': {
      if (byHand) return { conversion, result: `held ${decision.code}` };
      const held: Statement = { ...statement, verdict: 'held', code: decision.code };
      return { conversion: withStatements(conversion, [...conversion.statements, held]), result: `held ${decision.code}` };
    }
    case 'accepted': {
      const closes = new Set([...decision.closes, ...decided.map(({ log_id }) => log_id)]);
      const before = conversion.statements.map((one) =>
        one.verdict === 'held' && closes.has(one.log_id) ? ({ ...one, verdict: 'closed' } as const) : one,
      );
      return { conversion: withStatements(conversion, [...before, { ...statement, verdict: 'accepted' }]), result: 'accepted' };
    }
  }
}

/** Plays the statements through the state machine alone. */
export function tell(story: readonly Told[]): { readonly conversion: Conversion; readonly results: readonly string[] } {
  let conversion = blankConversion('USD', at);
  const results: string[] = [];
  for (const [index, told] of story.entries()) {
    const heard = hear(conversion, told, index);
    conversion = heard.conversion;
    results.push(heard.result);
  }
  return { conversion, results };
}

/** Settles everything that is open, as the processor does. */
export function settled(conversion: Conversion, terms: Terms): Conversion {
  let now = conversion;
  while (!isSettled(now)) {
    const first = now.settlements.length;
    const done = settle(now, terms, { at, announce: ({ log_id }) => [{ delivery_id: `DLV-${log_id}` }] });
    if (done.settlements.length === 0) throw new Error(`nothing was settled of ${stepsOf(now).length - first}`);
    now = { ...now, terms: done.terms, credited: done.credited, settlements: [...now.settlements, ...done.settlements] };
  }
  return now;
}

/** The conversion of a story when everything open is settled after every `every` postbacks and at the end. */
export function settledStory(story: readonly Told[], terms: Terms, every = 1): Conversion {
  let conversion = blankConversion('USD', at);
  for (const [index, told] of story.entries()) {
    conversion = hear(conversion, told, index).conversion;
    if ((index + 1) % every === 0 || index === story.length - 1) conversion = settled(conversion, terms);
  }
  return conversion;
}

/** The points that a user has after a story. */
export function balanceAfter(story: readonly Told[], terms: Terms, every = 1): string {
  return settledStory(story, terms, every).credited.points.toFixed();
}
