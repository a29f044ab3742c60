import { describe, expect, test } from '@jest/globals';
import { condition } from '../../../functions/admin/schemas/condition.ts';

describe('a condition that an admin sends', () => {
  test.each([
    ['a boolean', true, 'true'],
    ['a number', 5, '5'],
    ['a list of them', ['DE', 1, false], ['DE', '1', 'false']],
  ])('takes %s for its text', (_what, value, text) => {
    const op = Array.isArray(value) ? 'in' : 'eq';
    expect(condition.parse({ all: [{ field: 'country_mismatch', op, value }] })).toEqual({
      all: [{ field: 'country_mismatch', op, value: text }],
    });
  });

  test.each([
    ['an operator that does not exist', { field: 'payout', op: 'above', value: '1' }],
    ['no field', { op: 'eq', value: '1' }],
    ['an object as value', { field: 'payout', op: 'eq', value: {} }],
    ['a text', 'payout > 1'],
  ])('with %s is refused with what it must be', (_what, sent) => {
    const [issue] = condition.safeParse(sent).error?.issues ?? [];
    expect(issue?.message).toMatch(/^must be \{field, op, value\}, .+ one of eq, ne, in/);
  });
});
