import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createAlerts } from '../../../functions/adapters/dynamo/alerts.ts';
import { createEndpoints } from '../../../functions/adapters/dynamo/endpoints.ts';
import { newId } from '../../../functions/adapters/ids.ts';
import { alertEvents } from '../../../functions/domain/alerting/alert.ts';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';
import type { ReceivedRequest } from '../../support/publisher-server.ts';
import { clientOf, tableOf } from '../../support/tables.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());
beforeEach(() => stack.publisher.answerStatus(200));

const minute = 60_000;
const hour = 60 * minute;
const verified = (request: ReceivedRequest | undefined, secret: string): AnyBody =>
  new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>);
const told = (path: string) => stack.publisher.requests.filter((request) => request.path === path);
async function alert(path: string, events: readonly string[], more: object = {}): Promise<AnyBody> {
  return stack.adminOk('POST', '/alerts', { name: path, url: `${stack.publisher.url}${path}`, events, ...more });
}

test('an alert about an endpoint that is gone is sent once, signed, with a link into the console', async () => {
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

test('an alert about a delivery that is given up names the delivery', async () => {
  await alert('/dead', ['delivery.dead']);
  const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/never/{transaction_id}` } });
  await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', transaction_id: '..' });
  await stack.eventually(() => expect(told('/dead')).toHaveLength(1));
  const { data } = JSON.parse(told('/dead')[0]?.body ?? '');
  const { delivery } = await stack.adminOk('GET', `/forwarded-postbacks/${data.delivery_id}`);
  expect([delivery.status, delivery.publisher_id]).toEqual(['dead', campaign.publisherId]);
});

describe('the watch over partners', () => {
  /** Each minute the sweeper checks a fifth of the partners. */
  async function watch(ahead = 0): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1)
      await stack.system.invoke('sweeper', { time: new Date(Date.now() + ahead + turn * minute).toISOString() });
  }
  const send = async (campaign: Campaign, count: number, parameters: Record<string, string> = {}): Promise<string[]> => {
    const clicks = await Promise.all(Array.from({ length: count }, () => campaign.newClick()));
    for (const click_id of clicks) await stack.postback(campaign.key, { click_id, payout: '5', transaction_id: click_id, ...parameters });
    return clicks;
  };

  test.each<[string, (campaign: Campaign) => Promise<unknown>, number, object, string]>([
    [
      'partner.signature_failures',
      (campaign) => send(campaign, 10, { signature: 'forged' }),
      0,
      { failures: 10 },
      'sent 10 postbacks with a missing or wrong signature in the last hour.',
    ],
    [
      'partner.held_rate',
      async (campaign) => [await send(campaign, 16), await send(campaign, 4, { status: 'who knows' })],
      0,
      { held: 4, received: 20 },
      'had 4 of 20 postbacks held in the last hour.',
    ],
    [
      'partner.reversal_rate',
      async (campaign) => {
        const [first, second, third, fourth] = await send(campaign, 16);
        for (const click_id of [first, second, third, fourth])
          await stack.postback(campaign.key, { click_id: click_id ?? '', status: 'reversed', transaction_id: click_id ?? '' });
      },
      0,
      { approved: 16, reversed: 4 },
      'reversed 4 conversions and approved 16 in the last hour.',
    ],
    [
      'partner.silent',
      (campaign) => send(campaign, 10),
      2 * hour,
      { silent_minutes: expect.any(Number) },
      'it usually sends a postback every',
    ],
  ])('tells of %s once, and only whoever asked about this partner', async (event, cause, ahead, data, text) => {
    const signed = event === 'partner.signature_failures' ? { preset: 'generic_hmac', signing: { secret: 'a-secret-of-the-partner' } } : {};
    const campaign = await stack.campaign({ partner: signed });
    const other = await stack.campaign();
    const { secret } = await alert(`/${event}`, [event], { partner_id: campaign.partnerId });
    await alert(`/other/${event}`, [event], { partner_id: other.partnerId });
    await alert(`/publisher/${event}`, [event], { publisher_id: campaign.publisherId });
    await alert(
      `/else/${event}`,
      alertEvents.filter((one) => one !== event),
      { partner_id: campaign.partnerId },
    );
    await cause(campaign);
    await watch(ahead);
    await watch(ahead);
    await stack.eventually(() => expect(told(`/${event}`)).toHaveLength(1));
    expect(verified(told(`/${event}`)[0], secret)).toEqual({
      type: event,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      data: expect.objectContaining({
        partner_id: campaign.partnerId,
        url: `${stack.url}/admin#/partners/${campaign.partnerId}`,
        ...data,
      }),
      text: expect.stringContaining(text),
    });
    for (const path of ['other', 'publisher']) expect(told(`/${path}/${event}`)).toEqual([]);
    expect(told(`/else/${event}`).map(({ body }) => JSON.parse(body).type)).not.toContain(event);
  });

  test('counts what the partner has sent, but neither an imported file nor decisions of people', async () => {
    const campaign = await stack.campaign();
    await alert('/sent', ['partner.silent', 'partner.held_rate', 'partner.reversal_rate'], { partner_id: campaign.partnerId });
    const clicks = await send(campaign, 9);
    const rows = await Promise.all(Array.from({ length: 25 }, async () => `${await campaign.newClick()},5.00,who knows`));
    const csv = ['click_id,payout,status', ...rows].join('\n');
    const path = `/api/admin/conversions/import?partner_id=${campaign.partnerId}`;
    const headers = { authorization: `Bearer ${stack.system.adminToken}`, 'content-type': 'text/csv' };
    expect((await stack.request(path, { method: 'POST', headers, body: csv })).body.counts).toMatchObject({ held: 25 });
    const ids = clicks.map((click) => `${click}.complete`);
    for (const status of ['reversed', 'approved', 'reversed'])
      await stack.adminOk('POST', '/conversions/status', { ids, status, reason: 'a mistake of ours' });
    await watch();
    await watch(2 * hour);
    expect(told('/sent')).toEqual([]);
    await send(campaign, 1);
    await watch(2 * hour);
    await stack.eventually(() => expect(told('/sent').map(({ body }) => JSON.parse(body).type)).toEqual(['partner.silent']));
  });

  test('reports nothing about a partner that was made inactive', async () => {
    const campaign = await stack.campaign();
    await alert('/inactive', ['partner.silent'], { partner_id: campaign.partnerId });
    await send(campaign, 10);
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { status: 'inactive' });
    await watch(2 * hour);
    expect(told('/inactive')).toEqual([]);
  });
});

