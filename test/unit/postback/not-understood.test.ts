import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { type Dialect, refused, said } from './requests.ts';

describe('what is not understood is not paid (contract 1.1)', () => {
  test.each([
    'amp;status=rejected',
    'Status=rejected',
    'STATUS=rejected',
    '%20status=rejected',
    'status%20=rejected',
    'status[]=rejected',
    'status[0]=rejected',
    'amp;Conversion_Status[]=rejected',
    ';status=rejected',
    '%26amp%3Bstatus=rejected',
    '%E2%80%8Bstatus=rejected',
    'status%EF%BB%BF=rejected',
  ])('%s is a status, and flagged', async (pair) => {
    expect(await said({ query: `click_id=C&${pair}` })).toMatchObject({ status: 'rejected', flags: ['near_miss_name'] });
  });

  test('a name that nearly fits is custom data if the exact one was sent too', async () => {
    expect(await said({ query: 'click_id=C&status=approved&Status=rejected' })).toMatchObject({
      status: 'approved',
      customData: { Status: 'rejected' },
      flags: [],
    });
  });

  test.each([
    'status=&Status=rejected',
    'status=+&amp;status=rejected',
    'Status=rejected&status=',
    'conversion_status=&Conversion_Status=rejected',
  ])('an exact name without a value is none, and the one that nearly fits counts: %s', async (query) => {
    expect(await said({ query: `click_id=C&${query}` })).toMatchObject({ status: 'rejected', flags: ['near_miss_name'] });
  });

  test('beside another name of the same parameter it must agree', async () => {
    expect(await refused({ query: 'click_id=C&conversion_status=approved&Status=rejected' })).toMatchObject({
      code: 'ambiguous_parameter',
    });
  });

  test.each([
    ['status={status}', 'unreplaced_macro'],
    ['status=[STATUS]', 'unreplaced_macro'],
    ['status={rejected}', 'unknown_status'],
    ['status=[rejected]', 'unknown_status'],
    ['status=%7Bstatus%7D', 'unreplaced_macro'],
    ['event={event}', 'unreplaced_macro'],
    ['status=["rejected"]', 'unknown_status'],
  ])('%s is held: %s', async (pair, heldFor) => {
    expect(await said({ query: `click_id=C&${pair}` })).toMatchObject({ heldFor });
  });

  test('a macro in the path is held, an unknown word there is an event', async () => {
    expect(await said({ query: 'click_id=C' }, { event: '%7Bevent%7D' })).toMatchObject({ heldFor: 'unreplaced_macro' });
    expect(await said({ query: 'click_id=C' }, { event: '%7Bgoal_9%7D' })).toMatchObject({ event: '{goal_9}', eventSent: true });
  });

  test.each(['log', 'complete'] as const)(
    "a bracketed event is no event of a network's that says %s for those it does not name",
    async (unknown) => {
      const preset: Network = { network_id: 'n', title: 'N', names: {}, events: { unknown, names: { '[12]': 'install' } } };
      for (const event of ['{goal_9}', '[goal_9]', '#goal_9#', '%%goal_9%%', '<goal_9>', '%7Bgoal_9%7D']) {
        expect(await said({ query: `click_id=C&event=${encodeURIComponent(event)}` }, { preset })).toMatchObject({ unknownEvent: 'macro' });
      }
      expect(await said({ query: 'click_id=C&event=goal_9' }, { preset })).toMatchObject({ unknownEvent: unknown });
      expect(await said({ query: 'click_id=C&event=[12]' }, { preset })).toMatchObject({ event: 'install', unknownEvent: unknown });
    },
  );

  test('the default of the event does not replace an event whose macro is left', async () => {
    const dialect: Dialect = { parameter_defaults: { event: 'install' } };
    expect(await said({ query: 'click_id=C' }, dialect)).toMatchObject({ event: 'install', heldFor: undefined });
    expect(await said({ query: 'click_id=C&event=' }, dialect)).toMatchObject({ event: 'install', heldFor: undefined });
    expect(await said({ query: 'click_id=C&event={event}' }, dialect)).toMatchObject({ heldFor: 'unreplaced_macro' });
    expect(await said({ query: 'click_id=C' }, { ...dialect, event: '%7Bevent%7D' })).toMatchObject({ heldFor: 'unreplaced_macro' });
    expect(await said({ query: 'click_id=C&goal=install&event={event}' })).toMatchObject({ event: 'install', heldFor: undefined });
  });

  test.each(['A3F2504E-4F89-11D3-9A0C-0305E82C3301', '13F2504E-4F89-11D3-9A0C-0305E82C3301'])(
    'a GUID in braces is a value: %s',
    async (guid) => {
      expect(await said({ query: `click_id=C&transaction_id={${guid}}` })).toMatchObject({ transactionId: `{${guid}}` });
    },
  );

  test('a click id is read without spaces and invisible characters', async () => {
    expect(await said({ query: `click_id=${encodeURIComponent('\u200b CLK-1\ufeff ')}` })).toMatchObject({ clickId: 'CLK-1' });
  });

  test('the default of a parameter switches its aliases off', async () => {
    const dialect: Dialect = { parameter_defaults: { payout: '0.02' } };
    const { payout, customData } = await said({ query: 'click_id=C&amount=3000.000000' }, dialect);
    expect([payout?.toFixed(), customData]).toEqual(['0.02', { amount: '3000.000000' }]);
  });

  test('null in a mapping makes any name custom data', async () => {
    const dialect: Dialect = { parameter_mapping: { currency: null, amount: null } };
    expect(await said({ query: 'click_id=C&currency=Coins&amount=3000&payout=1' }, dialect)).toMatchObject({
      currency: undefined,
      customData: { currency: 'Coins', amount: '3000' },
    });
  });

  test('a mapping may lead into nested JSON', async () => {
    const body = '{"data":{"user":{"click":"CLK-1"},"sum":2.5},"reason":["fraud"],"ip":{"v4":"x"},"event":{"a":1}}';
    const dialect: Dialect = { parameter_mapping: { 'data.user.click': 'click_id', 'data.sum': 'payout' } };
    const postback = await said({ body, type: 'application/json' }, dialect);
    expect(postback).toMatchObject({
      clickId: 'CLK-1',
      reason: undefined,
      ip: undefined,
      customData: { reason: ['fraud'], ip: { v4: 'x' } },
    });
    expect([postback.payout?.toFixed(), postback.event]).toEqual(['2.5', '{"a":1}']);
  });
});

