import { describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { md5, story, verdict } from './network.ts';

const base = 'subId=CLK-1&transId=T1&payout=1.50&reward=150';

test.each([
  ['approved', { query: `${base}&status=1` }, { status: 'approved' }],
  ['reversed, the amount absolute', { query: `${base}&status=2` }, { status: 'reversed' }],
  ['the same as a POST', { body: `${base}&status=2`, type: 'application/x-www-form-urlencoded' }, { status: 'reversed' }],
])('subid_family: %s', async (_what, parts, expected) => {
  expect(await story('subid_family', parts)).toMatchObject({
    click: 'CLK-1',
    transaction: 'T1',
    payout: '1.5',
    event: 'complete',
    ...expected,
  });
});

test('subid_family does not use negative amounts', async () => {
  expect(await story('subid_family', { query: base.replace('1.50', '-1.50') })).toBe('invalid_payout');
});

test('subid_family expects OK, and DUP for a repetition', () => {
  expect(builtInNetworks.get('subid_family')?.answer).toMatchObject({ accepted: 'OK', duplicate: 'DUP' });
});

describe('subid_family signs sub id, transaction and reward', () => {
  const signature = md5('CLK-1T1150SECRET');

  test('in a query or in a body', async () => {
    expect(await verdict('subid_family', { query: `${base}&signature=${signature}` })).toBe('valid');
    expect(await verdict('subid_family', { body: `${base}&signature=${signature}` })).toBe('valid');
    expect(await verdict('subid_family', { query: base, body: `signature=${signature}` })).toBe('valid');
  });

  test.each([
    ['another reward', `${base.replace('150', '151')}&signature=${signature}`],
    ['another sub id', `${base.replace('CLK-1', 'CLK-2')}&signature=${signature}`],
    ['no reward', `subId=CLK-1&transId=T1&signature=${signature}`],
    ['another length', `${base}&signature=${signature}f`],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('subid_family', { query })).toMatch(/^signature_invalid/);
  });

  test('no signature is missing', async () => {
    expect(await verdict('subid_family', { query: base })).toMatch(/^signature_missing/);
  });
});
