import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { openPostback, postbackOf, postbacksFor } from '../../../functions/domain/delivery/postbacks.ts';
import type { PlacementId, PublisherId } from '../../../functions/domain/ids.ts';
import type { Placement, Publisher, PublisherPostback } from '../../../functions/domain/settings.ts';

const postback = (postback_id: string, more: Partial<PublisherPostback> = {}): PublisherPostback => {
  return { postback_id, url: `https://pub.example/${postback_id}`, method: 'GET', content_type: 'json', status: 'active', ...more };
};
const publisher = (...postbacks: readonly PublisherPostback[]): Publisher => ({
  publisher_id: 'P' as PublisherId,
  name: 'Publisher',
  postback_url: 'https://pub.example/plain',
  postback_method: 'POST',
  postbacks,
  forward_statuses: [],
  payout_overrides: {},
  secrets: [],
});
const placement: Placement = {
  placement_id: 'W' as PlacementId,
  publisher_id: 'P' as PublisherId,
  name: 'Wall',
  postback_url: 'https://pub.example/wall',
  exchange_rate: new Big(1),
};
const facts = { offer_id: 'O', event: 'deposit', status: 'approved', placement_id: 'W', country: 'DE', payout: '5.00' } as const;
const told = (of: Publisher, where?: Placement) => postbacksFor(of, where, facts).map(({ url }) => url.replace('https://pub.example/', ''));

describe('the postbacks that a change is sent to', () => {
  test.each<[string, Partial<PublisherPostback>, boolean]>([
    ['asks for nothing', {}, true],
    ['asks for the offer', { offer_ids: ['X', 'O'] }, true],
    ['asks for another offer', { offer_ids: ['X'] }, false],
    ['asks for no offer in particular', { offer_ids: [] }, true],
    ['asks for the event', { events: ['deposit'] }, true],
    ['asks for another event', { events: ['complete'] }, false],
    ['asks for the status', { statuses: ['approved'] }, true],
    ['asks for another status', { statuses: ['reversed'] }, false],
    ['asks for the placement', { placement_ids: ['W'] }, true],
    ['asks for another placement', { placement_ids: ['X'] }, false],
    ['has a condition that holds', { when: { field: 'payout', op: 'gte', value: '5' } }, true],
    ['has a condition that does not hold', { when: { field: 'country', op: 'ne', value: 'de' } }, false],
    ['fits in one and not in another', { offer_ids: ['O'], events: ['complete'] }, false],
    ['is inactive', { status: 'inactive' }, false],
  ])('a postback that %s', (_what, asks, isTold) => {
    expect(told(publisher(postback('one', asks)))).toEqual(isTold ? ['one'] : ['plain']);
  });

  test('are all whose conditions match, and the plain one only if none of them does', () => {
    expect(told(publisher(postback('one'), postback('two', { offer_ids: ['X'] }), postback('three')))).toEqual(['one', 'three']);
    expect(told(publisher(postback('two', { offer_ids: ['X'] })))).toEqual(['plain']);
    expect(told(publisher(), placement)).toEqual(['wall']);
  });

  test('are none if there is no URL', () => {
    expect(postbacksFor({ ...publisher(), postback_url: undefined }, undefined, facts)).toEqual([]);
  });
});

test('a delivery uses its postback in the current state, and none that is deleted or inactive', () => {
  const of = publisher(postback('one'), postback('off', { status: 'inactive' }));
  expect(postbackOf(of, undefined, 'one')?.url).toBe('https://pub.example/one');
  expect(postbackOf(of, undefined, 'off')).toBeUndefined();
  expect(postbackOf(of, undefined, 'gone')).toBeUndefined();
  expect(postbackOf(of, placement, undefined)).toMatchObject({ url: 'https://pub.example/wall', method: 'POST' });
});

test('only the secrets of a postback are opened, for its publisher', async () => {
  const sealed = postback('one', {
    headers: [
      { name: 'X-Api-Key', value: 'k', secret: true },
      { name: 'X-Team', value: 'blue', secret: false },
    ],
    basic_auth: { username: 'u', password: 'p' },
    sign: { algorithm: 'md5', encoding: 'hex', message: '{secret}', secret: 's' },
  });
  const opened = await openPostback(sealed, 'P', async (text, owner) => `${owner}:${text}`);
  expect(opened.headers?.map(({ value }) => value)).toEqual(['P:k', 'blue']);
  expect([opened.basic_auth?.password, opened.sign?.secret]).toEqual(['P:p', 'P:s']);
});
