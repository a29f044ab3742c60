import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Campaign, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let own: Campaign;
beforeAll(async () => {
  stack = await LocalStack.start();
  own = await stack.campaign();
});
afterAll(() => stack.stop());

const warningsOf = async (method: string, path: string, body: object): Promise<string[]> =>
  (await stack.adminOk(method, path, body)).warnings;

describe('an id that names nothing is saved with a warning that it may be mistyped', () => {
  test('in the scope of an alert', async () => {
    const alert = { name: 'Scoped', url: `${stack.publisher.url}/hook`, events: ['delivery.dead'] };
    expect(await warningsOf('POST', '/alerts', { ...alert, partner_id: own.partnerId, publisher_id: own.publisherId })).toEqual([]);
    const { alert: made, warnings } = await stack.adminOk('POST', '/alerts', { ...alert, partner_id: 'acne', publisher_id: 'nobody' });
    const unknown = [
      'partner_id: there is no partner acne, so the alert says nothing yet',
      'publisher_id: there is no publisher nobody, so the alert says nothing yet',
    ];
    expect(warnings).toEqual(unknown);
    expect(await warningsOf('PATCH', `/alerts/${made.alert_id}`, { partner_id: null })).toEqual(unknown.slice(1));
  });

  test('in a cap of an offer', async () => {
    const cap = (publisher_id: string) => ({ caps: [{ per: 'day', of: 'conversions', limit: '1', publisher_id }] });
    const path = `/offers/${own.offerId}`;
    expect(await warningsOf('PATCH', path, cap(own.publisherId))).toEqual([]);
    expect(await warningsOf('PATCH', path, cap('nobody'))).toEqual([
      'caps.0.publisher_id: there is no publisher nobody, so the cap bounds nothing yet',
    ]);
  });

  test('among the payout overrides of a publisher, whose own token gets no warning', async () => {
    const path = `/publishers/${own.publisherId}`;
    expect(await warningsOf('PATCH', path, { payout_overrides: { [own.offerId]: { percent: '50' } } })).toEqual([]);
    expect(await warningsOf('PATCH', path, { payout_overrides: { 'of-1': { percent: '50' } } })).toEqual([
      'payout_overrides: there is no offer of-1, so the override holds for nothing yet',
    ]);
    const { token } = await stack.adminOk('POST', '/tokens', { name: 'own', role: 'publisher', publisher_id: own.publisherId });
    const { body } = await stack.admin('PATCH', path, { forward_statuses: ['approved'] }, token.token);
    expect(body.warnings).toEqual([]);
  });
});
