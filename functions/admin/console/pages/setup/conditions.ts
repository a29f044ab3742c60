import type { Condition, Operator } from '../../../../domain/conditions.ts';
import { readList } from '../../parts/field-text.ts';

type Row = Readonly<Record<string, string>>;

const words: Readonly<Record<Operator, string>> = {
  eq: '=',
  ne: '≠',
  in: 'is one of',
  not_in: 'is none of',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  prefix: 'begins with',
  contains: 'contains',
  absent: 'is absent',
  present: 'is present',
};

export const operatorOptions = Object.entries(words).map(([value, text]) => ({ value, text }));

/** A condition in one line: `country is one of DE, AT and payout > 5`. */
export function conditionText(condition: Condition): string {
  if ('field' in condition) {
    const { field, op, value = [] } = condition;
    return [field, words[op], ...(value.length === 0 ? [] : [[value].flat().join(', ')])].join(' ');
  }
  const [parts, word, none] = 'all' in condition ? [condition.all, ' and ', 'always'] : [condition.any, ' or ', 'never'];
  const texts = parts.map((part) => {
    const text = conditionText(part);
    return parts.length > 1 && !('field' in part) && / (?:and|or) /.test(text) ? `(${text})` : text;
  });
  return texts.join(word) || none;
}

/** A condition as a form shows it: rows that must all hold or of which one must hold, or JSON when rows cannot express it. */
export interface ConditionTexts {
  readonly match: 'all' | 'any' | 'json';
  readonly rows: readonly Row[];
  readonly json: string;
}

export function conditionTexts(condition: Condition): ConditionTexts {
  const [match, parts] =
    'any' in condition ? (['any', condition.any] as const) : (['all', 'all' in condition ? condition.all : [condition]] as const);
  const rows = parts.flatMap((part): Row[] => {
    if (!('field' in part)) return [];
    const row = { field: part.field, op: part.op, value: [part.value ?? ''].flat().join(', ') };
    // A value that contains a comma would be read as two values.
    return JSON.stringify(comparisonOf(row).value) === JSON.stringify(part.value) ? [row] : [];
  });
  const json = JSON.stringify(condition, undefined, 2);
  return rows.length === parts.length ? { match, rows, json } : { match: 'json', rows: [], json };
}

/** A row in the form that the API expects. */
export function comparisonOf({ field, op, value = '' }: Row): {
  readonly value?: string | readonly string[];
  readonly [name: string]: unknown;
} {
  if (op === 'absent' || op === 'present') return { field, op };
  const list = op === 'in' || op === 'not_in';
  return { field, op, value: list ? readList(value) : value };
}
