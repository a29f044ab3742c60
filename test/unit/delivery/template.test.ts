import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { type DeliveryFields, deliveryFieldNames, deliveryMacros, trackingMacros } from '../../../functions/domain/delivery/fields.ts';
import { type Filling, fillAddress, leadsAsWritten, macrosOf, parseTemplate } from '../../../functions/domain/delivery/template.ts';
import { applyFunction, callProblem, templateFunctions } from '../../../functions/domain/delivery/template-functions.ts';
import { templateWarnings } from '../../../functions/domain/delivery/template-warnings.ts';
import { percentEncode } from '../../../functions/domain/percent-encoding.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';

const filling = (values: DeliveryFields): Filling => ({
  lookUp(name) {
    const field = deliveryMacros.get(name);
    return field === undefined ? undefined : values[field];
  },
  apply: (value, call) => applyFunction(value, call, { currency: values.currency ?? 'USD', crypto: nodeCrypto }),
});
const fillMacros = (template: string, values: DeliveryFields) => fillAddress(template, filling(values));
const warningsOf = (template: string) => templateWarnings(template, deliveryMacros, callProblem);
const origin = 'https://pub.example';
const fill = (rest: string, values: DeliveryFields = {}) => fillMacros(origin + rest, values).slice(origin.length);
/** Any text at all, including halves of surrogate pairs, control characters and characters with a meaning in URLs. */
const anyText = fc.oneof(
  anyCodePoints(),
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
    expect(deliveryFieldNames).toHaveLength(29);
  });

  test('macro names are in lower case, or they would never be found', () => {
    for (const name of [...deliveryMacros.keys(), ...trackingMacros.keys()]) expect(name).toBe(name.toLowerCase());
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
        warningsOf(template);
        leadsAsWritten(`${origin}/${template}`, filling({ click_id: value }));
        expect(
          parseTemplate(template)
            .map((part) => (typeof part === 'string' ? part : part.source))
            .join(''),
        ).toBe(template);
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

describe('functions', () => {
  test.each(Object.entries(templateFunctions))('%s does what its example says', (_name, { example }) => {
    const [macro, value, becomes] = example;
    const [{ name } = { name: '' }] = macrosOf(macro);
    const field = deliveryMacros.get(name) ?? 'sub_id1';
    expect(decodeURIComponent(fill(`?x=${macro}`, { [field]: value }).slice(3))).toBe(becomes);
  });

  test.each<[string, DeliveryFields, string]>([
    ['{payout|cents}', { payout: '-4.05', currency: 'USD' }, '-405'],
    ['{payout|cents}', { payout: '100', currency: 'JPY' }, '100'],
    ['{payout|cents}', { payout: '1.234', currency: 'KWD' }, '1234'],
    ['{payout|cents}', { payout: 'five', currency: 'USD' }, ''],
    ['{points|int}', { points: '-42.99' }, '-42'],
    ['{points|int}', { points: '-0.50' }, '0'],
    ['{timestamp|ms}', { timestamp: 'soon' }, ''],
    ['{sub1|default:none|upper}', {}, 'NONE'],
    ['{sub1|upper|lower}', { sub_id1: 'Aa' }, 'aa'],
    ['{status:approved=Yes rejected=No|upper}', { status: 'approved' }, 'YES'],
    ['{_sub1|lower}', { sub_id1: 'A&B=C' }, 'a&b=c'],
    ['{payout|CENTS}', { payout: '1.00' }, '100'],
    ['{payout|centz}', { payout: '1.00' }, ''],
    ['{payout|cents:2}', { payout: '1.00' }, ''],
    ['{sub1|default}', { sub_id1: 'x' }, ''],
  ])('%s of %j is %j', (macro, values, text) => {
    expect(fill(`?x=${macro}`, values)).toBe(`?x=${text}`);
  });
});

describe('where it leads', () => {
  const leads = (rest: string, value: string) => leadsAsWritten(origin + rest, filling({ sub_id1: value }));

  test.each([
    ['/cb/{sub1}', '.'],
    ['/cb/{sub1}', '..'],
    ['/cb/{sub1}/x', '..'],
    ['/cb/{sub1}.', '.'],
    ['/cb/{_sub1}', '%2e%2E'],
    ['/cb/{_sub1}', '../admin'],
    ['/cb/{_sub1}', 'a/b'],
    ['/cb/{_sub1}', 'a?b=c'],
    ['/{sub1}?x=1', '..'],
    ['/{sub1}#top', '.'],
  ])('%s with %j would go elsewhere', (rest, value) => {
    expect(leads(rest, value)).toBe(false);
  });

  test.each([
    ['/cb/{sub1}', '...'],
    ['/cb/{sub1}', 'a/b'],
    ['/cb/{sub1}', ''],
    ['/a/../b/{sub1}', 'x'],
    ['/cb?x={sub1}', '..'],
    ['?{_sub1}', 'a=../b?c'],
    ['/cb/x{sub1}', '.'],
  ])('%s with %j goes where it says', (rest, value) => {
    expect(leads(rest, value)).toBe(true);
  });

  test('a URL over 16 KB leads nowhere', () => {
    expect(leads('?x={sub1}', 'x'.repeat(16_000))).toBe(true);
    expect(leads('?x={sub1}', 'ü'.repeat(3_000))).toBe(false);
  });

  test('whatever a template and its values are, what may be sent keeps host, port and path, and every value is what it was', () => {
    const name = fc.constantFrom('sub1', 'username', 'user_id', 'reason');
    const literal = fc.stringMatching(/^[a-z0-9._~-]{0,6}$/);
    const segment = fc.array(
      fc.oneof(
        literal,
        name.map((macro) => `{${macro}}`),
        name.map((macro) => `{_${macro}}`),
      ),
      { maxLength: 3 },
    );
    const path = fc
      .array(
        segment.map((parts) => parts.join('')),
        { maxLength: 4 },
      )
      .map((segments) => `/${segments.join('/')}`);
    const query = fc.array(name, { maxLength: 4 });
    const values = fc.record({ sub_id1: anyText, username: anyText, user_id: anyText, reason: anyText });
    const placeholder = filling({ sub_id1: 'x', username: 'x', user_id: 'x', reason: 'x' });
    fc.assert(
      fc.property(path, query, values, (pathname, names, given) => {
        const template = `https://pub.example:8443${pathname}${names.map((macro, index) => `${index === 0 ? '?' : '&'}p${index}={${macro}}`).join('')}`;
        if (!leadsAsWritten(template, filling(given))) return;
        const url = new URL(fillMacros(template, given));
        const expected = new URL(fillAddress(template, placeholder));
        expect([url.protocol, url.host, url.username, url.hash]).toEqual([expected.protocol, expected.host, '', '']);
        expect(url.pathname.split('/')).toHaveLength(expected.pathname.split('/').length);
        const lookUp = filling(given).lookUp;
        expect([...url.searchParams]).toEqual(names.map((macro, index) => [`p${index}`, (lookUp(macro) ?? '').toWellFormed()]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('warnings', () => {
  test.each([
    `${origin}?a={click_id}&b={_Reward}&c={status:approved=1}&d={payout|cents}&e={sub1|default:none|md5}`,
    `${origin}?data[user_id]={user_id}`,
    `${origin}?a={click_id}%20click_id%20&b=[x]`,
  ])('%s: none', (template) => {
    expect(warningsOf(template)).toEqual([]);
  });

  test.each([
    '%7Buser_id%7D',
    '%7buser_id%7d',
    '[user_id]',
    '[[user_id]]',
    '[%user_id%]',
    '%5Buser_id%5D',
    '{{user_id}}',
    '{{ user_id }}',
    '%user_id%',
    '%%user_id%%',
    '#user_id#',
    '$'.concat('{user_id}'),
    '{ user_id }',
    '<user_id>',
    '%3Cuser_id%3E',
    '{{USER_ID}}',
    '%23user_id%23',
  ])('%s is said to be no macro, with what to write instead', (written) => {
    expect(warningsOf(`${origin}?id={click_id}&u=${written}`)).toEqual([expect.stringContaining('Use {user_id}')]);
  });

  test.each<[string, string]>([
    ['{{user_id|md5}}', '{user_id|md5}'],
    ['$'.concat('{payout|cents}'), '{payout|cents}'],
    ['{{status:approved=1 rejected=0}}', '{status:approved=1 rejected=0}'],
    ['[status:approved=1]', '{status:approved=1}'],
    ['%7Bpayout|cents%7D', '{payout|cents}'],
    ['%7Bpayout%7Ccents%7D', '{payout|cents}'],
    ['%sub1|default:none%', '{sub1|default:none}'],
    ['#user_id|md5#', '{user_id|md5}'],
    ['{ payout|cents }', '{payout|cents}'],
    ['{payout |cents}', '{payout|cents}'],
  ])('so is %s with its functions', (written, own) => {
    expect(warningsOf(`${origin}?id={click_id}&u=${written}`)).toContainEqual(expect.stringContaining(`Use ${own}`));
  });

  test.each<[string, string]>([
    ['?a={foo}', 'the macro {foo} is unknown'],
    ['?a={_baz:x=1}', 'the macro {_baz} is unknown'],
    ['?a={__proto__}', 'the macro {__proto__} is unknown'],
    ['?a={payout|centz}', 'the function centz is unknown'],
    ['?a={sub1|default}', 'the function default needs an argument'],
    ['?a=1', 'there is no macro in it'],
    ['?a={click_id}&amp;p={points}', '&amp; is HTML'],
    ['?a={click_id}#{points}', 'everything after # is never sent'],
  ])('%s: %s', (rest, warning) => {
    expect(warningsOf(origin + rest).join('\n')).toContain(warning);
  });

  test('each warning is given once', () => {
    expect(warningsOf(`${origin}?a={foo}&b={foo}&c={bar}`)).toHaveLength(2);
  });
});
