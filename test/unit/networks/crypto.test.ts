import { describe, expect, test } from '@jest/globals';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';

describe('comparing signatures', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', 'abc', false],
    ['é', 'e\u0301', false],
  ])('%j and %j', (a, b, same) => {
    expect(nodeCrypto.equal(a, b)).toBe(same);
  });
});
