import { describe, expect, test } from '@jest/globals';
import { sha256, story, verdict } from './network.ts';

const base = 'userID=CLK-1&transactionID=T1&ip=203.0.113.9&revenue=1.50&currencyReward=150';

test.each([
  ['a conversion', `${base}&status=1`, { status: 'approved' }],
  ['a reversal', `${base}&status=0`, { status: 'reversed' }],
])('lootably: %s', async (_what, query, expected) => {
  expect(await story('lootably', { query })).toMatchObject({
    click: 'CLK-1',
    transaction: 'T1',
    payout: '1.5',
    event: 'complete',
    ...expected,
  });
});

describe('lootably signs user, ip, revenue and reward as sent', () => {
  const hash = sha256('CLK-1203.0.113.91.50150SECRET');

  test.each([base, base.split('&').reverse().join('&'), base.replace('.50', '%2e50')])('%s', async (query) => {
    expect(await verdict('lootably', { query: `${query}&hash=${hash}` })).toBe('valid');
  });

  test.each([
    ['another amount', base.replace('1.50', '9.50')],
    ['the same amount written otherwise', base.replace('1.50', '1.5')],
    ['no ip', base.replace('&ip=203.0.113.9', '')],
    ['another user', base.replace('CLK-1', 'CLK-2')],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('lootably', { query: `${query}&hash=${hash}` })).toMatch(/^signature_invalid/);
  });

  test.each([hash.slice(1), sha256('CLK-1203.0.113.91.50150OTHER')])('hash %s is refused', async (wrong) => {
    expect(await verdict('lootably', { query: `${base}&hash=${wrong}` })).toMatch(/^signature_invalid/);
  });

  test('no hash is missing', async () => {
    expect(await verdict('lootably', { query: base })).toMatch(/^signature_missing/);
  });
});
