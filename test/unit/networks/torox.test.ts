import { describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { said } from '../postback/requests.ts';
import { md5, story, verdict } from './network.ts';

const base = 'oid=123&user_id=CLK-1&id=T1&amount=500';

test.each([
  ['a conversion', `${base}&payout=1.50`, { status: 'approved', payout: '1.5' }],
  ['a reversal: same id, negative payout', `${base}&payout=-1.50`, { status: 'reversed', payout: '1.5' }],
])('torox: %s', async (_what, query, expected) => {
  expect(await story('torox', { query })).toMatchObject({ click: 'CLK-1', transaction: 'T1', event: 'complete', ...expected });
});

test('torox: amount is what the user gets, and no payout', async () => {
  const preset = builtInNetworks.get('torox');
  if (preset === undefined) throw new Error('no preset');
  expect(await said({ query: `${base}&payout=1.50` }, { preset })).toMatchObject({
    offerReferences: ['123'],
    userId: undefined,
    customData: { amount: '500' },
  });
});

describe('torox signs offer and user', () => {
  const sig = 'a02a25997b27e94a117c4f48be3fa930';

  test('the vector', async () => {
    expect(await verdict('torox', { query: `oid=123&user_id=JohnSmith&payout=1&sig=${sig}` })).toBe('valid');
  });

  test.each([
    ['another user', `oid=123&user_id=JohnSmit&sig=${sig}`],
    ['a second user', `oid=123&user_id=JohnSmith&user_id=Jane&sig=${sig}`],
    ['no offer', `user_id=JohnSmith&sig=${sig}`],
    ['the separator moved', `oid=123-JohnSmith&user_id=&sig=${sig}`],
    ['another secret', `oid=123&user_id=JohnSmith&sig=${md5('123-JohnSmith-OTHER')}`],
  ])('%s is refused', async (_what, query) => {
    expect(await verdict('torox', { query })).toMatch(/^signature_invalid/);
  });

  test('no sig is missing', async () => {
    expect(await verdict('torox', { query: 'oid=123&user_id=JohnSmith' })).toMatch(/^signature_missing/);
  });
});
