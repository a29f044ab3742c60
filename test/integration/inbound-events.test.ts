import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';

/** Contract 1.6: events and goals. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const goals = [{ event: 'signup', payout: '1.50' }, { event: 'purchase', revenue_share_percent: 50 }, { event: 'level-10' }];
const withGoals = () => inbound.stack.campaign({ offer: { goals } });

describe('each declared event converts once per click, with its own terms', () => {
  test.each([
    ['complete', '8.00'],
    ['signup', '1.50'],
    ['purchase', '5.00'],
    ['level-10', '8.00'],
    ['SIGNUP', '1.50'],
  ])('%s at 10.00 is worth %s', async (event, points) => {
    const own = await withGoals();
    const { answer } = await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', event });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(await inbound.balance(own)).toBe(points);
    expect((await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', event })).answer.body.result).toBe('duplicate');
  });

  test('all of them add up, and each is taken back on its own', async () => {
    const own = await withGoals();
    const tell = (event: string, status = 'approved') => inbound.send(own.key, { click_id: own.clickId, payout: '10.00', event, status });
    for (const event of ['complete', 'signup', 'purchase', 'level-10']) await tell(event);
    expect(await inbound.balance(own)).toBe('22.50');
    await tell('purchase', 'reversed');
    expect(await inbound.balance(own)).toBe('17.50');
  });
});

describe('the event is named by', () => {
  test.each([
    ['a parameter', { event: 'signup' }, undefined, 'signup'],
    ['the path', {}, 'signup', 'signup'],
    ['the path, which wins over a parameter', { event: 'purchase' }, 'signup', 'signup'],
    ['the path, which wins over an alias', { goal: 'purchase', action: 'complete' }, 'signup', 'signup'],
    ['an encoded path', {}, 'level%2D10', 'level-10'],
    ['a parameter, where the path still holds its macro', { event: 'purchase' }, '%7Bevent%7D', 'purchase'],
    ['nobody', {}, undefined, 'complete'],
  ])('%s', async (_who, parameters: Record<string, string>, segment, event) => {
    const own = await withGoals();
    const { log } = await inbound.send(
      own.key,
      { click_id: own.clickId, payout: '10.00', ...parameters },
      segment === undefined ? {} : { event: segment },
    );
    expect(log).toMatchObject({ result: 'accepted', event });
    expect(await inbound.conversions(own.partnerId)).toMatchObject([{ event }]);
  });
});

test.each([
  ['a parameter', { event: '{event}' }, undefined],
  ['a parameter, by a name that nobody knows', { event: '[EVENT_NAME]' }, undefined],
  ['the path', {}, '%7Bevent%7D'],
  ['the path, by a name that nobody knows', {}, '%23event_name%23'],
])(
  'a macro that is left in %s is held: it is never the usual event by default',
  async (_where, parameters: Record<string, string>, segment) => {
    const own = await withGoals();
    const sent = { click_id: own.clickId, payout: '10.00', ...parameters };
    const { answer } = await inbound.send(own.key, sent, segment === undefined ? {} : { event: segment });
    expect(answer.body).toMatchObject({ result: 'held', code: 'unreplaced_macro' });
    expect(await inbound.balance(own)).toBe('0.00');
  },
);

const logged: [event: string, words: string[]][] = [
  ['terminate', ['terminate', 'terminated', 'TERMINATE']],
  ['quotafull', ['quotafull', 'quota_full', 'overquota', 'over_quota']],
  ['security', ['security', 'security_term', 'security_terminate']],
];

describe.each(logged)('%s is logged, never converted and never paid', (event, words) => {
  test.each(words)('%s', async (word) => {
    const own = await withGoals();
    for (const options of [{}, { event: word }]) {
      const { answer, log } = await inbound.send(
        own.key,
        { click_id: own.clickId, payout: '10.00', status: 'approved', event: word },
        options,
      );
      expect(answer).toMatchObject({ status: 200, body: { status: 'success', result: 'logged', code: null } });
      expect(log).toMatchObject({ result: 'logged', event, click_id: own.clickId });
    }
    expect(await inbound.conversions(own.partnerId)).toEqual([]);
    expect(await inbound.balance(own)).toBe('0.00');
    expect((await inbound.send(own.key, { click_id: own.clickId, payout: '10.00' })).answer.body.result).toBe('accepted');
  });
});

describe('any other event is held', () => {
  test.each(['install', 'complete2', 'x#y', 'Ünlück', 'constructor', '__proto__', 'a/b'])('%s', async (event) => {
    const own = await withGoals();
    const { answer } = await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', event });
    expect(answer).toMatchObject({ status: 200, body: { status: 'success', result: 'held', code: 'unknown_event' } });
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await inbound.conversions(own.partnerId)).toMatchObject([{ status: 'held', code: 'unknown_event', event: event.toLowerCase() }]);
  });

  test('and converts when the offer declares it and the postback is processed again', async () => {
    const own = await withGoals();
    const { log } = await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', event: 'install' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { goals: [...goals, { event: 'install', payout: '0.75' }] });
    const again = await inbound.stack.adminOk('POST', `/received-postbacks/${log.log_id}/reprocess`);
    expect(again).toMatchObject({ result: 'accepted', log: { log_id: log.log_id } });
    expect(await inbound.balance(own)).toBe('0.75');
  });
});

test('events and users with names in any script are paid and delivered at once', async () => {
  const strange = '😀𠮷\uFFFE\uFFFFü';
  const event = 'lvl🎉';
  const own = await inbound.stack.campaign({ userId: strange, offer: { goals: [{ event, payout: '2.00' }] } });
  const { click } = await inbound.stack.adminOk('POST', '/clicks', {
    offer_id: own.offerId,
    placement_id: own.placementId,
    user_id: strange,
    sub_id1: strange,
  });
  const said = { click_id: click.click_id, payout: '5.00', transaction_id: strange, reason: strange, event };
  expect((await inbound.send(own.key, said)).answer.body).toMatchObject({ result: 'accepted' });
  await inbound.stack.eventually(() => {
    expect(inbound.stack.publisher.requests.map(({ query }) => query.get('click_id'))).toContain(click.click_id);
  });
});
