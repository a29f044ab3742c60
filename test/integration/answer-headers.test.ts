import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBody, type Campaign, LocalStack } from '../support/local-stack.ts';

/**
 * Contract 1.9: browsers treat every answer except the console's as the type that it declares, and run nothing from it. Contract 4: each
 * answer names its request.
 */

let stack: LocalStack;
let campaign: Campaign;
beforeAll(async () => {
  stack = await LocalStack.start();
  campaign = await stack.campaign();
});
afterAll(() => stack.stop());

const older = '/api/analytics/postback';
const bearer = () => ({ authorization: `Bearer ${stack.system.adminToken}` });

test.each([
  ['a postback', () => `/postback/${campaign.key}?click_id=${campaign.clickId}&payout=1`, 200],
  ['a refused postback', () => `/postback/${campaign.key}?payout=1`, 400],
  ['an unknown key', () => '/postback/unknown?click_id=1', 404],
  ['the older address', () => `${older}?key=${campaign.key}&click_id=1`, 404],
  ['the status address', () => `${older}/test`, 200],
  ['health', () => '/health', 200],
  ['a tracking link', () => `/track/${campaign.offerId}?publisher_id=${campaign.publisherId}&user_id=u`, 302],
  ['a tracking link that is wrong', () => '/track/nobody', 400],
  ['the description', () => '/openapi.json', 200],
  ['an admin answer', () => '/api/admin/partners', 200],
  ['a CSV', () => '/api/admin/partners?format=csv', 200],
  ['an admin error', () => '/api/admin/partners/nobody', 404],
])('%s', async (_, path, status) => {
  const answer = await stack.request(path(), { headers: path().startsWith('/api/admin') ? bearer() : {} });
  expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([status, 'nosniff']);
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w=-]{10,}$/);
  const head = await stack.request(path(), { method: 'HEAD' });
  expect(head.status).toBeLessThan(500);
});

test('a deletion, which has no body', async () => {
  const { token } = await stack.adminOk('POST', '/tokens', { name: 'gone', role: 'viewer' });
  const answer = await stack.admin('DELETE', `/tokens/${token.token_id}`);
  expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([204, 'nosniff']);
});

describe("a partner's own answer", () => {
  test.each(['text/html', 'image/svg+xml', 'text/plain; charset=utf-7', 'текст/plain'])('is never %s', async (content_type) => {
    const answer = await stack.admin('PATCH', `/partners/${campaign.partnerId}`, { response: { content_type, success: '<script>' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body' } });
    expect((answer.body as AnyBody).message).toMatch(/^response\.content_type: must be one of text\/plain, application\/json, text\/xml/);
  });
});
