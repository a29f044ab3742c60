import { expect, test } from '@jest/globals';
import { errorCodes, heldCodes } from '../../functions/domain/codes.ts';
import { cureOf } from '../../functions/domain/cures.ts';

test.each([...Object.keys(errorCodes), ...Object.keys(heldCodes)])('somebody who sees the code %s is told what to do about it', (code) => {
  expect(cureOf(code)).toMatch(/^[A-Z].*\.$/);
});

test('where there is no code there is nothing to do', () => {
  expect(cureOf(undefined)).toBeNull();
});
