import { describe, expect, test } from '@jest/globals';
import { md5, story, verdict } from './network.ts';

test('tapjoy: a conversion; `currency` is the amount, not a currency', async () => {
  expect(await story('tapjoy', { query: 'snuid=CLK-1&id=id1&currency=50' })).toMatchObject({
    click: 'CLK-1',
    transaction: 'id1',
    status: 'approved',
    payout: '50',
  });
});

describe('tapjoy signs id, snuid and currency', () => {
  const verifier = 'ebe58e59f4c64bf561485623317f8f6c';

  test.each([
    'id=id1&snuid=42&currency=50',
    'currency=50&x=1&snuid=42&id=id1',
    'id=id%31&snuid=42&currency=50',
    'id=id1&id=id1&snuid=42&currency=50',
  ])('%s', async (query) => {
    expect(await verdict('tapjoy', { query: `${query}&verifier=${verifier}` })).toBe('valid');
  });

  test.each([
    ['another amount', 'id=id1&snuid=42&currency=500'],
    ['another user', 'id=id1&snuid=43&currency=50'],
    ['a value missing', 'id=id1&snuid=42'],
    ['a second user', 'id=id1&snuid=42&currency=50&snuid=43'],
    ['values shifted', 'id=id1:42&snuid=50&currency='],
    ['a broken value', 'id=id1%ff&snuid=42&currency=50'],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('tapjoy', { query: `${query}&verifier=${verifier}` })).toMatch(/^signature_invalid/);
  });

  test('a body cannot override what is signed', async () => {
    const query = `id=id1&snuid=42&currency=50&verifier=${verifier}`;
    expect(await verdict('tapjoy', { query, body: '{"snuid":"43"}' })).toMatch(/^signature_invalid.*snuid/);
    expect(await verdict('tapjoy', { query, body: '{"snuid":{"a":1}}' })).toMatch(/^signature_invalid/);
    expect(await verdict('tapjoy', { query, body: `verifier=${md5('x')}` })).toMatch(/^signature_invalid.*more than once/);
  });

  test.each([verifier.slice(1), `${verifier}a`, md5('id1:42:50:OTHER')])('verifier %s is refused', async (wrong) => {
    expect(await verdict('tapjoy', { query: `id=id1&snuid=42&currency=50&verifier=${wrong}` })).toMatch(/^signature_invalid/);
  });

  test('no verifier is missing', async () => {
    expect(await verdict('tapjoy', { query: 'id=id1&snuid=42&currency=50' })).toMatch(/^signature_missing.*verifier/);
  });
});
