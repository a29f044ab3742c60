/** The settlement makes the first attempt of a lone delivery itself, but nobody's points may wait for a publisher (contract section 3). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CapacityProxy } from '../../bench/capacity-proxy.ts';
import { type Campaign, LocalStack } from '../../support/local-stack.ts';

const proxy = new CapacityProxy();
let stack: LocalStack;
let campaign: Campaign;

beforeAll(async () => {
  stack = await LocalStack.startOwn({ intercept: proxy.intercept });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await proxy.stop();
});

/** Sends a postback for another click of the campaign's user. @returns the click. */
async function earn({ key, newClick }: Campaign): Promise<string> {
  const click = await newClick();
  const { body } = await stack.postback(key, { click_id: click, payout: '5.00', transaction_id: `t-${click}` });
  expect(body.result).toBe('accepted');
  return click;
}

const toldOf = (click: string) => stack.publisher.requests.filter(({ query }) => query.get('click_id') === click);
/** The forwarded postbacks of the campaign's publisher, newest first. */
const forwarded = async () => (await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${campaign.publisherId}`)).logs;

/** A campaign whose publisher has just taken a delivery, which came through the queue. */
beforeEach(async () => {
  stack.publisher.answerStatus(200);
  campaign = await stack.campaign();
  proxy.take();
  const click = await earn(campaign);
  await stack.eventually(() => expect(toldOf(click)).toHaveLength(1));
  await stack.eventually(() => expect(proxy.take().dynamodb.some(({ table }) => table === 'statistics')).toBe(true));
});

test('a lone delivery to a publisher that is quick passes the queue by, and is told, recorded and counted all the same', async () => {
  proxy.take();
  const click = await earn(campaign);
  await stack.eventually(() => expect(toldOf(click)).toHaveLength(1));
  await stack.eventually(async () =>
    expect((await forwarded())[0]).toMatchObject({
      conversion_id: `${click}.complete`,
      status: 'delivered',
      attempts: [{ code: 'http_200' }],
    }),
  );
  expect(proxy.take().sqs['SendMessageBatch']).toBeUndefined();
  await stack.eventually(async () => {
    const { deliveries } = await stack.adminOk('GET', '/postback-pipeline/stats');
    expect(deliveries.delivered).toBe(2);
  });
});

test('a publisher that fails is tried again as if the delivery had come through the queue', async () => {
  stack.publisher.answerStatus(500);
  proxy.take();
  const click = await earn(campaign);
  await stack.eventually(async () =>
    expect((await forwarded())[0]).toMatchObject({
      conversion_id: `${click}.complete`,
      status: 'failing',
      attempts: [{ code: 'http_500' }],
    }),
  );
  expect(toldOf(click)).toHaveLength(1);
  // Its retry is a message.
  let sent = 0;
  await stack.eventually(() => {
    sent += proxy.take().sqs['SendMessageBatch'] ?? 0;
    expect(sent).toBe(1);
  });
  // After a failure the next one takes the usual way.
  stack.publisher.answerStatus(200);
  const next = await earn(campaign);
  await stack.eventually(() => expect(toldOf(next)).toHaveLength(1));
  expect(proxy.take().sqs['SendMessageBatch']).toBe(1);
});

test('a publisher that was quick and begins to hang makes nobody’s points wait, neither of its own users nor of others', async () => {
  const other = await stack.campaign();
  stack.publisher.answerWith(() => undefined);
  for (let round = 0; round < 6; round += 1) {
    await earn(campaign);
    await earn(other);
  }
  await stack.eventually(async () => {
    expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe('28.00');
    expect((await stack.points(other.publisherId, other.userId)).balance).toBe('24.00');
  }, 3_000);
});
