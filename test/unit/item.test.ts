import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { plain, record, toItem } from '../../functions/adapters/dynamo/item.ts';

/** Writes and reads a value as the store's client does. */
const stored = (value: object) => unmarshall(marshall(toItem(value), { removeUndefinedValues: true }), { wrapNumbers: true });

describe('names from outside', () => {
  const names = fc.oneof(
    fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype), '~constructor', '~', '~~', '__proto__', 'prototype', 'a', ''),
    fc.string({ maxLength: 5 }),
  );

  test('are kept whatever they are, in rows and in the audit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(names, fc.string()), { selector: ([name]) => name }), (entries) => {
        const value = Object.fromEntries(entries);
        const row = stored({ headers: value });
        expect(Object.entries(z.parse(record(z.string()), row['headers'])).sort()).toEqual(entries.sort());
        expect(Object.entries(z.parse(plain, row['headers']) as object).sort()).toEqual(entries.sort());
      }),
    );
  });

  test('change nothing of any other object', () => {
    stored(JSON.parse('{"a":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
