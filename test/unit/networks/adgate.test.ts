import { expect, test } from '@jest/globals';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { said } from '../postback/requests.ts';
import { story, verdict } from './network.ts';

const base = 's1=user-1&s2=CLK-1&conversion_id=C1&payout=2.50';

test.each([
  ['approved', `${base}&state=approved`, { status: 'approved', event: 'complete', payout: '2.5', transaction: 'C1' }],
  ['no state', base, { status: 'approved' }],
  ['pending', `${base}&state=pending`, { status: 'pending' }],
  ['the chargeback', `${base}&state=rejected`, { status: 'rejected', payout: '2.5', transaction: 'C1' }],
  ['a goal', `${base}&state=approved&event_id=173`, { event: '173' }],
  ['no goal', `${base}&event_id=`, { event: 'complete' }],
  ['goal 0', `${base}&event_id=0`, { event: 'complete' }],
  ['a goal macro left in', `${base}&event_id={event_id}`, { event: 'complete' }],
])('adgate: %s', async (_what, query, expected) => {
  expect(await story('adgate', { query })).toMatchObject({ click: 'CLK-1', ...expected });
});

test('adgate: s1 is the user and stays custom data', async () => {
  const preset = builtInNetworks.get('adgate');
  if (preset === undefined) throw new Error('no preset');
  expect(await said({ query: base }, { preset })).toMatchObject({
    clickId: 'CLK-1',
    partnerConversionId: undefined,
    customData: { s1: 'user-1' },
  });
});

test('adgate does not sign', async () => {
  expect(await verdict('adgate', { query: base })).toBe('unchecked');
});
