import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Condition, certainty, fieldsOf, holds, type Operator, operators } from '../../functions/domain/conditions.ts';

const facts = { country: 'DE', payout: '5.00', user: '007', empty: '', debt: '-3.5', level: ' 08 ' };

describe('one comparison', () => {
  test.each<[string, Operator, string | readonly string[] | undefined, boolean]>([
    ['country', 'eq', 'de', true],
    ['country', 'eq', 'AT', false],
    ['payout', 'eq', '5', true],
    ['user', 'eq', '7', false],
    ['nothing', 'eq', '', false],
    ['country', 'ne', 'AT', true],
    ['country', 'ne', 'DE', false],
    ['nothing', 'ne', 'DE', true],
    ['country', 'in', ['AT', 'DE'], true],
    ['country', 'in', [], false],
    ['country', 'not_in', ['AT', 'CH'], true],
    ['country', 'not_in', ['DE'], false],
    ['payout', 'gt', '4.99', true],
    ['payout', 'gt', '5', false],
    ['payout', 'gte', '5', true],
    ['payout', 'lt', '10', true],
    ['payout', 'lte', '4', false],
    ['debt', 'lt', '0', true],
    ['level', 'lt', '9', true],
    ['level', 'gte', '008', true],
    ['country', 'gt', '1', false],
    ['payout', 'gt', 'much', false],
    ['nothing', 'lt', '1', false],
    ['payout', 'gte', ['1', '2'], false],
    ['country', 'prefix', 'd', true],
    ['country', 'contains', 'E', true],
    ['nothing', 'contains', '', false],
    ['nothing', 'absent', undefined, true],
    ['empty', 'absent', undefined, true],
    ['country', 'absent', undefined, false],
    ['country', 'present', undefined, true],
    ['empty', 'present', undefined, false],
    ['constructor', 'present', undefined, false],
  ])('%s %s %j: %s', (field, op, value, expected) => {
    expect(holds({ field, op, value }, facts)).toBe(expected);
  });

  test('is exact for amounts that binary numbers could not distinguish', () => {
    expect(holds({ field: 'x', op: 'gt', value: '90071992547409.930000000000000001' }, { x: '90071992547409.930000000000000002' })).toBe(
      true,
    );
  });
});

describe('together', () => {
  const yes: Condition = { field: 'country', op: 'eq', value: 'DE' };
  const no: Condition = { field: 'country', op: 'eq', value: 'AT' };

  test.each<[string, Condition, boolean]>([
    ['all of them', { all: [yes, yes] }, true],
    ['all but one', { all: [yes, no] }, false],
    ['any of them', { any: [no, yes] }, true],
    ['none of them', { any: [no, no] }, false],
    ['all of nothing', { all: [] }, true],
    ['any of nothing', { any: [] }, false],
    ['nested', { all: [{ any: [no, { all: [yes] }] }, yes] }, true],
  ])('%s', (_what, condition, expected) => {
    expect(holds(condition, facts)).toBe(expected);
  });

  test('name the fields that they use', () => {
    expect(fieldsOf({ all: [yes, { any: [no, { field: 'payout', op: 'gt', value: '1' }] }] })).toEqual(['country', 'payout']);
  });
});

test('ne is the opposite of eq, and not_in of in, whatever the values', () => {
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), fc.string(), (fact, value) => {
      const ask = (op: Operator) => holds({ field: 'f', op, value }, { f: fact });
      expect(ask('ne')).toBe(!ask('eq'));
      expect(ask('not_in')).toBe(!ask('in'));
      expect(ask('present')).toBe(!ask('absent'));
    }),
  );
});

test('no condition throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...operators),
      fc.option(fc.oneof(fc.string(), fc.array(fc.string())), { nil: undefined }),
      fc.string(),
      (op, value, fact) => {
        expect(typeof holds({ field: 'f', op, value }, { f: fact })).toBe('boolean');
      },
    ),
  );
});

test('a condition counts as certain only if the result is the same whatever the unknown values are', () => {
  const fact = fc.constantFrom(undefined, '1', '2');
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small' },
      fc.record({ field: fc.constantFrom('a', 'b'), op: fc.constantFrom('eq', 'ne'), value: fc.constantFrom('1', '2') }),
      fc.array(tie('condition'), { maxLength: 2 }).map((all) => ({ all })),
      fc.array(tie('condition'), { maxLength: 2 }).map((any) => ({ any })),
    ),
  }));
  const sure = new Set<string>();
  fc.assert(
    fc.property(condition, fact, fact, (asked, a, b) => {
      const known = certainty(asked);
      if (known === undefined) return;
      sure.add(known);
      expect(holds(asked, { a, b })).toBe(known === 'always');
    }),
    { seed: 20_261_127 },
  );
  expect([...sure].toSorted()).toEqual(['always', 'never']);
});
