import { describe, expect, test } from '@jest/globals';
import { hmacSha1, story, verdict } from './network.ts';

const base = 'user_id=CLK-1&tx_id=T1&currency=1.20';

test.each([
  ['a complete', base, { status: 'approved' }],
  ['a screenout with its small pay', `${base}&screenout=1`, { status: 'approved' }],
  ['a reversal', `${base}&reversal=true`, { status: 'reversed' }],
  ['a reversal with a negative amount', `${base.replace('1.20', '-1.20')}&reversal=true`, { status: 'reversed' }],
  ['no reversal', `${base}&reversal=false`, { status: 'approved' }],
  ['a test', `${base}&debug=true`, { status: 'test' }],
  ['a reversal that is a test', `${base}&debug=true&reversal=true`, { status: 'test' }],
])('theoremreach: %s', async (_what, query, expected) => {
  expect(await story('theoremreach', { query })).toMatchObject({
    click: 'CLK-1',
    transaction: 'T1',
    payout: '1.2',
    event: 'complete',
    ...expected,
  });
});

describe('theoremreach signs the URL unchanged', () => {
  const hash = hmacSha1('SECRET', `https://postback.example/postback/KEY?${base}`, 'base64url');

  test('the recipe', async () => {
    expect(hash).not.toMatch(/[+/=]/);
    expect(await verdict('theoremreach', { query: `${base}&hash=${hash}` })).toBe('valid');
  });

  test.each([
    ['a value changed', `${base.replace('1.20', '9.20')}&hash=${hash}`],
    ['a reversal unsaid', `${base}&reversal=false&hash=${hash}`],
    ['a parameter behind', `${base}&hash=${hash}&currency=9`],
    ['with padding', `${base}&hash=${hash}=`],
    ['in hex', `${base}&hash=${hmacSha1('SECRET', `https://postback.example/postback/KEY?${base}`, 'hex')}`],
    [
      'in plain base64',
      `${base}&hash=${encodeURIComponent(hmacSha1('SECRET', `https://postback.example/postback/KEY?${base}`, 'base64'))}`,
    ],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('theoremreach', { query })).toMatch(/^signature_invalid/);
  });

  test('a missing signature and an unsigned body do not count as signed', async () => {
    expect(await verdict('theoremreach', { query: base })).toMatch(/^signature_missing/);
    expect(await verdict('theoremreach', { query: `${base}&hash=${hash}`, body: 'currency=9' })).toBe('unsigned: payout');
  });
});
