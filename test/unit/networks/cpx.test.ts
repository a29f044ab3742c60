import { describe, expect, test } from '@jest/globals';
import { md5, story, verdict } from './network.ts';

const base = 'subid_1=CLK-1&trans_id=T1&amount_usd=662.6500';

test.each([
  ['approved', `${base}&status=1&type=complete`, { status: 'approved', payout: '662.65' }],
  ['a screenout with its small pay', `${base}&status=1&type=out`, { status: 'approved' }],
  ['cancelled, weeks later, same id', `${base}&status=2&type=complete`, { status: 'reversed' }],
  ['fraud', `${base}&status=-2`, { status: 'reversed' }],
  ['a status nobody knows', `${base}&status=3`, { status: undefined }],
])('cpx: %s', async (_what, query, expected) => {
  expect(await story('cpx', { query })).toMatchObject({
    click: 'CLK-1',
    transaction: 'T1',
    payout: '662.65',
    event: 'complete',
    ...expected,
  });
});

describe('cpx signs the transaction id', () => {
  const secrets = ['test-secret-not-the-real-one'];
  const hash = '216ae36e8e6ea43f9d819ce16904bd80';

  test.each([`trans_id=abc123&hash=${hash}`, `trans_id=abc123&secure_hash=${hash}`, `hash=${hash}&secure_hash=${hash}&trans_id=abc123`])(
    '%s',
    async (query) => {
      expect(await verdict('cpx', { query }, { secrets })).toBe('valid');
    },
  );

  test.each([
    ['another id', `trans_id=abc124&hash=${hash}`],
    ['no id', `hash=${hash}`],
    ['two ids', `trans_id=abc123&trans_id=abc124&hash=${hash}`],
    ['two hashes that differ', `trans_id=abc123&hash=${hash}&secure_hash=${md5('x')}`],
    ['another length', `trans_id=abc123&hash=${hash.slice(1)}`],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('cpx', { query }, { secrets })).toMatch(/^signature_invalid/);
  });

  test('no hash is missing', async () => {
    expect(await verdict('cpx', { query: 'trans_id=abc123' }, { secrets })).toMatch(/^signature_missing.*hash or secure_hash/);
  });
});
