import { describe, expect, test } from '@jest/globals';
import { hmacSha256, now, story, verdict } from './network.ts';

const query = 'click_id=CLK-1&payout=5.00&transaction_id=T1';
const body = '{"click_id":"CLK-1", "payout":5.00}';
const seconds = String(now / 1000);
const signed = (content: string, time = seconds, secret = 'SECRET') => ({
  headers: { 'x-timestamp': time, 'x-signature': hmacSha256(secret, `${time}.${content}`) },
});
const get = signed(`/postback/KEY?${query}`);

test('generic_hmac uses the words of the contract, including aliases', async () => {
  expect(await story('generic_hmac', { query: 'subid=CLK-1&amount=5.00&tx_id=T1&status=chargeback' })).toEqual({
    click: 'CLK-1',
    transaction: 'T1',
    payout: '5',
    status: 'reversed',
    event: 'complete',
  });
});

const preset = 'generic_hmac';
describe('generic_hmac signs time and content', () => {
  test.each([
    ['the path and query of a GET', { query, ...get }],
    ['the path of a GET without a query', signed('/postback/KEY')],
    ['the raw body of a POST', { body, ...signed(body) }],
    ['an empty body of a POST', { body: '', ...signed('') }],
    ['a time in milliseconds', { query, ...signed(`/postback/KEY?${query}`, String(now)) }],
    ['upper case', { query, headers: { ...get.headers, 'x-signature': get.headers['x-signature'].toUpperCase() } }],
    ['a prefix', { query, headers: { ...get.headers, 'x-signature': `sha256=${get.headers['x-signature']}` } }],
    ['a time 5 minutes ago', { query, ...signed(`/postback/KEY?${query}`, String(now / 1000 - 300)) }],
    ['a time 5 minutes ahead', { query, ...signed(`/postback/KEY?${query}`, String(now / 1000 + 300)) }],
  ])('%s', async (_what, parts) => {
    expect(await verdict(preset, parts)).toBe('valid');
  });

  test.each([
    ['another value', { query: query.replace('5.00', '6.00'), ...get }],
    ['another order', { query: query.split('&').reverse().join('&'), ...get }],
    ['another encoding', { query: query.replace('CLK', '%43LK'), ...get }],
    ['a parameter behind', { query: `${query}&event=goal`, ...get }],
    ['another path', { query, path: '/postback/KEY/goal', ...get }],
    ['a body that was sent along', { query, body: 'payout=6', ...get }],
    ['a body re-serialised', { body: JSON.stringify(JSON.parse(body)), ...signed(body) }],
    ['a GET signed like a POST', { query, ...signed('') }],
    ['another time', { query, headers: { ...get.headers, 'x-timestamp': String(now / 1000 + 1) } }],
    ['no time', { query, headers: { 'x-signature': get.headers['x-signature'] } }],
    ['a time that is none', { query, ...signed(`/postback/KEY?${query}`, 'now') }],
    ['a negative time', { query, ...signed(`/postback/KEY?${query}`, '-1') }],
    ['another length', { query, headers: { ...get.headers, 'x-signature': get.headers['x-signature'].slice(1) } }],
    ['another secret', { query, ...signed(`/postback/KEY?${query}`, seconds, 'OTHER') }],
  ])('%s is refused', async (_what, parts) => {
    expect(await verdict(preset, parts)).toMatch(/^signature_invalid/);
  });

  test.each([
    ['older than 5 minutes', -301],
    ['more than 5 minutes ahead', 301],
    ['a day old', -86_400],
  ])('a time %s is refused, and the message says so', async (_what, offset) => {
    expect(await verdict(preset, { query, ...signed(`/postback/KEY?${query}`, String(now / 1000 + offset)) })).toBe(
      'signature_invalid: The signature cannot be accepted: x-timestamp is more than 300 seconds from our time',
    );
  });

  test('a query beside a signed body may not decide anything', async () => {
    expect(await verdict(preset, { query: 'event=goal', body, ...signed(body) })).toBe('unsigned: event');
    expect(await verdict(preset, { query: 'zz=1', body, ...signed(body) })).toBe('valid');
  });

  test('a signed address cannot be sent once more as a body', async () => {
    const target = `/postback/KEY?${query}`;
    expect(await verdict(preset, { body: target, ...signed(target) })).toMatch(/^signature_invalid.*its body is a URL/);
  });

  test('a partner whose secret has no defined use is not believed', async () => {
    expect(await verdict(undefined, { query, ...get })).toMatch(/^signature_invalid/);
  });

  test('no signature is missing', async () => {
    expect(await verdict(preset, { query, headers: { 'x-timestamp': seconds } })).toMatch(/^signature_missing/);
  });
});

test('a public base URL with a path is the one that the partner called and signed', async () => {
  expect(
    await verdict(
      'generic_hmac',
      { query, ...signed(`/hooks/postback/KEY?${query}`) },
      { publicBaseUrl: 'https://partner.example/hooks/' },
    ),
  ).toBe('valid');
});

describe('secrets', () => {
  test.each([
    ['the newer', ['SECRET', 'OLD'], 'valid'],
    ['the older', ['NEW', 'SECRET'], 'valid'],
    ['neither', ['NEW', 'OLD'], 'signature_invalid: The signature does not match'],
    ['none configured: the key in the address is all there is', [], 'unchecked'],
  ])('%s', async (_what, secrets, expected) => {
    expect(await verdict('generic_hmac', { query, ...get }, { secrets })).toBe(expected);
  });

  test('an empty secret is one that everybody knows', async () => {
    expect(await verdict('generic_hmac', { query, ...signed(`/postback/KEY?${query}`, seconds, '') }, { secrets: [''] })).toMatch(
      /^signature_invalid/,
    );
  });
});
