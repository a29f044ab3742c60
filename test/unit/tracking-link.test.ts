import { describe, expect, test } from '@jest/globals';
import { isListed } from '../../functions/adapters/addresses.ts';
import { readTrackingLink } from '../../functions/tracker/tracking-link.ts';
import { eventOf } from '../fuzz/shots.ts';

const cdn = ['203.0.113.0/24'];

function read(query: Record<string, string>, headers: Record<string, string>, proxies: readonly string[]) {
  const sent = { publisher_id: 'PUB-1', user_id: 'u', ...query };
  const event = eventOf(
    { method: 'GET', path: '/track/OFFER-1', query: String(new URLSearchParams(sent)), headers, body: new Uint8Array() },
    'host',
  );
  return readTrackingLink({ ...event, pathParameters: { offer_id: 'OFFER-1' } }, (address) => isListed(address, proxies));
}

describe("the country of a tracking link's click", () => {
  const found = { 'cloudfront-viewer-country': 'DE' };
  test.each([
    ['is what our CDN has found', {}, found, cdn, 'DE'],
    ['is what our CDN has found, whatever the link says', { country: 'FR' }, found, cdn, 'DE'],
    ['is the one in the link where our CDN has found none', { country: 'FR' }, {}, cdn, 'FR'],
    ['is the one in the link where our CDN names no country', { country: 'FR' }, { 'cloudfront-viewer-country': '' }, cdn, 'FR'],
    ['is never the one in a header that somebody else sends', {}, found, [], undefined],
    ['is the one in the link beside a header that somebody else sends', { country: 'FR' }, found, [], 'FR'],
  ])('%s', (_what, query: Record<string, string>, headers, proxies, country) => {
    expect(read(query, headers, proxies)).toMatchObject({ country });
  });
});

describe("the IP address of a tracking link's click", () => {
  test.each([
    ["is the user's, as our CDN says", { 'x-forwarded-for': '198.51.100.9, 192.0.2.1' }, cdn, '192.0.2.1'],
    ['is that of the connection where nobody is trusted', { 'x-forwarded-for': '192.0.2.1' }, [], '203.0.113.7'],
  ])('%s', (_what, headers, proxies, ip) => {
    expect(read({}, headers, proxies)).toMatchObject({ ip });
  });
});

test('an empty sub id counts as absent, so that the other name of the same sub id is read', () => {
  expect(read({ sub1: '', sub_id1: 'x', sub2: 'y', sub_id2: 'z' }, {}, [])).toMatchObject({ subIds: { sub_id1: 'x', sub_id2: 'y' } });
});
