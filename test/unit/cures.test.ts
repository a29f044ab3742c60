import { expect, test } from '@jest/globals';
import { cureOf } from '../../functions/domain/code-cures.ts';
import { errorCodes, heldCodes } from '../../functions/domain/codes.ts';

test.each([...Object.keys(errorCodes), ...Object.keys(heldCodes)])('somebody who sees the code %s is told what to do about it', (code) => {
  expect(cureOf(code)).toMatch(/^[A-Z].*\.$/);
});

test('where there is no code there is nothing to do', () => {
  expect(cureOf(undefined)).toBeNull();
});