test('an alert about an endpoint that fails ten times in a row counts the attempts that ran at the same time', async () => {
  const campaign = await stack.campaign();
  const { secret } = await alert('/failing', ['endpoint.failing'], { publisher_id: campaign.publisherId });
  // The pauses between failures are minutes long, so the endpoint has failed four times before, and six attempts are made at once.
  await createEndpoints(clientOf(stack), tableOf(stack, 'Endpoints'), 0).update(campaign.publisherId, () => ({ consecutive_failures: 4 }));
  const waiting: (() => void)[] = [];
  stack.publisher.answerWith(async ({ path }, response) => {
    if (path === '/failing') return void response.end('ok');
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 6) for (const go of waiting) go();
    });
    response.writeHead(500).end('down');
  });
  const clicks = await Promise.all(Array.from({ length: 6 }, () => campaign.newClick()));
  await Promise.all(clicks.map((click_id) => stack.postback(campaign.key, { click_id, payout: '5' })));
  await stack.eventually(() => expect(told('/failing')).toHaveLength(1));
  expect(verified(told('/failing')[0], secret)).toMatchObject({
    type: 'endpoint.failing',
    data: {
      publisher_id: campaign.publisherId,
      failures: 10,
      code: 'http_500',
      url: expect.stringContaining(`#/publishers/${campaign.publisherId}`),
    },
    text: expect.stringContaining('has failed 10 times in a row, last with http_500.'),
  });
}, 60_000);