describe('amounts below zero (contract 1.7)', () => {
  test.each<[string, Dialect, string | undefined]>([
    ['payout=-5.00&status=reversed', {}, 'reversed'],
    ['payout=-5.00&status=rejected', {}, 'rejected'],
    ['payout=-5.00', { negative_payout: 'reverses' }, 'reversed'],
    ['payout=-5.00&status=approved', { negative_payout: 'reverses' }, 'reversed'],
  ])('%s takes back', async (query, dialect, status) => {
    const postback = await said({ query: `click_id=C&${query}` }, dialect);
    expect([postback.status, postback.payout?.toFixed()]).toEqual([status, '5']);
  });

  test('elsewhere are refused, even if the network would take them', async () => {
    const preset: Network = { network_id: 'n', title: 'N', names: {}, amount: { negative: 'reverses' } };
    expect(await refused({ query: 'click_id=C&payout=-5.00' })).toMatchObject({ code: 'invalid_payout' });
    expect(await refused({ query: 'click_id=C&payout=-5.00' }, { preset, negative_payout: 'refuse' })).toMatchObject({
      code: 'invalid_payout',
    });
  });
});

describe('bodies (contract 1.1)', () => {
  test.each(['{}', '[]', 'null', '""', ' \n ', '" "'])('%j counts as no body', async (body) => {
    expect(await said({ query: 'click_id=C&payout=1', body, type: 'application/json' })).toMatchObject({ clickId: 'C', flags: [] });
  });

  const form = 'click_id=CLK-1&payout=5.00';
  test.each([
    ['gzip', gzipSync(form)],
    ['deflate', deflateSync(form)],
    ['br', brotliCompressSync(form)],
  ])('%s is inflated', async (encoding, body) => {
    const parts = { body: new Uint8Array(body), type: 'application/x-www-form-urlencoded', headers: { 'content-encoding': encoding } };
    expect(await said(parts)).toMatchObject({ clickId: 'CLK-1' });
  });

  test.each([
    ['gzip', gzipSync('a'.repeat(70_000)), 'payload_too_large'],
    ['gzip', Buffer.from('nothing of the sort'), 'invalid_body'],
    ['zstd', Buffer.from(form), 'unsupported_media_type'],
  ])('%s that is too much or none', async (encoding, body, code) => {
    expect(await refused({ body: new Uint8Array(body), headers: { 'content-encoding': encoding } })).toMatchObject({ code });
  });
});
