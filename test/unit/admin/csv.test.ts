import { describe, expect, test } from '@jest/globals';
import { toCsv } from '../../../functions/admin/csv.ts';

const cell = (value: unknown) =>
  toCsv(['a'], [{ a: value }])
    .split('\r\n')
    .slice(1, -1)
    .join('\r\n');

describe('a cell of a CSV list', () => {
  test.each([
    ['a text', 'plain', '"plain"'],
    ['a comma', 'a,b', '"a,b"'],
    ['a semicolon', 'a;b', '"a;b"'],
    ['a tab', 'a\tb', '"a\tb"'],
    ['a quote', 'say "hi"', '"say ""hi"""'],
    ['a line end', 'a\nb', '"a\nb"'],
    ['nothing', null, ''],
    ['what is missing', undefined, ''],
    ['a boolean', true, 'true'],
    ['a number', 12, '12'],
    ['an amount', '4.00', '"4.00"'],
    ['an amount taken back', '-4.00', '"-4.00"'],
    ['a list', ['x', 'y'], '"[""x"",""y""]"'],
    ['a formula', '=1+1', `"'=1+1"`],
    ['a formula with quotes', '=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['a formula that begins with plus', '+1+1', `"'+1+1"`],
    ['a formula that begins with minus', '-1+cmd|x', `"'-1+cmd|x"`],
    ['a formula that begins with at', '@SUM(A1)', `"'@SUM(A1)"`],
    ['a formula behind a tab', '\t=1', `"'\t=1"`],
    ['a formula behind a line feed', '\n=1', `"'\n=1"`],
    ['a formula behind blanks', '  \u00a0\u3000=1', `"'  \u00a0\u3000=1"`],
    ['a formula behind what nobody sees', '\ufeff\u200b\u202e\u0000=1', `"'\ufeff\u200b\u202e\u0000=1"`],
    ['a formula in full-width letters', '＝1+1', `"'＝1+1"`],
    ['a full-width plus', '＋1', `"'＋1"`],
    ['a full-width minus', '－1', `"'－1"`],
    ['a full-width at', ' ＠SUM(A1)', `"' ＠SUM(A1)"`],
    ['a small equals sign', '﹦1', `"'﹦1"`],
    ['an amount behind a blank', ' -4.00', `"' -4.00"`],
    ['a text behind a blank', ' a=1', '" a=1"'],
  ])('holds %s', (_, value, expected) => {
    expect(cell(value)).toBe(expected);
  });

  test('is found in nested objects by its path', () => {
    expect(toCsv(['id', 'endpoint.state'], [{ id: 'p', endpoint: { state: 'paused' } }])).toBe('"id","endpoint.state"\r\n"p","paused"\r\n');
  });
});
