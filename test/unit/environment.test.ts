import { expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { commonEnvironment, outboundPolicy, readEnvironment, wholeNumber } from '../../functions/runtime/env.ts';

const variables = z.object({ ...commonEnvironment, OUTBOUND_POLICY: outboundPolicy, RATE_PER_KEY: wholeNumber(1, 100) });

test.each([
  ['SETTINGS_CACHE_SECONDS', 'abc', 'must be a whole number from 0 to 60'],
  ['SETTINGS_CACHE_SECONDS', '61', 'must be a whole number from 0 to 60'],
  ['RATE_PER_KEY', '0', 'must be a whole number from 1 to 100'],
  ['RATE_PER_KEY', '1.5', 'must be a whole number from 1 to 100'],
  ['OUTBOUND_POLICY', 'open', 'must be public or local'],
])('a function that cannot start with %s=%s says which variable is to blame and what it must be', (name, value, cure) => {
  const sound = { STAGE: 'local', SETTINGS_CACHE_SECONDS: '0', OUTBOUND_POLICY: 'local', RATE_PER_KEY: '1' };
  expect(readEnvironment(variables, sound)).toMatchObject({ RATE_PER_KEY: 1 });
  expect(() => readEnvironment(variables, { ...sound, [name]: value })).toThrow(`${name}: ${cure}`);
});
