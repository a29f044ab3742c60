import { describe, expect, test } from '@jest/globals';
import { readingOf, refused, requestOf, said } from './requests.ts';

const parameters = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');

describe('limits (contract 1.7)', () => {
  test.each([
    ['100 parameters', parameters(100)],
    ['a name of 100 characters', `${'n'.repeat(100)}=1`],
    ['a standard value of 2,048 characters', `click_id=${'c'.repeat(2_048)}`],
    ['a standard value of 2,048 emoji', `reason=${encodeURIComponent('😀'.repeat(2_048))}`],
    ['a custom value of 8,192 characters', `a=${'c'.repeat(8_192)}`],
  ])('%s are accepted', async (_what, query) => {
    await said({ query });
  });

  test.each([
    ['101 parameters', parameters(101), 'More than 100 parameters'],
    ['a name of 101 characters', `${'n'.repeat(101)}=1`, `${'n'.repeat(40)}...`],
    ['a standard value of 2,049 characters', `click_id=${'c'.repeat(2_049)}`, 'click_id is longer than 2048'],
    ['the same under an alias', `subid=${'c'.repeat(2_049)}`, 'subid is longer than 2048'],
    ['a standard value of 2,049 emoji', `reason=${encodeURIComponent('😀'.repeat(2_049))}`, 'reason'],
    ['a custom value of 8,193 characters', `a=${'c'.repeat(8_193)}`, 'a is longer than 8192'],
    ['a name that a terminal would obey', `%1b[31m${'n'.repeat(101)}=1`, '?[31m'],
  ])('%s are refused', async (_what, query, message) => {
    expect(await refused({ query })).toEqual({ code: 'parameter_too_long', message: expect.stringContaining(message) });
  });

  test('a nested value counts with its JSON', async () => {
    await said({ body: JSON.stringify({ a: ['c'.repeat(8_188)] }) });
    expect(await refused({ body: JSON.stringify({ a: ['c'.repeat(8_189)] }) })).toMatchObject({ code: 'parameter_too_long' });
  });

  test('query and body count together', async () => {
    expect(await refused({ query: parameters(60), body: parameters(41) })).toMatchObject({ code: 'parameter_too_long' });
  });

  test('an event in the path has the limit of a standard value', async () => {
    expect(await refused({}, { event: 'e'.repeat(2_049) })).toMatchObject({ code: 'parameter_too_long' });
    expect(await refused({}, { event: '%ff' })).toMatchObject({ code: 'invalid_encoding' });
  });

  test('a refused request still shows its content, up to a limit', async () => {
    const reading = await readingOf(requestOf({ query: parameters(5_000) }));
    expect(reading).toMatchObject({ read: false, parameters: { p0: '1', p99: '1' } });
    expect(Object.keys(reading.read ? {} : reading.parameters)).toHaveLength(100);
  });
});
