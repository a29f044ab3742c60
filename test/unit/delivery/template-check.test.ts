import { expect, test } from '@jest/globals';
import { checkTemplate, templateProblems } from '../../../functions/domain/delivery/template-check.ts';

test.each([
  'https://pub.example',
  'https://pub.example/cb?id={click_id}&s={status:approved=1 rejected=0}',
  'HTTPS://Pub.Example:8443/{_sub1}#f',
  'https://pub.example?{click_id}',
  'https://bücher.example/',
  'https://[2606:4700::1111]/x',
  'https://pub.example/a@b',
])('accepts %s', (template) => {
  expect(checkTemplate(template, { allowHttp: false })).toBeUndefined();
});

test.each([
  ['', 'not_absolute'],
  ['pub.example/cb', 'not_absolute'],
  ['//pub.example/cb', 'not_absolute'],
  ['https:/pub.example', 'not_absolute'],
  ['https:///pub.example', 'not_absolute'],
  ['https:\\\\pub.example', 'not_absolute'],
  ['https://pub.example\\@evil.example/', 'not_absolute'],
  ['https://', 'not_absolute'],
  ['https://a b/', 'not_absolute'],
  [' https://pub.example', 'not_https'],
  ['https://pub.example:99999/', 'not_absolute'],
  ['http://pub.example/', 'not_https'],
  ['ftp://pub.example/', 'not_https'],
  ['javascript://pub.example/%0aalert(1)', 'not_https'],
  ['https://{_sub1}/', 'macro_in_host'],
  ['https://{click_id}.pub.example/', 'macro_in_host'],
  ['https://pub.example{_sub1}', 'macro_in_host'],
  ['https://pub.example:{sub1}/', 'macro_in_host'],
  ['{_sub1}://pub.example/', 'macro_in_host'],
  ['https://exa{mple/', 'macro_in_host'],
  ['https://user:secret@pub.example/', 'credentials'],
  ['https://user@pub.example/', 'credentials'],
  ['https://pub.example/\r\nX-Header: 1', 'control_character'],
  ['https://pub.ex\tample/', 'control_character'],
  [`https://pub.example/${'x'.repeat(2048)}`, 'too_long'],
] as const)('refuses %j: %s', (template, problem) => {
  expect(checkTemplate(template, { allowHttp: false })).toBe(problem);
  expect(templateProblems[problem]).toEqual(expect.any(String));
});

test('http is for offers and local runs', () => {
  expect(checkTemplate('http://127.0.0.1:3000/cb?id={click_id}', { allowHttp: true })).toBeUndefined();
  expect(checkTemplate('ftp://127.0.0.1/', { allowHttp: true })).toBe('not_https');
});
