import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gunzip } from '../../functions/adapters/gunzip.ts';
import { hideIn, hideInBody } from '../../functions/domain/receiving/hide-key.ts';
import { formsOf, isKeyShaped, keyShapedIn, latin1 } from '../../functions/domain/redact.ts';
import { anyCodePoints } from '../support/any-code-points.ts';
import { secretsIn, writings } from '../support/secret-search.ts';

const key = 'kR3v9x_Ab-cdEFGHijklMNOPqrstUV01';
const stars = '*'.repeat(32);
const hide = (text: string, secret = key) => hideIn(text, formsOf([text], [secret], gunzip));
const hideBytes = (bytes: Uint8Array) => hideInBody(bytes, formsOf([latin1(bytes)], [key], gunzip));

/** Whether somebody who undoes any of the encodings finds the key. */
const canBeRead = (text: string) => secretsIn(text, [key]).length > 0;

describe('a key is hidden', () => {
  test.each(writings)('where it stands %s', (_, write) => {
    const text = `before=1&token=${write(key)}&after=2`;
    expect(canBeRead(text)).toBe(true);
    const hidden = hide(text);
    expect(canBeRead(hidden)).toBe(false);
    // Nothing beside the key is lost.
    expect(hidden).toHaveLength(text.length);
    expect([hidden.startsWith('before=1&token='), hidden.endsWith('&after=2')]).toEqual([true, true]);
    expect([...keyShapedIn([text], gunzip)]).toContain(key);
  });

  test('and nothing else in a text, a form or JSON', () => {
    expect(hide(`a=${key}&b=x${key}y`)).toBe(`a=${stars}&b=x${stars}y`);
    expect(hide(`a=%6bR3v9x%5FAb-cdEFGHijklMNOPqrstUV01&b=%20`)).toBe(`a=${'*'.repeat(36)}&b=%20`);
    expect(hide(`{"a":"\\u006bR3v9x_Ab-cdEFGHijklMNOPqrstUV01","b":"\\"é"}`)).toBe(`{"a":"${'*'.repeat(37)}","b":"\\"é"}`);
  });

  test('in a compressed body', () => {
    const body = gzipSync(`click_id=1&token=${key}`);
    expect(hideBytes(body).every((byte) => byte === 0x2a)).toBe(true);
  });

  test('however much is compressed: data that is too large to search is hidden completely', () => {
    const bomb = gzipSync(Buffer.concat([Buffer.alloc(5_000_000), Buffer.from(key)]))
      .toString('base64')
      .replaceAll('=', '');
    expect(hide(`a=${bomb}&b=1`) === `a=${'*'.repeat(bomb.length)}&b=1`).toBe(true);
  });
});

describe('what holds no key', () => {
  test('stays as it is, to the byte', () => {
    fc.assert(
      fc.property(fc.oneof(anyCodePoints({ maxLength: 300 }), fc.base64String({ maxLength: 300 }), fc.webQueryParameters()), (text) => {
        expect(hide(text)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(hideBytes(bytes)).toEqual(bytes);
      }),
    );
  });

  test.each([
    'a1b2c3d4e5f60718293a4b5c6d7e8f90',
    '9E107D9D372BB6826BD81D3542A419D6',
    'CLK-01JH0V8XQ0R2W6T3Y5Z7A9B1C4',
    't-CLK-01JH0V8XQ0R2W6T3Y5Z7A9B1C4',
    'PUBLISHER-01JH0V8XQ0R2W6T3Y5Z7A9B1C4',
    '123e4567-e89b-12d3-a456-426614174000',
    '00000000000000000000000000000000',
  ])('and is an id or a digest is not even asked about: %s', (text) => {
    expect([...keyShapedIn([`id=${text}`], gunzip)]).toEqual([]);
  });
});

test('the bytes that a signature is checked over are not touched, also where they share their memory with others', () => {
  const shared = Buffer.from(`xx${key}xx`);
  const body = shared.subarray(1, 35);
  const hidden = hideBytes(body);
  expect(Buffer.from(hidden).toString()).toBe(`x${stars}x`);
  expect(shared.toString()).toBe(`xx${key}xx`);
});

test('a key is found between what others put around it', () => {
  for (const text of [`token_${key}`, `${key}-live`, `a_${key}_b`, `x${key}`, `${key}x`])
    expect([...keyShapedIn([text], gunzip)]).toContain(key);
});

test('a text has the shape of a key only with letters of both cases, and not only in a prefix', () => {
  expect([key, `${key}a`, key.toLowerCase(), key.toUpperCase(), key.replace('_', '.')].map(isKeyShaped)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('what is found in a query is hidden in the values that were decoded from it, too', () => {
  for (const [, write] of writings) {
    const query = new URLSearchParams({ click_id: 'CLK-1', said: write(key) }).toString();
    const forms = formsOf([query], [key], gunzip);
    expect(secretsIn(hideIn(write(key), forms), [key])).toEqual([]);
    expect(secretsIn(hideIn(query, forms), [key])).toEqual([]);
  }
});

test('decodable text around a key does not protect the key', () => {
  for (const [, write] of writings)
    for (const around of ['\\\\N', '%2525', '\\\\\\\\n%25']) {
      const text = `${around}&${write(key)}&${around}`;
      expect(secretsIn(hide(text), [key])).toEqual([]);
    }
});

test('any text around an encoded key, and any key, makes no difference', () => {
  const anyKey = fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz019_-'), minLength: 32, maxLength: 32 }).filter(isKeyShaped);
  const around = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(anyKey, around, around, fc.constantFrom(...writings), (secret, before, after, [, write]) => {
      const text = `${before}&${write(secret)}&${after}`;
      const hidden = hide(text, secret);
      expect(hidden).not.toBe(text);
      expect(hidden).toHaveLength(text.length);
      expect(hide(hidden, secret)).toBe(hidden);
    }),
    { numRuns: 300 },
  );
});

test('searching the largest body, whatever it contains, takes hardly any time', () => {
  const size = 65_536;
  const chain = (mark: string) => mark.repeat(size / mark.length);
  const bodies = [
    chain('%25'),
    chain('\\\\'),
    chain('%25\\\\'),
    chain('A'),
    chain('%5C%5cu005c'),
    chain('A-_b'),
    Buffer.from(chain('%25')).toString('base64').slice(0, size),
  ];
  for (const body of bodies) {
    const before = process.cpuUsage();
    hide(body);
    keyShapedIn([body], gunzip);
    const { user } = process.cpuUsage(before);
    expect([body.slice(0, 12), user < 1_500_000]).toEqual([body.slice(0, 12), true]);
  }
});