describe('an alert about a cap', () => {
  const capped = (...caps: object[]) => stack.campaign({ offer: { caps } });
  const approve = async ({ key, newClick }: Campaign, payout: string) => {
    const { body } = await stack.postback(key, { click_id: await newClick(), payout });
    return body.result;
  };

  test('that fills is sent when it fills, and once', async () => {
    const campaign = await capped({ per: 'day', of: 'conversions', limit: 2 });
    const { secret } = await alert('/cap', ['cap.reached'], { partner_id: campaign.partnerId });
    await alert('/cap/other', ['cap.reached'], { partner_id: 'somebody-else' });
    expect(await approve(campaign, '5')).toBe('accepted');
    expect(told('/cap')).toEqual([]);
    expect(await approve(campaign, '5')).toBe('accepted');
    await stack.eventually(() => expect(told('/cap')).toHaveLength(1));
    expect(verified(told('/cap')[0], secret)).toMatchObject({
      type: 'cap.reached',
      data: {
        partner_id: campaign.partnerId,
        offer_id: campaign.offerId,
        per: 'day',
        of: 'conversions',
        limit: '2',
        counted: '2',
        url: `${stack.url}/admin#/offers/${campaign.offerId}`,
      },
      text: expect.stringContaining('has reached its cap of 2 conversions per day.'),
    });
    for (let index = 0; index < 3; index += 1) expect(await approve(campaign, '5')).toBe('held');
    // Alerts that were raised later than those have arrived, so those would have arrived too.
    const another = await capped({ per: 'total', of: 'conversions', limit: 1 });
    await alert('/cap/another', ['cap.reached'], { partner_id: another.partnerId });
    await approve(another, '5');
    await stack.eventually(() => expect(told('/cap/another')).toHaveLength(1));
    expect(told('/cap')).toHaveLength(1);
    expect(told('/cap/other')).toEqual([]);
  });

  test('that fills with many simultaneous postbacks is sent too', async () => {
    const campaign = await capped({ per: 'day', of: 'conversions', limit: 5 });
    await alert('/cap/race', ['cap.reached'], { partner_id: campaign.partnerId });
    await Promise.all(Array.from({ length: 5 }, () => approve(campaign, '5')));
    await stack.eventually(() => expect(told('/cap/race')).toHaveLength(1));
  });

  test('that a person fills by approving what was pending or rejected is sent too', async () => {
    const campaign = await capped({ per: 'total', of: 'conversions', limit: 2 });
    await alert('/cap/person', ['cap.reached'], { partner_id: campaign.partnerId });
    for (const status of ['pending', 'rejected']) {
      const click_id = await campaign.newClick();
      await stack.postback(campaign.key, { click_id, payout: '5', status });
      expect(told('/cap/person')).toEqual([]);
      await stack.adminOk('POST', `/conversions/${click_id}.complete/status`, { status: 'approved', reason: 'It was seen' });
    }
    await stack.eventually(() => expect(told('/cap/person')).toHaveLength(1));
  });

  test('on payout without room for a postback says what is held', async () => {
    const campaign = await capped({ per: 'month', of: 'payout', limit: '10.00' });
    await alert('/cap/payout', ['cap.reached'], { partner_id: campaign.partnerId });
    expect(await approve(campaign, '7.00')).toBe('accepted');
    expect(await approve(campaign, '4.00')).toBe('held');
    await stack.eventually(() => expect(told('/cap/payout')).toHaveLength(1));
    expect(JSON.parse(told('/cap/payout')[0]?.body ?? '').data).toMatchObject({ limit: '10', counted: '7', held: '4' });
  });

  test('of one publisher goes to the alerts for that publisher, even when processing again takes the last place', async () => {
    const campaign = await stack.campaign();
    await alert('/cap/publisher', ['cap.reached'], { publisher_id: campaign.publisherId });
    const caps = [{ per: 'total', of: 'conversions', limit: 1, publisher_id: campaign.publisherId }];
    await stack.adminOk('PATCH', `/offers/${campaign.offerId}`, { caps });
    const { body } = await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', event: 'deposit' });
    expect(body.code).toBe('unknown_event');
    await stack.adminOk('PATCH', `/offers/${campaign.offerId}`, { goals: [{ event: 'deposit' }] });
    await stack.adminOk('POST', `/received-postbacks/${body.log_id}/reprocess`);
    await stack.eventually(() => expect(told('/cap/publisher')).toHaveLength(1));
  });
});

