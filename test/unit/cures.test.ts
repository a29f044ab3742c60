import { expect, test } from '@jest/globals';
import { cureOf } from '../../functions/domain/code-cures.ts';
import { errorCodes, heldCodes } from '../../functions/domain/codes.ts';

test.each([...Object.keys(errorCodes), ...Object.keys(heldCodes)])('the code %s has a text that says what to do about it', (code) => {
  expect(cureOf(code)).toMatch(/^[A-Z].*\.$/);
});

test('without a code there is nothing to do', () => {
  expect(cureOf(undefined)).toBeNull();
});
