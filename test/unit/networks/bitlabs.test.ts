import { describe, expect, test } from '@jest/globals';
import { hmacSha1, story, verdict } from './network.ts';

describe('bitlabs', () => {
  test.each([
    ['a complete', 'uid=CLK-1&tx=T1&raw=1.25&val=500&type=COMPLETE', { status: 'approved', payout: '1.25', transaction: 'T1' }],
    ['a screenout with its small pay', 'uid=CLK-1&tx=T1&raw=0.02&type=SCREENOUT', { status: 'approved', payout: '0.02' }],
    ['a start bonus', 'uid=CLK-1&tx=T1&raw=0.01&type=START_BONUS', { status: 'approved' }],
    [
      'a reconciliation with its own tx',
      'uid=CLK-1&tx=T2&ref=T1&raw=-1.25&type=RECONCILIATION',
      { status: 'reversed', payout: '1.25', transaction: 'T2' },
    ],
    [
      'a reconciliation with a positive amount',
      'uid=CLK-1&tx=T2&ref=T1&raw=1.25&type=RECONCILIATION',
      { status: 'reversed', payout: '1.25' },
    ],
    ['an offer taken back without a type', 'uid=CLK-1&tx=T2&raw=-1.25', { status: 'reversed', payout: '1.25' }],
    ['an offer without a type', 'uid=CLK-1&tx=T1&raw=1.25', { status: undefined }],
    ['a type nobody knows', 'uid=CLK-1&tx=T1&raw=1.25&type=SURPRISE', { status: undefined }],
    ['a test', 'uid=CLK-1&tx=T1&raw=1.25&type=COMPLETE&debug=true', { status: 'test' }],
    ['a macro left in', 'uid=[%UID%]&tx=T1&raw=1.25', 'unreplaced_macro'],
  ])('%s', async (_what, query, expected) => {
    const told = await story('bitlabs', { query });
    if (typeof expected === 'string') expect(told).toBe(expected);
    else expect(told).toMatchObject({ click: 'CLK-1', event: 'complete', ...expected });
  });
});

const secret = 'JLOIAUNMHFli7ZJOQVEzm98rzqnm9';
const vector = { origin: 'https://publisher.com', path: '/complete' };
const query = 'uid=8cc877ee-af19-488d-b28d-216fb866b996&val=500';
const hash = 'dbcd6bb8ca677344592842a52b4fca9bec36cd4b';
const check = (rawQuery: string, more: object = {}, checking: object = {}) =>
  verdict('bitlabs', { ...vector, query: rawQuery, ...more }, { secrets: [secret], ...checking });

describe('bitlabs signs the URL unchanged', () => {
  test("the network's own vector", async () => {
    expect(await check(`${query}&hash=${hash}`)).toBe('valid');
  });

  test.each([
    ['a parameter changed', `${query.replace('500', '501')}&hash=${hash}`],
    ['a parameter added in front', `a=1&${query}&hash=${hash}`],
    ['parameters in another order', `val=500&uid=8cc877ee-af19-488d-b28d-216fb866b996&hash=${hash}`],
    ['parameters encoded anew', `${query.replace('500', '%3500')}&hash=${hash}`],
    ['a parameter after the hash', `${query}&hash=${hash}&val=900`],
    ['a parameter repeated after the hash', `${query}&hash=${hash}&uid=CLK-2`],
    ['the hash first', `hash=${hash}&${query}`],
    ['the hash alone', `hash=${hash}`],
    ['the hash twice', `${query}&hash=${hash}&hash=${hash}`],
    ['another hash behind', `${query}&hash=${hash}&x=1&hash=00`],
    ['another hash in front', `hash=00&${query}&hash=${hash}`],
    ['the name of the hash encoded', `${query}&%68ash=${hash}`],
    ['another one under an encoded name', `${query}&hash=${hash}&%68ash=${hash}`],
    ['the hash cut off', `${query}&hash=${hash.slice(0, -1)}`],
    ['the hash with more behind it', `${query}&hash=${hash}0`],
    [
      'the hash of the sorted query',
      `val=500&uid=8cc877ee-af19-488d-b28d-216fb866b996&hash=${hmacSha1(secret, `https://publisher.com/complete?${query}`, 'hex')}`,
    ],
    ['a hash with a trailing ampersand', `${query}&hash=${hash}&`],
  ])('%s is refused', async (_what, rawQuery) => {
    expect(await check(rawQuery)).toMatch(/^signature_invalid/);
  });

  test.each([
    ['no hash', query],
    ['an empty hash', `${query}&hash=`],
    ['nothing at all', ''],
  ])('%s is missing', async (_what, rawQuery) => {
    expect(await check(rawQuery)).toMatch(/^signature_missing/);
  });

  test.each([
    ['another host', { origin: 'https://publisher.org' }],
    ['http', { origin: 'http://publisher.com' }],
    ['another path', { path: '/complete/goal' }],
  ])('%s is another address', async (_what, more) => {
    expect(await check(`${query}&hash=${hash}`, more)).toMatch(/^signature_invalid/);
  });

  test.each(['https://publisher.com', 'https://publisher.com/'])(
    'public_base_url %s is the base that the partner called',
    async (publicBaseUrl) => {
      expect(await check(`${query}&hash=${hash}`, { origin: 'https://abc.execute-api.amazonaws.com' }, { publicBaseUrl })).toBe('valid');
    },
  );

  test('public_base_url may have a path', async () => {
    expect(await check(`${query}&hash=${hash}`, { path: '' }, { publicBaseUrl: 'https://publisher.com/complete' })).toBe('valid');
  });

  test('a body is not covered, so it may not decide anything', async () => {
    const signed = `${query}&hash=${hash}`;
    expect(await check(signed, { body: 'uid=CLK-2' })).toBe('unsigned: click_id');
    expect(await check(signed, { body: 'event=purchase&status=approved' })).toBe('unsigned: event, status');
    expect(await check(signed, { body: '{"custom":1}', type: 'application/json' })).toBe('valid');
    expect(await check(signed, { body: '', method: 'POST' })).toBe('valid');
    expect(await check(query, { body: `hash=${hash}` })).toMatch(/^signature_invalid/);
  });

  test('a URL that cannot be decoded is signed unchanged', async () => {
    const broken = 'uid=%ff%zz&x=%';
    expect(await check(`${broken}&hash=${hmacSha1(secret, `https://publisher.com/complete?${broken}`, 'hex')}`)).toBe('valid');
  });
});
