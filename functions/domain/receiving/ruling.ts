import type Big from 'big.js';
import type { Click } from '../click.ts';
import { type Facts, fieldsOf, holds } from '../conditions.ts';
import type { Statement } from '../conversion.ts';
import { type Capped, capsFor } from '../conversions/counting.ts';
import type { Saying } from '../conversions/decide.ts';
import { zero } from '../money.ts';
import { holdHoursOf } from '../revenue-share.ts';
import type { Offer, Publisher, Rule } from '../settings.ts';
import type { SettingsReader } from './ports.ts';
import type { Receipt } from './receipt.ts';
import { conversionsTodayField, factsOf } from './rule-facts.ts';

export interface RulingPorts {
  readonly settings: Pick<SettingsReader, 'rules' | 'publisher'>;
  /** The number of conversions of a publisher's user that were paid since a time (ISO 8601). */
  conversionsSince(account: { readonly publisher: Click['publisher_id']; readonly user: string }, since: string): Promise<number>;
}

const hourMs = 3_600_000;

/**
 * Whether a rule is evaluated at all: it is active, the time is within its limits, and its scope matches. @param now epoch milliseconds of
 * receipt.
 */
export function applies({ status, scope, from, to }: Rule, { partner_id, offer_id, publisher_id }: Click, now: number): boolean {
  return (
    status === 'active' &&
    (scope.partner_id === undefined || scope.partner_id === partner_id) &&
    (scope.offer_id === undefined || scope.offer_id === offer_id) &&
    (scope.publisher_id === undefined || scope.publisher_id === publisher_id) &&
    (from === undefined || now >= Date.parse(from)) &&
    (to === undefined || now < Date.parse(to))
  );
}

/**
 * The rule that decides about an approval or pending that would be accepted: the first one that matches, in the order of priority (contract
 * 2.1). Rules are not evaluated for a person's decision, nor for a statement that changes nothing.
 */
async function ruleFor(ports: RulingPorts, receipt: Receipt, saying: Saying, click: Click, offer: Offer): Promise<Rule | undefined> {
  const pays = saying.status === 'approved' || saying.status === 'pending';
  if (!pays || receipt.byHand) return undefined;
  const { postback, now } = receipt;
  const asked = (await ports.settings.rules()).filter((rule) => applies(rule, click, now));
  if (asked.length === 0) return undefined;
  const counts = asked.some(({ when }) => fieldsOf(when).includes(conversionsTodayField));
  const conversionsToday = counts ? await ports.conversionsSince(accountOf(click), startOfDay(now)) : undefined;
  const facts: Facts = factsOf({ postback, click, offer, now, conversionsToday });
  return asked.find(({ when }) => holds(when, facts));
}

function accountOf({ publisher_id: publisher, user_id: user }: Click) {
  return { publisher, user };
}

function startOfDay(now: number): string {
  return `${new Date(now).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

/** What rules, hold periods and caps make of a statement that would be accepted. */
export interface Ruling {
  readonly kind: 'accept' | 'reject' | 'hold' | 'log';
  /** Why it is held, or why the partner's answer has a code. */
  readonly code?: 'rule' | 'over_cap' | undefined;
  /** The rule that decided, even if it accepts. */
  readonly rule?: Rule | undefined;
  /** What is added to its statement. */
  readonly carries: Pick<Statement, 'rule_id' | 'release_at' | 'counted'>;
  /** The caps that count it. */
  readonly capped: readonly Capped[];
  /** The limits within which it has to fit, by the place of the counters. */
  readonly limits: ReadonlyMap<string, Big>;
}

/** The ruling when no rule, hold period or cap applies. */
export const noRuling: Ruling = { kind: 'accept', carries: {}, capped: [], limits: new Map() };

/**
 * Evaluates the rules first, then hold period and caps (contract 2.1).
 *
 * @param usualCurrency ISO 4217, for amounts that come without one.
 */
export async function rulingOn(
  ports: RulingPorts,
  receipt: Receipt,
  saying: Saying,
  { click, offer }: { readonly click: Click; readonly offer: Offer },
  usualCurrency: string,
): Promise<Ruling> {
  const rule = await ruleFor(ports, receipt, saying, click, offer);
  const decided = { ...noRuling, rule };
  if (rule !== undefined && rule.action !== 'accept')
    return { ...decided, kind: rule.action, code: 'rule', carries: rule.action === 'log' ? {} : { rule_id: rule.rule_id } };
  if (saying.status !== 'approved') return decided;
  const publisher = await ports.settings.publisher(click.publisher_id);
  const { uncountable, ...terms } = termsOfApproval(
    offer,
    { publisher, publisherId: click.publisher_id, event: receipt.postback.event },
    { of: saying.currency ?? usualCurrency, usual: usualCurrency },
    receipt.now,
    receipt.byHand !== undefined,
  );
  return uncountable ? { ...decided, kind: 'hold', code: 'over_cap' } : { ...decided, ...terms };
}

/**
 * The hold period and the caps of an approval.
 *
 * @param currency ISO 4217, for its amount and for amounts that come without one.
 * @param now epoch milliseconds of receipt.
 * @param byHand whether a person approves: then it is paid at once, and counts whatever the caps say.
 */
export function termsOfApproval(
  offer: Offer,
  {
    publisher,
    publisherId,
    event,
  }: { readonly publisher: Publisher | undefined; readonly publisherId: Publisher['publisher_id']; readonly event: string },
  currency: { readonly of: string; readonly usual: string },
  now: number,
  byHand: boolean,
): Pick<Ruling, 'carries' | 'capped' | 'limits'> & { readonly uncountable: boolean } {
  const { capped, uncountable } = capsFor(offer, publisherId, { of: currency.of, offer: offer.currency ?? currency.usual }, now);
  const hours = byHand ? zero : holdHoursOf(offer, publisher, event);
  return {
    carries: {
      release_at: hours.gt(0) ? new Date(now + hours.times(hourMs).round().toNumber()).toISOString() : undefined,
      counted: capped.length === 0 ? undefined : capped.map(({ place, cap }) => ({ place, of: cap.of })),
    },
    capped,
    limits: byHand ? new Map() : new Map(capped.map(({ place, cap }) => [place, cap.limit])),
    uncountable: uncountable && !byHand,
  };
}
