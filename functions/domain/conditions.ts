import Big from 'big.js';

export const operators = ['eq', 'ne', 'in', 'not_in', 'gt', 'gte', 'lt', 'lte', 'prefix', 'contains', 'absent', 'present'] as const;
export type Operator = (typeof operators)[number];

/** One question about one field. `value` is a list for `in` and `not_in`, and nothing for `absent` and `present`. */
interface Comparison {
  readonly field: string;
  readonly op: Operator;
  readonly value?: string | readonly string[] | undefined;
}

/** Questions that must all hold, or of which one must; they may be nested (contract 2.1). */
export type Condition = { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] } | Comparison;

/** What is known, by the name of the field; all text, amounts as plain decimals. An absent field and an empty one are the same. */
export type Facts = Readonly<Record<string, string | undefined>>;

/**
 * Whether a condition holds: the one evaluator of rules, caps and publishers' postbacks (contract 2.1). Pure, and never throws.
 *
 * - Text is compared in any case. `eq`, `ne`, `in` and `not_in` also take `5` and `5.00` for the same.
 * - `gt`, `gte`, `lt`, `lte` compare decimals exactly, `08` and blanks around them too; where either side is none they do not hold.
 * - An absent field is equal to nothing: `ne` and `not_in` hold, everything else but `absent` does not.
 * - `all` of nothing holds, `any` of nothing does not.
 *
 * @example
 * holds({ all: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }, { field: 'payout', op: 'gte', value: '5' }] }, { country: 'de', payout: '5.00' })
 * // true
 */
export function holds(condition: Condition, facts: Facts): boolean {
  if ('all' in condition) return condition.all.every((part) => holds(part, facts));
  if ('any' in condition) return condition.any.some((part) => holds(part, facts));
  const fact = Object.hasOwn(facts, condition.field) ? facts[condition.field] : undefined;
  return compare(condition, fact === undefined || fact === '' ? undefined : fact);
}

/** What a condition is whatever is known: with an empty `all` or `any` in it, it may not depend on that. `undefined`: it does. */
export function certainty(condition: Condition): 'always' | 'never' | undefined {
  if ('field' in condition) return undefined;
  const parts = ('all' in condition ? condition.all : condition.any).map(certainty);
  const [decisive, otherwise] = 'all' in condition ? (['never', 'always'] as const) : (['always', 'never'] as const);
  if (parts.includes(decisive)) return decisive;
  return parts.every((part) => part === otherwise) ? otherwise : undefined;
}

/** Every field that a condition asks about, once each. */
export function fieldsOf(condition: Condition): string[] {
  if ('field' in condition) return [condition.field];
  return [...new Set(('all' in condition ? condition.all : condition.any).flatMap(fieldsOf))];
}

function compare({ op, value = '' }: Comparison, fact: string | undefined): boolean {
  const wanted = typeof value === 'string' ? [value] : value;
  const equal = (): boolean => fact !== undefined && wanted.some((one) => isSame(fact, one));
  const ordered = (holdsFor: (order: number) => boolean): boolean => {
    const order = fact === undefined || wanted.length !== 1 ? undefined : orderOf(fact.trim(), wanted[0], number);
    return order !== undefined && holdsFor(order);
  };
  const text = fact?.toLowerCase();
  switch (op) {
    case 'eq':
    case 'in':
      return equal();
    case 'ne':
    case 'not_in':
      return !equal();
    case 'gt':
      return ordered((order) => order > 0);
    case 'gte':
      return ordered((order) => order >= 0);
    case 'lt':
      return ordered((order) => order < 0);
    case 'lte':
      return ordered((order) => order <= 0);
    case 'prefix':
      return wanted.some((one) => text?.startsWith(one.toLowerCase()));
    case 'contains':
      return wanted.some((one) => text?.includes(one.toLowerCase()));
    case 'absent':
      return fact === undefined;
    case 'present':
      return fact !== undefined;
    default:
      return op satisfies never;
  }
}

/** What can be more or less: whoever asks for that means numbers, so `08` is 8. */
const number = /^-?\d{1,18}(?:\.\d{1,18})?$/;
/** What may be the same in other digits. No leading zeros: `007` is a name. */
const decimal = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/;

function isSame(fact: string, wanted: string): boolean {
  return fact.toLowerCase() === wanted.toLowerCase() || orderOf(fact, wanted, decimal) === 0;
}

/** Negative, 0 or positive; `undefined`: one of them has not the form. */
function orderOf(fact: string, wanted: string | undefined, form: RegExp): number | undefined {
  return wanted !== undefined && form.test(fact) && form.test(wanted) ? new Big(fact).cmp(wanted) : undefined;
}
