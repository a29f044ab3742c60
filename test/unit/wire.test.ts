import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromWire, toWire } from '../../functions/adapters/dynamo/wire.ts';

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.constantFrom('5.00', '-0.000001', '12345678901234567890123456789').map((text) => NumberValue.from(text)),
    fc.uniqueArray(fc.string(), { minLength: 1 }).map((all) => new Set(all)),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), fc.oneof(tie('value'), fc.constant(undefined))),
  ),
}));
const rows = fc.dictionary(fc.string(), values.value);
const bySdk = (row: object) => marshall(row, { removeUndefinedValues: true });

describe('rows', () => {
  test('are written as the document client of the SDK writes them', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const expected = bySdk(row);
        expect(toWire({ TableName: 'T', Item: row })).toEqual({ TableName: 'T', Item: expected });
        expect(toWire({ TransactItems: [{ Put: { TableName: 'T', Item: row } }] })).toEqual({
          TransactItems: [{ Put: { TableName: 'T', Item: expected } }],
        });
        expect(toWire({ RequestItems: { Item: { Keys: [row] } } })).toEqual({ RequestItems: { Item: { Keys: [expected] } } });
      }),
    );
  });

  test('are read as the document client of the SDK reads them', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const stored = bySdk(row);
        const expected = unmarshall(stored, { wrapNumbers: true });
        expect(fromWire({ Items: [stored], Count: 1, LastEvaluatedKey: stored })).toEqual({
          Items: [expected],
          Count: 1,
          LastEvaluatedKey: expected,
        });
        expect(fromWire({ Responses: { Table: [stored] }, UnprocessedKeys: { Table: { Keys: [stored] } } })).toEqual({
          Responses: { Table: [expected] },
          UnprocessedKeys: { Table: { Keys: [expected] } },
        });
      }),
    );
  });

  test('keep bytes', () => {
    const bytes = new Uint8Array([0, 255, 7]);
    expect(fromWire(toWire({ Item: { bytes } }))).toEqual({ Item: { bytes } });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, new Date(), new Set(), () => 1, 1n])(
    'refuse what has no attribute value: %p',
    (value) => {
      expect(() => toWire({ Item: { value } })).toThrow(TypeError);
    },
  );
});
