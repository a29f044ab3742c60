import { expect, test } from '@jest/globals';
import { answerTypeOf } from '../../functions/domain/answer-types.ts';

test.each([
  ['text/plain', 'text/plain'],
  ['TEXT/XML; charset=UTF-8', 'text/xml'],
  [' application/json ;charset="utf-8"', 'application/json'],
])('a partner may answer %s', (sent, type) => {
  expect(answerTypeOf(sent)).toBe(type);
});

test.each([
  'text/html',
  'text/html; x=text/plain',
  'text/plain; charset=utf-7',
  'text/plainé',
  'image/svg+xml',
  'application/xhtml+xml',
  '',
  'text/plain\r\nx: y',
])('and never %j, which a browser could run or a header could not hold', (sent) => {
  expect(answerTypeOf(sent)).toBeUndefined();
});