test('an alert about the same cause is sent again after an hour, and only once however many instances see it', async () => {
  const { alert: created } = await alert('/again', ['cap.reached'], { partner_id: 'again' });
  let now = Date.now();
  const hinted: string[] = [];
  const instance = () =>
    createAlerts(clientOf(stack), {
      tables: { settings: tableOf(stack, 'Settings'), deliveries: tableOf(stack, 'Deliveries') },
      cacheSeconds: 0,
      newId,
      now: () => now,
      hint: async (_delivery, alertId) => void hinted.push(alertId),
    });
  const cause = { event: 'cap.reached', about: 'O', partner_id: 'again', says: 'Full.', page: 'offers/O', data: {} } as const;
  const instances = [instance(), instance(), instance()];
  const raise = () => Promise.all(instances.map((alerts) => alerts.raise(cause)));
  await raise();
  now += 59 * minute;
  await raise();
  expect(hinted).toEqual([created.alert_id]);
  now += minute;
  await raise();
  expect(hinted).toEqual([created.alert_id, created.alert_id]);
  // The instance that saw it last, and too early, is the only one that sees it from now on.
  const latest = instance();
  now += 59 * minute;
  await latest.raise(cause);
  now += minute;
  await latest.raise(cause);
  expect(hinted).toHaveLength(3);
});

