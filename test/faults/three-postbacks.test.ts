import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resume } from '../../functions/domain/delivery/circuit.ts';
import { endpointOf } from '../../functions/domain/delivery/postbacks.ts';
import { BenchRun } from '../support/faults/bench-run.ts';
import { putSetting } from '../support/faults/campaign.ts';
import { Instance } from '../support/faults/instance.ts';
import { readAll } from '../support/faults/oracle.ts';

/** A publisher has three postbacks, of which one hangs. The two others must not suffer, and nobody may lose points. */

const hour = 3_600_000;
const names = ['analytics', 'hanging', 'rewards'] as const;
const conversions = 40;

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start({ attemptMs: 1_500 });
  const { bench, campaign } = run;
  const postbacks = names.map((postback_id) => ({
    postback_id,
    url: `${bench.publisher.url}/${postback_id}?delivery_id={delivery_id}&click_id={click_id}`,
    method: 'GET' as const,
    content_type: 'json' as const,
    status: 'active' as const,
  }));
  await putSetting(bench, 'publisher', campaign.publisher.publisher_id, { ...campaign.publisher, postbacks });
}, 120_000);
afterAll(() => run.stop());

const requestsOf = (name: string) => run.bench.publisher.requests.filter(({ path }) => path === `/${name}`);
async function deliveriesOf(name: string) {
  const { deliveries } = await readAll(run.bench.client, run.bench.names);
  return deliveries.map(({ row }) => row).filter(({ postback_id }) => postback_id === name);
}

test('the two that answer get everything at the first attempt, and everybody is paid', async () => {
  run.bench.publisher.answerWith(({ path }, response) => {
    if (path !== '/hanging') response.end('OK');
  });
  const clicks: string[] = [];
  for (let made = 0; made < conversions; made += 1) clicks.push(await run.accepted());
  await run.bench.work();
  // No delivery was lost because of the one that hangs, and none waits for it.
  const { accounts } = await readAll(run.bench.client, run.bench.names);
  expect(accounts.flatMap(({ entries }) => entries)).toHaveLength(conversions);
  for (const name of ['analytics', 'rewards']) {
    expect(
      requestsOf(name)
        .map(({ query }) => query.get('click_id'))
        .sort(),
    ).toEqual(clicks.toSorted());
    expect((await deliveriesOf(name)).map(({ status, attempts }) => [status, attempts.length])).toEqual(clicks.map(() => ['delivered', 1]));
  }
});

test('the one that hangs is backed off alone, spends few attempts, and loses no delivery', async () => {
  const hanging = await deliveriesOf('hanging');
  expect(hanging).toHaveLength(conversions);
  expect(new Set(hanging.map(({ status }) => status))).toEqual(new Set(['failing', 'scheduled']));
  expect(hanging.flatMap(({ attempts }) => attempts).length).toBeLessThan(conversions / 2);
  const { publisher_id } = run.campaign.publisher;
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  const open = await Promise.all(
    names.map(async (name) => (await endpoints.health(endpointOf(publisher_id, name))).open_until !== undefined),
  );
  expect(open).toEqual([false, true, false]);
});

test('it gets all of them once it answers, and nobody was notified or paid twice', async () => {
  run.bench.publisher.answerStatus(200);
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  await endpoints.update(endpointOf(run.campaign.publisher.publisher_id, 'hanging'), () => resume());
  await run.recover();
  await run.bench.pass(hour, 4);
  for (const name of names) expect(new Set((await deliveriesOf(name)).map(({ status }) => status))).toEqual(new Set(['delivered']));
  for (const name of ['analytics', 'rewards']) expect(requestsOf(name)).toHaveLength(conversions);
  await run.conclude('Three postbacks of a publisher, one of which hangs', conversions);
});
