import { describe, expect, test } from '@jest/globals';
import { comparisonOf, conditionText, conditionTexts } from '../../../functions/admin/console/pages/setup/conditions.ts';
import { payText, readPay } from '../../../functions/admin/console/parts/field-text.ts';
import type { Condition } from '../../../functions/domain/conditions.ts';

const country: Condition = { field: 'country', op: 'in', value: ['DE', 'AT'] };
const payout: Condition = { field: 'payout', op: 'gte', value: '5' };
const absent: Condition = { field: 'reason', op: 'absent' };

describe('a condition', () => {
  test.each<[Condition, string]>([
    [country, 'country is one of DE, AT'],
    [{ all: [country, payout] }, 'country is one of DE, AT and payout ≥ 5'],
    [{ any: [absent, { all: [country, payout] }] }, 'reason is absent or (country is one of DE, AT and payout ≥ 5)'],
    [{ all: [{ any: [absent] }, payout] }, 'reason is absent and payout ≥ 5'],
    [{ all: [{ all: [{ any: [absent, payout] }] }, payout] }, '(reason is absent or payout ≥ 5) and payout ≥ 5'],
    [{ all: [] }, 'always'],
    [{ any: [] }, 'never'],
  ])('%j is read in one line', (condition, text) => expect(conditionText(condition)).toBe(text));

  test.each<Condition>([{ all: [country, payout, absent] }, { any: [payout] }, { all: [] }])(
    '%j is rows, and these are it again',
    (condition) => {
      const { match, rows } = conditionTexts(condition);
      expect({ [match]: rows.map(comparisonOf) }).toEqual(condition);
    },
  );

  test('alone is one row', () => {
    expect(conditionTexts(payout)).toMatchObject({ match: 'all', rows: [payout] });
  });

  test.each<Condition>([{ all: [{ any: [country] }, payout] }, { all: [{ field: 'reason', op: 'in', value: ['one, two'] }] }])(
    '%j is JSON: rows cannot say it',
    (condition) => {
      const { match, json } = conditionTexts(condition);
      expect([match, JSON.parse(json)]).toEqual(['json', condition]);
    },
  );
});

test.each([
  ['80%', { percent: '80' }],
  ['2.50', { fixed: '2.50' }],
  ['0% or 2.50', { percent: '0', fixed: '2.50' }],
  ['80% after 72 h', { percent: '80', hold_hours: '72' }],
  ['2.50 after 0.5 h', { fixed: '2.50', hold_hours: '0.5' }],
  ['after 48 h', { hold_hours: '48' }],
])('%s is what is paid and when, and is written so again', (text, pay) => {
  expect(readPay(text)).toEqual(pay);
  expect(payText(pay)).toBe(text);
});
