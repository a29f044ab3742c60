import { expect, test } from '@jest/globals';
import { answerCode, classify, type FailureCode, failureCodes } from '../../../functions/domain/delivery/outcome.ts';

test.each([
  [200, 'http_200', 'delivered'],
  [201, 'http_201', 'delivered'],
  [204, 'http_204', 'delivered'],
  [299, 'http_299', 'delivered'],
  [300, 'redirect', 'failed'],
  [301, 'redirect', 'failed'],
  [302, 'redirect', 'failed'],
  [304, 'redirect', 'failed'],
  [307, 'redirect', 'failed'],
  [400, 'http_400', 'failed'],
  [401, 'http_401', 'failed'],
  [404, 'http_404', 'failed'],
  [408, 'http_408', 'failed'],
  [410, 'http_410', 'gone'],
  [425, 'http_425', 'failed'],
  [429, 'http_429', 'failed'],
  [500, 'http_500', 'failed'],
  [503, 'http_503', 'failed'],
  [101, 'http_101', 'failed'],
  [999, 'http_999', 'failed'],
  [0, 'http_0', 'failed'],
] as const)('%i is %s: %s', (status, code, kind) => {
  expect(answerCode(status)).toBe(code);
  expect(classify({ code: answerCode(status) })).toEqual({ kind });
});

test.each(Object.keys(failureCodes).filter((code) => code !== 'invalid_request'))('%s is a failure', (code) => {
  expect(classify({ code: code as FailureCode })).toEqual({ kind: 'failed' });
});

test('a request that could not be made says nothing about the endpoint', () => {
  expect(classify({ code: 'invalid_request' })).toEqual({ kind: 'refused' });
});
