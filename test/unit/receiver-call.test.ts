import { describe, expect, test } from '@jest/globals';
import { isListed } from '../../functions/adapters/addresses.ts';
import { isPing } from '../../functions/domain/postback/ping.ts';
import { rawRequest } from '../../functions/domain/receiving/raw-request.ts';
import { readCall } from '../../functions/receiver/call.ts';
import { eventOf } from '../fuzz/shots.ts';

const read = (path: string, headers: Record<string, string> = {}, proxies: readonly string[] = []) =>
  readCall(eventOf({ method: 'GET', path, query: '', headers, body: new Uint8Array() }, 'host'), (address) => isListed(address, proxies));

describe('a path for postbacks (contract section 1)', () => {
  test.each([
    ['/postback/KEY', undefined],
    ['/postback/KEY/', undefined],
    ['//postback//KEY//', undefined],
    ['/postback/KEY/deposit', 'deposit'],
    ['//postback/KEY//deposit/', 'deposit'],
    ['/postback/%4BEY/level%205', 'level%205'],
  ])('%s', (path, eventSegment) => {
    expect(read(path)).toMatchObject({ key: 'KEY', olderAddress: false });
    expect(read(path)?.request.eventSegment).toBe(eventSegment);
  });

  test.each(['/postback', '/postback/', '/postback/KEY/a/b', '/other/KEY'])('%s is not one', (path) => {
    expect(read(path)).toBeUndefined();
  });
});

describe('the IP address of the caller (contract 1.8)', () => {
  const proxies = ['203.0.113.0/24', '198.51.100.7'];
  test.each([
    ['what a stranger says of others is hearsay', {}, [], '203.0.113.7'],
    ['a proxy that is trusted says who called it', { 'x-forwarded-for': '192.0.2.1' }, proxies, '192.0.2.1'],
    ['through two of them', { 'x-forwarded-for': '192.0.2.1, 198.51.100.7' }, proxies, '192.0.2.1'],
    ['what the caller says itself is hearsay', { 'x-forwarded-for': '10.0.0.1, 192.0.2.1' }, proxies, '192.0.2.1'],
    ['a header from nobody trusted', { 'x-forwarded-for': '192.0.2.1' }, [], '203.0.113.7'],
    ['no header', {}, proxies, '203.0.113.7'],
  ])('%s', (_what, headers: Record<string, string>, trusted, address) => {
    expect(read('/postback/KEY', headers, trusted)?.request.sourceAddress).toBe(address);
  });
});

test('a key with nothing else is a ping', () => {
  const request = read('/postback/KEY')?.request;
  if (request === undefined) throw new Error('not read');
  expect([
    isPing(request, false),
    isPing({ ...request, rawQuery: 'a=1' }, false),
    isPing({ ...request, rawQuery: 'key=K' }, true),
    isPing({ ...request, eventSegment: 'x' }, false),
  ]).toEqual([true, false, true, false]);
  const bodies = ['{}', ' [ ]\n', 'null', '""', '  ', '{"a":1}', 'a=1'];
  expect(bodies.map((body) => isPing({ ...request, method: 'POST', body: Buffer.from(body) }, false))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('hiding the key does not change the bytes that a signature covers', () => {
  const key = 'K'.repeat(32);
  const body = Buffer.from(`click_id=C&note=${key}`);
  const request = {
    method: 'POST' as const,
    origin: '',
    path: `/postback/${key}`,
    rawQuery: '',
    headers: {},
    body,
    sourceAddress: '',
    key,
  };
  const kept = rawRequest(request, (bytes) => Buffer.from(bytes).toString('utf8'));
  expect([kept.body?.includes(key), body.toString('utf8')]).toEqual([false, `click_id=C&note=${key}`]);
});
