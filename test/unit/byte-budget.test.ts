import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { boundedId, budgets, byteLength, cutToBytes, fits, rowBytes } from '../../functions/domain/byte-budget.ts';
import { anyCodePoints } from '../support/any-code-points.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
/** Characters of one to four bytes, and halves of surrogate pairs. */
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('a', 'ä', '€', '😀', '\ud83d', '\ude00', '\u0000'), anyCodePoints({ maxLength: 1 })),
  maxLength: 400,
});

describe('byte budgets', () => {
  test('a length in bytes is that of UTF-8', () => {
    fc.assert(fc.property(anyText, (text) => expect(byteLength(text)).toBe(Buffer.byteLength(text))));
  });

  test('a text fits by its bytes, not by its characters', () => {
    expect([fits('a'.repeat(256), 256), fits('ä'.repeat(128), 256), fits('ä'.repeat(129), 256)]).toEqual([true, true, false]);
    fc.assert(fc.property(anyText, fc.nat(500), (text, bytes) => expect(fits(text, bytes)).toBe(Buffer.byteLength(text) <= bytes)));
  });

  test('free text is cut to 256 bytes and never within a character', () => {
    expect(cutToBytes('😀'.repeat(100))).toBe('😀'.repeat(64));
    expect(cutToBytes(`a${'😀'.repeat(100)}`)).toBe(`a${'😀'.repeat(63)}`);
    fc.assert(
      fc.property(anyText, fc.nat(500), (text, bytes) => {
        const cut = cutToBytes(text, bytes);
        expect(text.toWellFormed().startsWith(cut)).toBe(true);
        expect(cut.isWellFormed()).toBe(true);
        expect(byteLength(cut)).toBeLessThanOrEqual(bytes);
        // Not one more character would have fitted.
        const [next] = text.toWellFormed().slice(cut.length);
        expect(next === undefined || byteLength(cut + next) > bytes).toBe(true);
      }),
    );
  });

  test('a short id from outside stays as it is, and every id is bounded', () => {
    expect(boundedId('tx-1', digest)).toBe('tx-1');
    expect(boundedId('x'.repeat(128), digest)).toBe('x'.repeat(128));
    expect(boundedId('x'.repeat(129), digest)).toMatch(/^hash~[\w-]{43}$/);
    expect(boundedId('half \ud800', digest)).toMatch(/^hash~[\w-]{43}$/);
    fc.assert(fc.property(anyText, (id) => expect(byteLength(boundedId(id, digest))).toBeLessThanOrEqual(budgets.id)));
  });

  test('two different ids stay different, even if one is made to look like the digest of the other', () => {
    const long = 'x'.repeat(200);
    expect(boundedId(boundedId(long, digest), digest)).not.toBe(boundedId(long, digest));
    expect(boundedId('a\ud800', digest)).not.toBe(boundedId('a\ud801', digest));
    fc.assert(
      fc.property(anyText, anyText, (one, other) => expect(boundedId(one, digest) === boundedId(other, digest)).toBe(one === other)),
    );
  });

  test('the size of a value in a row is counted as the store counts it', () => {
    expect(rowBytes({ a: 'ä', n: 1, d: new Big('1.5'), l: ['x', null], m: { t: true }, gone: undefined })).toBe(
      3 + (1 + 1 + 2) + (1 + 1 + 21) + (1 + 1 + 21) + (1 + 1 + (3 + 2 + 2)) + (1 + 1 + (3 + 1 + 1 + 1)),
    );
  });

  test('a full row with its reserve stays below the limit of the store', () => {
    expect(budgets.fullRow + 100 * (budgets.freeText + budgets.id)).toBeLessThan(budgets.largestRow);
  });
});