describe('an alert by email', () => {
  const to = 'ops@example.com';
  const byEmail = (body: object) => stack.admin('POST', '/alerts', { name: 'Ops', events: ['delivery.dead'], ...body });

  /** The messages that SNS sends to an email address: the topic's queue here has the filter of that address's subscription. */
  async function mailbox(address: string): Promise<() => Promise<AnyBody[]>> {
    const { region, endpoints } = stack.system;
    const aws = { region, endpoint: endpoints.sqs, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const [sns, sqs] = [new SNSClient(aws), new SQSClient(aws)];
    const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
    const TopicArn = Topics.map((topic) => topic.TopicArn ?? '').find((arn) => arn.endsWith(':AlertsByEmail'));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const own = Subscriptions.filter(({ Protocol, Endpoint }) => Protocol === 'email' && Endpoint === address);
    expect(own).toHaveLength(1);
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: own[0]?.SubscriptionArn }));
    const name = address.replace(/\W/g, '-');
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: `${TopicArn?.replace(':sns:', ':sqs:').replace(/[^:]*$/, '')}${name}`,
        Attributes: { FilterPolicy: Attributes?.['FilterPolicy'] ?? '' },
      }),
    );
    return async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
      return Messages.map(({ Body = '' }) => JSON.parse(Body));
    };
  }

  test('goes only to that email address, with what happened, how much, and a link; a local run says that it sends no email', async () => {
    const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/never/{transaction_id}` } });
    const scope = { publisher_id: campaign.publisherId };
    const { status, body } = await byEmail({ email: to, ...scope });
    expect([status, body.alert.url, body.alert.email]).toEqual([201, null, to]);
    expect(body.warnings).toEqual([expect.stringContaining('on one machine nothing is mailed')]);
    // A second alert for the same email address makes no second subscription, which SNS would refuse.
    expect((await byEmail({ email: to, events: ['cap.reached'] })).status).toBe(201);
    expect((await byEmail({ email: 'other@example.com', events: ['cap.reached'], ...scope })).status).toBe(201);
    const [own, others] = [await mailbox(to), await mailbox('other@example.com')];
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', transaction_id: '..' });
    const [mail] = await stack.eventually(async () => {
      const mails = await own();
      expect(mails).toHaveLength(1);
      return mails;
    });
    const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${campaign.publisherId}`);
    expect(mail).toMatchObject({
      Subject: 'Postback system: delivery.dead',
      Message: `A delivery to the endpoint of publisher ${campaign.publisherId} was given up after 1 attempt, the last with invalid_request. ${stack.url}/admin#/deliveries/${logs[0].delivery_id}`,
    });
    expect(await others()).toEqual([]);
    const [told] = (await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${body.alert.alert_id}`)).logs;
    const { delivery } = await stack.adminOk('GET', `/forwarded-postbacks/${told.delivery_id}`);
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: [{ code: 'http_200' }],
      sent: { method: 'SNS', url: `mailto:${to}`, headers: { subject: 'Postback system: delivery.dead' }, body: mail.Message },
    });
  });

  test('and alerts to a URL exclude each other, and either can replace the other', async () => {
    for (const body of [{}, { url: `${stack.publisher.url}/x`, email: to }, { email: 'nobody' }, { email: `${to}, other@example.com` }]) {
      const { status, body: answer } = await byEmail(body);
      expect([status, answer.code]).toEqual([400, 'invalid_body']);
    }
    const { body } = await byEmail({ email: to });
    const path = `/alerts/${body.alert.alert_id}`;
    const url = `${stack.publisher.url}/instead`;
    expect(await stack.adminOk('PATCH', path, { url })).toMatchObject({ alert: { url, email: null }, warnings: [] });
    expect(await stack.adminOk('PATCH', path, { name: 'Same' })).toMatchObject({ alert: { url, email: null }, warnings: [] });
    expect(await stack.adminOk('PATCH', path, { email: to })).toMatchObject({
      alert: { url: null, email: to },
      warnings: [expect.any(String)],
    });
    expect((await stack.admin('PATCH', path, { url, email: to })).status).toBe(400);
    expect((await stack.admin('PATCH', '/alerts/ALERT-none', { email: to })).status).toBe(404);
  });
});

test('an alert that is deleted ends what was held for it: it is sent nowhere', async () => {
  stack.publisher.answerWith(({ path }, response) => void response.writeHead(path === '/gone' ? 410 : 200).end());
  const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/never/{transaction_id}` } });
  const { alert: created } = await alert('/gone', ['delivery.dead'], { publisher_id: campaign.publisherId });
  await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', transaction_id: '..' });
  const toldOf = async (status: string) =>
    (await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${created.alert_id}&status=${status}`)).logs;
  await stack.eventually(async () => expect(await toldOf('held')).toHaveLength(1));
  await stack.adminOk('DELETE', `/alerts/${created.alert_id}`);
  await stack.eventually(async () => expect(await toldOf('no_url')).toHaveLength(1));
  expect(told('/gone')).toHaveLength(1);
});

test('the attempts of alerts do not count as those of publishers', async () => {
  const [campaign, other] = [
    await stack.campaign({ offer: { caps: [{ per: 'day', of: 'conversions', limit: 1 }] } }),
    await stack.campaign(),
  ];
  const { alert: created } = await alert('/uncounted', ['cap.reached'], { partner_id: campaign.partnerId });
  await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' });
  await stack.eventually(() => expect(told('/uncounted')).toHaveLength(1));
  const counted = async (): Promise<string[]> =>
    (await stack.adminOk('GET', '/postback-pipeline/stats')).by_publisher.flatMap(({ publisher_id, delivered }: AnyBody) =>
      delivered > 0 ? [publisher_id] : [],
    );
  // What is delivered later is counted later.
  await stack.postback(other.key, { click_id: other.clickId, payout: '5' });
  await stack.eventually(async () => expect(await counted()).toEqual(expect.arrayContaining([campaign.publisherId, other.publisherId])));
  expect(await counted()).not.toContain(created.alert_id);
});

test('an alert can be listed, changed and deleted, and never shows its secret again', async () => {
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
