import Big from 'big.js';

export const operators = ['eq', 'ne', 'in', 'not_in', 'gt', 'gte', 'lt', 'lte', 'prefix', 'contains', 'absent', 'present'] as const;
export type Operator = (typeof operators)[number];

/** One comparison of one field. `value` is a list for `in` and `not_in`, and absent for `absent` and `present`. */
interface Comparison {
  readonly field: string;
  readonly op: Operator;
  readonly value?: string | readonly string[] | undefined;
}

/** Conditions of which all must hold, or at least one; they may be nested (contract 2.1). */
export type Condition = { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] } | Comparison;

/**
 * The facts that are known, by the name of the field. All are text, amounts as plain decimals. An absent field and an empty one are the
 * same.
 */
export type Facts = Readonly<Record<string, string | undefined>>;

/**
 * Whether a condition holds. Rules, caps and publishers' postbacks all use this one evaluator (contract 2.1). Pure, and never throws.
 *
 * - Text is compared case-insensitively. `eq`, `ne`, `in` and `not_in` also treat `5` and `5.00` as equal.
 * - `gt`, `gte`, `lt`, `lte` compare decimals exactly, including `08` and decimals with blanks around them; if either side is no decimal
 *   they do not hold.
 * - An absent field equals nothing: `ne` and `not_in` hold, and everything else except `absent` does not.
 * - An empty `all` holds, and an empty `any` does not.
 *
 * @example
 * holds({ all: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }, { field: 'payout', op: 'gte', value: '5' }] }, { country: 'de',
 * payout: '5.00' })
 * // true
 */
export function holds(condition: Condition, facts: Facts): boolean {
  if ('all' in condition) return condition.all.every((part) => holds(part, facts));
  if ('any' in condition) return condition.any.some((part) => holds(part, facts));
  const fact = Object.hasOwn(facts, condition.field) ? facts[condition.field] : undefined;
  return compare(condition, fact === undefined || fact === '' ? undefined : fact);
}

/**
 * What a condition evaluates to whatever the facts are, which an empty `all` or `any` in it can cause. `undefined` when it depends on the
 * facts.
 */
export function certainty(condition: Condition): 'always' | 'never' | undefined {
  if ('field' in condition) return undefined;
  const parts = ('all' in condition ? condition.all : condition.any).map(certainty);
  const [decisive, otherwise] = 'all' in condition ? (['never', 'always'] as const) : (['always', 'never'] as const);
  if (parts.includes(decisive)) return decisive;
  return parts.every((part) => part === otherwise) ? otherwise : undefined;
}

/** Every field that a condition refers to, once each. */
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

/** A value for `gt` and the like. Whoever uses those means numbers, so `08` is 8. */
const number = /^-?\d{1,18}(?:\.\d{1,18})?$/;
/** A value that may be equal to another with different digits. It has no leading zeros: `007` is a name. */
const decimal = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/;

function isSame(fact: string, wanted: string): boolean {
  return fact.toLowerCase() === wanted.toLowerCase() || orderOf(fact, wanted, decimal) === 0;
}

/** Negative, 0 or positive; `undefined` when one of the texts does not have the form. */
function orderOf(fact: string, wanted: string | undefined, form: RegExp): number | undefined {
  return wanted !== undefined && form.test(fact) && form.test(wanted) ? new Big(fact).cmp(wanted) : undefined;
}
