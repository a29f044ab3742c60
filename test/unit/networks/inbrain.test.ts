import { describe, expect, test } from '@jest/globals';
import { md5, story, verdict } from './network.ts';

const reward = { PanelistId: 'CLK-1', RewardId: 'R1', RevenueAmount: 1.25, Sig: md5('CLK-1R1SECRET') };
const type = 'application/json';

test.each([
  ['a reward', reward, { status: 'approved' }],
  ['a test', { ...reward, IsTest: true }, { status: 'test' }],
  ['no test', { ...reward, IsTest: false }, { status: 'approved' }],
])('inbrain: %s', async (_what, body, expected) => {
  expect(await story('inbrain', { body: JSON.stringify(body), type })).toMatchObject({
    click: 'CLK-1',
    transaction: 'R1',
    payout: '1.25',
    event: 'complete',
    ...expected,
  });
});

describe('inbrain signs panelist and reward', () => {
  test('the recipe', async () => {
    expect(await verdict('inbrain', { body: JSON.stringify(reward), type })).toBe('valid');
    expect(
      await verdict('inbrain', {
        body: `{"PanelistId":"CLK-1","RewardId":12345678901234567890,"Sig":"${md5('CLK-112345678901234567890SECRET')}"}`,
        type,
      }),
    ).toBe('valid');
  });

  test.each([
    ['another panelist', { ...reward, PanelistId: 'CLK-2' }],
    ['no reward', { ...reward, RewardId: undefined }],
    ['a nested reward', { ...reward, RewardId: ['R1'] }],
    ['another length', { ...reward, Sig: `${reward.Sig}0` }],
    ['another secret', { ...reward, Sig: md5('CLK-1R1OTHER') }],
  ])('%s is refused', async (_what, body) => {
    expect(await verdict('inbrain', { body: JSON.stringify(body), type })).toMatch(/^signature_invalid/);
  });

  test('a second panelist in the query is refused, because it must be clear which one is read', async () => {
    expect(await verdict('inbrain', { query: 'PanelistId=CLK-2', body: JSON.stringify(reward), type })).toMatch(/^signature_invalid/);
  });

  test('no signature is missing', async () => {
    expect(await verdict('inbrain', { body: JSON.stringify({ ...reward, Sig: undefined }), type })).toMatch(/^signature_missing/);
  });
});
