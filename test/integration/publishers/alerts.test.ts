import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { type AnyBody, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());
beforeEach(() => stack.publisher.answerStatus(200));

const told = (path: string) => stack.publisher.requests.filter((request) => request.path === path);
async function alert(path: string, events: readonly string[], more: object = {}): Promise<AnyBody> {
  return stack.adminOk('POST', '/alerts', { name: path, url: `${stack.publisher.url}${path}`, events, ...more });
}

test('of an endpoint that is gone is sent once, signed, with a link into the console', async () => {
  stack.publisher.answerWith(({ path }, response) => void response.writeHead(path === '/ops' ? 200 : 410).end());
  const campaign = await stack.campaign();
  const { secret, alert: created } = await alert('/ops', ['endpoint.paused'], { publisher_id: campaign.publisherId });
  await alert('/nobody', ['endpoint.paused'], { publisher_id: 'somebody-else' });
  for (let index = 0; index < 2; index += 1) {
    await stack.postback(campaign.key, { click_id: await campaign.newClick(), payout: '5' });
    await stack.eventually(async () =>
      expect((await stack.adminOk('GET', `/publishers/${campaign.publisherId}`)).publisher.endpoint.state).toBe('paused'),
    );
    await stack.eventually(() => expect(told('/ops')).toHaveLength(1));
    await stack.adminOk('POST', `/publishers/${campaign.publisherId}/resume`);
  }
  const [request] = told('/ops');
  const body = new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>);
  expect(body).toMatchObject({
    type: 'endpoint.paused',
    data: { publisher_id: campaign.publisherId, reason: 'gone', url: `${stack.url}/admin#/publishers/${campaign.publisherId}` },
    text: expect.stringContaining('it answered 410 Gone'),
  });
  expect(told('/nobody')).toEqual([]);
  const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${created.alert_id}`);
  expect(logs).toMatchObject([{ status: 'delivered' }]);
});

test('of a delivery that is given up names the delivery', async () => {
  await alert('/dead', ['delivery.dead']);
  const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/never/{transaction_id}` } });
  await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', transaction_id: '..' });
  await stack.eventually(() => expect(told('/dead')).toHaveLength(1));
  const { data } = JSON.parse(told('/dead')[0]?.body ?? '');
  const { delivery } = await stack.adminOk('GET', `/forwarded-postbacks/${data.delivery_id}`);
  expect([delivery.status, delivery.publisher_id]).toEqual(['dead', campaign.publisherId]);
});

test('of a partner whose signatures fail comes from the watch over partners', async () => {
  await alert('/partners', ['partner.signature_failures']);
  const campaign = await stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret: 'a-secret-of-the-partner' } } });
  for (let index = 0; index < 10; index += 1) await stack.postback(campaign.key, { click_id: campaign.clickId, payout: String(index) });
  // Each minute looks at a fifth of the partners.
  for (let turn = 0; turn < 5; turn += 1)
    await stack.system.invoke('sweeper', { time: new Date(Date.now() + turn * 60_000).toISOString() });
  await stack.eventually(() => expect(told('/partners')).toHaveLength(1));
  expect(JSON.parse(told('/partners')[0]?.body ?? '')).toMatchObject({ data: { partner_id: campaign.partnerId, failures: 10 } });
});

test('can be listed, changed and taken away, and never shows its secret again', async () => {
  const { alert: created, secret } = await alert('/managed', ['cap.reached', 'cap.reached']);
  expect(created.events).toEqual(['cap.reached']);
  expect((await stack.adminOk('GET', '/alerts')).alerts[0].alert_id).toBe(created.alert_id);
  const changed = await stack.adminOk('PATCH', `/alerts/${created.alert_id}`, { events: ['partner.silent'], partner_id: 'a' });
  expect(changed.alert).toMatchObject({ events: ['partner.silent'], partner_id: 'a', name: '/managed' });
  expect(JSON.stringify([changed, await stack.adminOk('GET', '/audit')])).not.toContain(secret);
  expect((await stack.admin('DELETE', `/alerts/${created.alert_id}`)).status).toBe(204);
  expect((await stack.admin('GET', `/alerts/${created.alert_id}`)).body.code).toBe('alert_not_found');
  expect((await stack.admin('POST', '/alerts', { name: 'x', url: 'ftp://x.example', events: ['cap.reached'] })).status).toBe(400);
});
