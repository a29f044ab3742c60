import { describe, expect, test } from '@jest/globals';
import { refused, said } from './requests.ts';

const field = (name: string, value: string) => `Content-Disposition: form-data; name=${name}\r\n\r\n${value}\r\n`;
const body = (boundary: string, ...fields: string[]) => `${fields.map((one) => `--${boundary}\r\n${one}`).join('')}--${boundary}--\r\n`;
const two = [field('"click_id"', 'CLK-1'), field('"note"', 'a&b=c')];

describe('multipart form data is read', () => {
  test.each([
    ['with a short boundary', 'boundary=b', body('b', ...two)],
    ['with a long boundary', `boundary=${'-'.repeat(60)}`, body('-'.repeat(60), ...two)],
    ['with a quoted boundary', 'boundary="=_a b:1"', body('=_a b:1', ...two)],
    ['with more behind the boundary', 'boundary=b; charset=utf-8', body('b', ...two)],
    ['with a preamble and an epilogue', 'boundary=b', `for old readers\r\n${body('b', ...two)}and more`],
    ['with bare line feeds', 'boundary=b', body('b', ...two).replaceAll('\r\n', '\n')],
    ['with blanks behind a delimiter', 'boundary=b', body('b', ...two).replace('--b\r\n', '--b \t\r\n')],
    ['with names that are not quoted', 'boundary=b', body('b', field('click_id', 'CLK-1'), field('note', 'a&b=c'))],
    [
      'with more headers',
      'boundary=b',
      body(
        'b',
        `Content-Type: text/plain\r\n${field('"click_id"', 'CLK-1')}`,
        `content-disposition: FORM-DATA; filename="f"; name="note"\r\n\r\na&b=c\r\n`,
      ),
    ],
  ])('%s', async (_rule, boundary, text) => {
    const postback = await said({ body: text, type: `multipart/form-data; ${boundary}` });
    expect(postback).toMatchObject({ clickId: 'CLK-1', customData: { note: 'a&b=c' } });
  });

  test.each([
    ['a value of several lines', field('"note"', 'a\r\n\r\nb\n--b-'), { note: 'a\r\n\r\nb\n--b-' }],
    ['an empty value', field('"note"', ''), { note: '' }],
    ['a name with quotes, as browsers escape them', field('"a%22b"', 'x'), { 'a"b': 'x' }],
    ['a name with quotes, as others escape them', field('"a\\"b"', 'x'), { 'a"b': 'x' }],
  ])('%s', async (_rule, one, data) => {
    // The boundary does not occur in the value.
    expect((await said({ body: body('bb', two[0] ?? '', one), type: 'multipart/form-data; boundary=bb' })).customData).toEqual(data);
  });

  test('bytes that are no UTF-8 are flagged, and refused where they matter', async () => {
    const bytes = (name: string) => Uint8Array.from(Buffer.from(body('b', field('"click_id"', 'CLK-1'), field(name, 'caf\xe9')), 'latin1'));
    const type = 'multipart/form-data; boundary=b';
    expect(await said({ body: bytes('"note"'), type })).toMatchObject({ customData: { note: 'caf\uFFFD' }, flags: ['invalid_encoding'] });
    expect(await refused({ body: bytes('"transaction_id"'), type })).toMatchObject({ code: 'invalid_encoding' });
  });
});

describe('what is no multipart form data is refused', () => {
  test.each([
    ['without its end', body('b', ...two).slice(0, -4)],
    ['with another boundary', body('c', ...two)],
    ['with a part that has no name', body('b', ...two, 'Content-Disposition: form-data\r\n\r\nx\r\n')],
    ['with a part that has no headers', body('b', ...two, 'x\r\n')],
    ['with a part that is an attachment', body('b', 'Content-Disposition: attachment; name="a"\r\n\r\nx\r\n')],
    ['with nothing', '--b'],
  ])('%s', async (_rule, text) => {
    expect(await refused({ body: text, type: 'multipart/form-data; boundary=b' })).toMatchObject({ code: 'invalid_body' });
  });
});
