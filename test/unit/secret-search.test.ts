import { expect, test } from '@jest/globals';
import { secretsIn, writings } from '../support/secret-search.ts';

const key = 'kR3v9x_Ab-cdEFGHijklMNOPqrstUV01';
const others = ['another-key-that-is-not-there-01', 'pbt_and-a-token-that-is-not-there'];
const around = (text: string) => `Postbacks: [{"log_id":"01J","raw":{"query":"a=b&c=${text}","headers":{"x":"y"}}}]`;

test.each(writings)('the search that ends every integration test finds a key that is planted %s', (_, write) => {
  expect(secretsIn(around(write(key)), [...others, key])).toEqual([key]);
});

test('the search does not find a key of which a part is missing', () => {
  for (const [, write] of writings) expect(secretsIn(around(write(`${key.slice(0, 20)}************`)), [key, ...others])).toEqual([]);
});
