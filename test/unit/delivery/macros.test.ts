import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type DeliveryFields,
  deliveryFieldNames,
  deliveryMacros,
  trackingFieldNames,
  trackingMacros,
} from '../../../functions/domain/delivery/fields.ts';
import { fillMacros, fillTrackingMacros, percentEncode, unknownMacros } from '../../../functions/domain/delivery/macros.ts';

const origin = 'https://pub.example';
const fill = (rest: string, values: DeliveryFields = {}) => fillMacros(origin + rest, values).slice(origin.length);
/** Any text at all, halves of surrogate pairs, control characters and what URLs treat as syntax included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\ud800', '\udc00', '\r', '\n', '\t', ' ', '/', '\\', '@', ':', '#', '?', '&', '=', '%', '{', '}', '.', 'a'),
  }),
);

describe('names', () => {
  test.each([
    ['transaction_id', ['transaction_id', 'trans']],
    ['payout', ['payout', 'amount', 'payout_amount']],
    ['points', ['points', 'reward']],
    ['offer_id', ['offer_id', 'cid']],
    ['offer_name', ['offer_name', 'offerName', 'cname']],
    ['affiliate_id', ['affiliate_id', 'aff_id']],
    ['sub_id1', ['sub_id1', 'sub1', 'aff_sub', 'aff_sub1']],
    ['sub_id5', ['sub_id5', 'sub5', 'aff_sub5']],
    ['ip', ['ip', 'user_ip', 'ip_address']],
    ['country', ['country', 'country_code']],
  ] as const)('%s answers to %j, in any case', (field, names) => {
    for (const name of names) {
      expect(fill(`/{${name}}`, { [field]: 'v' })).toBe('/v');
      expect(fill(`/{${name.toUpperCase()}}`, { [field]: 'v' })).toBe('/v');
    }
  });

  test('every field of the contract is a macro of its own name', () => {
    for (const name of deliveryFieldNames) expect(fill(`?x={${name}}`, { [name]: name })).toBe(`?x=${name}`);
    expect(deliveryFieldNames).toHaveLength(27);
  });

  test('macro names are lower case, or they would never be found', () => {
    for (const name of [...deliveryMacros.keys(), ...trackingMacros.keys()]) expect(name).toBe(name.toLowerCase());
  });

  test('tracking links have names of their own', () => {
    for (const name of trackingFieldNames) expect(fillTrackingMacros(`${origin}?x={${name}}`, { [name]: 'a b' })).toBe(`${origin}?x=a%20b`);
    expect(fillTrackingMacros(`${origin}?x={payout}`, { click_id: 'CLK-1' })).toBe(`${origin}?x=`);
  });
});

describe('filling', () => {
  test.each<[string, string, DeliveryFields, string]>([
    ['values are percent-encoded', '?n={username}', { username: "a b&c=d/é!'()*" }, '?n=a%20b%26c%3Dd%2F%C3%A9%21%27%28%29%2A'],
    ['amounts keep their sign and point', '?p={payout}', { payout: '-4.00' }, '?p=-4.00'],
    ['a macro can stand in the path', '/cb/{click_id}/{status}', { click_id: 'CLK-1', status: 'approved' }, '/cb/CLK-1/approved'],
    ['absent is empty', '?a={reason}&b=1', {}, '?a=&b=1'],
    ['unknown is empty', '?a={nonsense}&b=1', {}, '?a=&b=1'],
    ['names of Object.prototype are unknown', '?a={constructor}{__proto__}{toString}', {}, '?a='],
    ['raw keeps syntax', '?{_sub1}', { sub_id1: 'a=1&b=%20/x' }, '?a=1&b=%20/x'],
    ['raw never breaks the request line', '?x={_sub1}', { sub_id1: 'a b\r\nX: y\t\u0000#f\\' }, '?x=a%20b%0D%0AX:%20y%09%00%23f%5C'],
    [
      'a value is not filled again',
      '?a={sub1}&b={_sub2}',
      { sub_id1: '{click_id}', sub_id2: '{click_id}', click_id: 'C' },
      '?a=%7Bclick_id%7D&b={click_id}',
    ],
    ['half a surrogate pair is replaced', '?a={sub1}&b={_sub1}', { sub_id1: 'x\ud800y' }, '?a=x%EF%BF%BDy&b=x\ufffdy'],
    ['word map', '?s={status:approved=1 rejected=0}', { status: 'approved' }, '?s=1'],
    ['word map, second word', '?s={status:approved=1 rejected=0}', { status: 'rejected' }, '?s=0'],
    ['word map, other words stay', '?s={status:approved=1 rejected=0}', { status: 'reversed' }, '?s=reversed'],
    ['word map of another macro, in any case', '?s={COUNTRY:us=1 DE=2}', { country: 'US' }, '?s=1'],
    ['word map, the exact word first', '?s={sub1:a=1 A=2}', { sub_id1: 'A' }, '?s=2'],
    ['word map, text is encoded', '?s={status:approved=a&b}', { status: 'approved' }, '?s=a%26b'],
    ['word map, raw', '?s={_status:approved=a&b}', { status: 'approved' }, '?s=a&b'],
    ['word map, saved from a browser', '?s={status:approved=1%20rejected=0}', { status: 'rejected' }, '?s=0'],
    ['word map, text with an equals sign', '?s={_status:approved=a=b}', { status: 'approved' }, '?s=a=b'],
    ['word map, to nothing', '?s={status:approved=}', { status: 'approved' }, '?s='],
    ['word map, from nothing', '?s={reason:=none}', {}, '?s=none'],
    ['word map without words', '?s={status:}{status:nonsense}', { status: 'x' }, '?s=xx'],
    ['somebody else’s macro', '?a=$' + '{click_id}', { click_id: 'C' }, '?a=$' + '{click_id}'],
    ['unbalanced braces', '?a={click_id&b={status}&c=}&d={', { click_id: 'C', status: 's' }, '?a={click_id&b=s&c=}&d={'],
    ['braces that hold no name', '?a={}&b={1}&c={ status }&d={"a":1}', { status: 's' }, '?a={}&b={1}&c={ status }&d={"a":1}'],
  ])('%s', (_what, template, values, filled) => {
    expect(fill(template, values)).toBe(filled);
  });

  test.each([
    'https://{_sub1}/',
    'https://{sub1}.pub.example/',
    'https://pub.example{_sub1}/',
    'https://pub.example:{_sub1}/',
    '{_sub1}://pub.example/',
    '{_sub1}',
    'https:///{_sub1}',
    'https:/\t/{_sub1}',
    'https://\t/{_sub1}',
    'https://a\t{_sub1}/',
    'https://a{_sub1}',
    ' https://{_sub1}',
    'https:{_sub1}',
    'https:\\\\{_sub1}',
  ])('no value chooses the host: %j', (template) => {
    for (const value of [
      'evil.example',
      '.evil.example',
      '@evil.example',
      ':1@evil.example',
      '/evil.example',
      '//evil.example',
      'https://evil.example/',
    ]) {
      const url = URL.parse(fillMacros(template, { sub_id1: value }));
      expect(url === null ? '' : url.hostname).not.toContain('evil');
    }
  });
});

describe('properties', () => {
  test('filling never throws, and never changes the origin, user or fragment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '/', '/{_sub1}', '/a/{sub1}', '?{_sub1}', '?a={sub1}&b={_sub1:x=y}', '\\{_sub1}', '/..{_sub1}'),
        anyText,
        (rest, value) => {
          const url = URL.parse(fillMacros(origin + rest, { sub_id1: value }));
          expect(url).toMatchObject({ origin, username: '', password: '', hash: '' });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('any template with any value fills without throwing', () => {
    fc.assert(
      fc.property(anyText, anyText, (template, value) => {
        fillMacros(template, { click_id: value });
        fillMacros(`${origin}/${template}{click_id}{_click_id:${template}=x}`, { click_id: value });
        unknownMacros(template);
      }),
    );
  });

  test('an encoded value comes back from a query as it was', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const url = new URL(fill(`?before=1&x={username}&after=2`, { username: value }), origin);
        expect([...url.searchParams]).toEqual([
          ['before', '1'],
          ['x', value.toWellFormed()],
          ['after', '2'],
        ]);
      }),
    );
  });

  test('encoded text is made of unreserved characters and escapes only', () => {
    fc.assert(fc.property(anyText, (value) => expect(percentEncode(value)).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/)));
  });
});

describe('warnings', () => {
  test.each<[string, string[]]>([
    [`${origin}?a={click_id}&b={_Reward}&c={status:approved=1}`, []],
    [`${origin}?a={foo}&b={bar:x=1}&c={_baz}&d={foo}`, ['foo', 'bar', '_baz']],
    [`${origin}?a=\${foo}&b={}&c={`, []],
    [`${origin}?a={__proto__}`, ['__proto__']],
  ])('%s', (template, names) => {
    expect(unknownMacros(template)).toEqual(names);
  });

  test('a tracking link knows fewer', () => {
    expect(unknownMacros(`${origin}?a={click_id}&b={payout}`, trackingMacros)).toEqual(['payout']);
  });
});
