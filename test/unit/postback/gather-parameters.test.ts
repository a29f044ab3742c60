import { describe, expect, test } from '@jest/globals';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { refused, requestOf, said } from './requests.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const multipart = ['--x', 'Content-Disposition: form-data; name="click_id"', '', 'CLK-1', '--x--', ''].join('\r\n');

describe('where parameters come from (contract 1.1)', () => {
  test.each([
    ['the query', { query: 'click_id=CLK-1' }],
    ['a JSON object', { body: '{"click_id":"CLK-1"}', type: json }],
    ['JSON with a charset', { body: '{"click_id":"CLK-1"}', type: 'Application/JSON; charset=utf-8' }],
    ['JSON of a vendor', { body: '{"click_id":"CLK-1"}', type: 'application/vnd.network+json' }],
    ['JSON after a byte order mark', { body: '\uFEFF{"click_id":"CLK-1"}', type: json }],
    ['a form', { body: 'click_id=CLK-1', type: form }],
    ['a form with a line end', { body: 'click_id=CLK-1\r\n', type: form }],
    ['multipart form data', { body: multipart, type: 'multipart/form-data; boundary=x' }],
    ['JSON without a content type', { body: '{"click_id":"CLK-1"}' }],
    ['a form without a content type', { body: 'click_id=CLK-1' }],
    ['JSON that says it is a form', { body: '{"click_id":"CLK-1"}', type: form }],
    ['a form that says it is JSON', { body: 'click_id=CLK-1', type: json }],
    ['JSON that says it is text', { body: '{"click_id":"CLK-1"}', type: 'text/plain;charset=UTF-8' }],
    ['JSON that says it is multipart', { body: '{"click_id":"CLK-1"}', type: 'multipart/form-data' }],
    ['the query of a POST with an empty JSON body', { query: 'click_id=CLK-1', body: '', type: json }],
    ['the query of a POST with a blank body', { query: 'click_id=CLK-1', body: ' \n', type: json }],
    ['the body, which overrides the query', { query: 'click_id=CLK-2', body: '{"click_id":"CLK-1"}', type: json }],
    ['the query, where the body has it empty', { query: 'click_id=CLK-1', body: '{"click_id":""}', type: json }],
    ['the query, where the body has it null', { query: 'click_id=CLK-1', body: '{"click_id":null}', type: json }],
    ['the query of a GET, whose body counts for nothing', { query: 'click_id=CLK-1', body: 'click_id=CLK-2', method: 'GET' as const }],
  ])('%s', async (_where, parts) => {
    expect((await said(parts)).clickId).toBe('CLK-1');
  });

  test.each([
    ['broken JSON', { body: '{"click_id":', type: json }, 'invalid_body', 'not valid JSON'],
    ['text that says it is JSON', { body: 'not json', type: json }, 'invalid_body', 'not valid JSON'],
    ['a JSON list', { body: '[1]', type: json }, 'invalid_body', 'not a JSON object'],
    ['a JSON text', { body: '"a"', type: json }, 'invalid_body', 'not a JSON object'],
    ['JSON nested too deep', { body: `{"a":${'['.repeat(20)}${']'.repeat(20)}}`, type: json }, 'invalid_body', '20 levels'],
    ['60,000 opening brackets', { body: `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, type: json }, 'invalid_body', '20 levels'],
    ['multipart without a boundary', { body: multipart, type: 'multipart/form-data' }, 'invalid_body', 'multipart'],
    ['multipart cut off', { body: multipart.slice(0, -6), type: 'multipart/form-data; boundary=x' }, 'invalid_body', 'multipart'],
    ['bytes of no kind', { body: new Uint8Array([0, 255, 7]) }, 'invalid_body', 'not valid JSON'],
    ['XML', { body: '<postback id="1"/>', type: 'application/xml' }, 'unsupported_media_type', 'JSON, a form'],
    ['65,537 bytes', { body: 'a'.repeat(65_537), type: form }, 'payload_too_large', '64 KB'],
    ['a nested standard parameter', { body: '{"click_id":{"id":1}}', type: json }, 'invalid_body', 'click_id'],
    ['a listed standard parameter', { body: '{"payout":[5]}', type: json }, 'invalid_body', 'payout'],
  ])('%s is refused', async (_what, parts, code, message) => {
    expect(await refused(parts)).toEqual({ code, message: expect.stringContaining(message) });
  });

  test('65,536 bytes are accepted', async () => {
    const parameter = `a=${'b'.repeat(8_189)}&`;
    expect(await said({ body: parameter.repeat(8), type: form })).toMatchObject({ clickId: undefined });
  });

  test('the parameters of the query are kept when the body cannot be read', async () => {
    const gathering = gatherParameters(requestOf({ query: 'a=1', body: '{', type: json }), inflate);
    expect(gathering).toMatchObject({ gathered: false, parameters: [{ name: 'a', text: '1' }] });
  });

  test('a name that cannot be a parameter is left out wherever it is', async () => {
    const gathering = gatherParameters(requestOf({ query: 'key=K&a=1', body: '{"key":"K"}', type: json }), inflate, ['key']);
    expect(gathering.parameters.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('values (contract 1.1)', () => {
  test.each([
    ['a plus is a space', { query: 'a=x+y' }, { a: 'x y' }],
    ['an encoded plus is a plus', { query: 'a=x%2By' }, { a: 'x+y' }],
    ['UTF-8 is decoded', { query: 'a=%E2%82%AC' }, { a: '€' }],
    ['a value is kept unchanged, blanks included', { query: 'a=%20x%20' }, { a: ' x ' }],
    ['a comma is part of the value', { query: 'a=1,2' }, { a: '1,2' }],
    ['no value is an empty value', { query: 'a&b=' }, { a: '', b: '' }],
    ['an equals sign is part of the value', { query: 'a=b=c' }, { a: 'b=c' }],
    ['empty pairs are nothing', { query: '&&a=1&' }, { a: '1' }],
    ['a repeated name keeps its values', { query: 'a=2&a=1' }, { a: ['2', '1'] }],
    ['a repeated JSON name keeps its values', { body: '{"a":1,"a":"x"}' }, { a: [1, 'x'] }],
    ['JSON keeps its types', { body: '{"a":1.5,"b":true,"c":null,"d":[1,{"e":"f"}]}' }, { a: 1.5, b: true, c: null, d: [1, { e: 'f' }] }],
    [
      'a number that a double cannot hold is text',
      { body: '{"a":12345678901234567890,"b":1e400}' },
      { a: '12345678901234567890', b: '1e400' },
    ],
    ['so is a nested one', { body: '{"a":[12345678901234567890,0.1]}' }, { a: ['12345678901234567890', 0.1] }],
    ['JSON in a text stays text', { query: 'a=%7B%22q%22%3A1%7D' }, { a: '{"q":1}' }],
    ['punctuation in JSON texts is text', { body: '{"a":"},\\"b\\":[{","c:d":"\\\\"}' }, { a: '},"b":[{', 'c:d': '\\' }],
    ['a macro in custom data is data', { query: 'a={aff_sub}' }, { a: '{aff_sub}' }],
    ['names are kept as they came', { query: 'Note=x&note=y' }, { Note: 'x', note: 'y' }],
    [
      'a file counts as its text',
      { body: multipart.replace('name="click_id"', 'name="f"; filename="f.txt"'), type: 'multipart/form-data; boundary=x' },
      { f: 'CLK-1' },
    ],
  ])('%s', async (_rule, parts, data) => {
    expect((await said(parts)).customData).toEqual(data);
  });

  test('with names such as __proto__ are only data', async () => {
    const { customData } = await said({ body: '{"__proto__":{"polluted":1},"constructor":"c","toString":"t","a":{"__proto__":{"x":1}}}' });
    expect(Object.keys(customData)).toEqual(['__proto__', 'constructor', 'toString', 'a']);
    expect(JSON.stringify(customData)).toBe('{"__proto__":{"polluted":1},"constructor":"c","toString":"t","a":{"__proto__":{"x":1}}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect((await said({ query: '__proto__=1&hasOwnProperty=2' })).customData).toHaveProperty(['hasOwnProperty'], '2');
  });

  test.each([
    ['50.00', '50'],
    ['"50.00"', '50'],
    ['50', '50'],
    ['3.10', '3.1'],
  ])('the JSON payout %s is %s', async (sent, payout) => {
    expect((await said({ body: `{"payout":${sent}}` })).payout?.toFixed()).toBe(payout);
  });

  test('that are ids keep their digits when sent as JSON numbers', async () => {
    expect(await said({ body: '{"transaction_id":12345678901234567890,"offer_id":007e}'.replace('007e', '7.0') })).toMatchObject({
      transactionId: '12345678901234567890',
      offerReferences: ['7.0'],
    });
  });
});

describe('broken encodings (contract 1.1)', () => {
  test.each([
    ['a lone percent sign', 'a=100%', '100%'],
    ['half an escape', 'a=%4', '%4'],
    ['no hex', 'a=%zz+b', '%zz+b'],
    ['invalid UTF-8', 'a=%ff', '%ff'],
    ['an encoded surrogate', 'a=%ED%A0%80', '%ED%A0%80'],
  ])('%s in custom data is kept as received and flagged', async (_what, query, value) => {
    expect(await said({ query: `click_id=CLK-1&${query}` })).toMatchObject({ customData: { a: value }, flags: ['invalid_encoding'] });
  });

  test('in a name are flagged too', async () => {
    expect(await said({ query: '%ff=1' })).toMatchObject({ customData: { '%ff': '1' }, flags: ['invalid_encoding'] });
  });

  test('bytes of a body that are not UTF-8', async () => {
    const latin1 = new Uint8Array([...'{"name":"Jos'].map((character) => character.charCodeAt(0)).concat(0xe9, 0x22, 0x7d));
    expect(await said({ body: latin1, type: json })).toMatchObject({ customData: { name: 'Jos\uFFFD' }, flags: ['invalid_encoding'] });
    const inForm = new Uint8Array([...'click_id=CLK-'].map((character) => character.charCodeAt(0)).concat(0xe9));
    expect(await refused({ body: inForm, type: form })).toMatchObject({ code: 'invalid_encoding' });
  });

  test('half a surrogate pair in JSON', async () => {
    expect(await said({ body: '{"a":"\\ud800"}' })).toMatchObject({ customData: { a: '\\ud800' }, flags: ['invalid_encoding'] });
    expect(await refused({ body: '{"click_id":"\\ud800"}' })).toMatchObject({ code: 'invalid_encoding' });
  });

  test.each([
    ['click_id=%ff', 'invalid_encoding', 'click_id'],
    ['subid=%ff', 'invalid_encoding', 'click_id (sent as subid)'],
    ['click_id=CLK-1&payout=5%', 'invalid_encoding', 'payout'],
    ['click_id=%%click_id%%', 'unreplaced_macro', 'click_id required'],
    ['click_id=CLK-1&click_id=CLK-2&payout=%ff', 'ambiguous_parameter', 'click_id'],
  ])('%s is refused as %s', async (query, code, message) => {
    expect(await refused({ query })).toEqual({ code, message: expect.stringContaining(message) });
  });
});
