import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startDynamoEmulator } from '../../lib/local/dynamo-emulator.ts';
import { inParallel } from '../support/faults/bench.ts';
import { ChildSystem } from '../support/faults/child-system.ts';
import { conclude, Ledger, size } from '../support/faults/experiment.ts';
import { createRandom, runSeed } from '../support/faults/random.ts';
import { directClient, makeTables } from '../support/faults/tables.ts';
import { until } from '../support/faults/wait.ts';
import { PublisherServer } from '../support/publisher-server.ts';

const token = 'token-of-the-kill-test';
const clicksInAll = size(1_500, 80);
/** No user has more clicks than are recorded for a user in an hour. */
const users = size(50, 20);
const kills = size(5, 1);
/** Whatever the kill left unsent is due after a minute, and the sweeper finds it at its next run. */
const recoveryWithinMs = 180_000;

async function admin<T>(url: string, path: string, body: object): Promise<T> {
  const response = await fetch(`${url}/api/admin${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

test(`the whole system is killed with kill -9 in mid-load and started again: nothing acknowledged is lost, nobody is paid twice (seed ${runSeed})`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'postback-kill-'));
  const random = createRandom('kill-nine');
  const publisher = await PublisherServer.start();
  const ledger = new Ledger();
  let system = await ChildSystem.start(dataDir, token);
  try {
    const { partner } = await admin<{ partner: { partner_id: string } }>(system.url, '/partners', { partner_name: 'Kill' });
    const { unique_key: key } = await admin<{ unique_key: string }>(system.url, '/postback-receiver/generate-key', {
      partner_id: partner.partner_id,
    });
    const { offer } = await admin<{ offer: { offer_id: string } }>(system.url, '/offers', {
      partner_id: partner.partner_id,
      name: 'Kill',
      target_url: 'https://example.com/',
      revenue_share_percent: 80,
    });
    const { publisher: created } = await admin<{ publisher: { publisher_id: string } }>(system.url, '/publishers', {
      name: 'Kill',
      postback_url: `${publisher.url}/?click_id={click_id}&points={points}`,
    });
    const clicks: string[] = [];
    await inParallel(
      Array.from({ length: clicksInAll }, (_, index) => async () => {
        const body = { offer_id: offer.offer_id, publisher_id: created.publisher_id, user_id: `user-${index % users}` };
        const { click } = await admin<{ click: { click_id: string } }>(system.url, '/clicks', body);
        clicks.push(click.click_id);
        ledger.expect(click.click_id, '4.00');
      }),
      8,
    );

    let sending = true;
    const load = inParallel(
      clicks.map((click) => async () => {
        // A partner sends again until the answer says that the postback is accepted.
        while (sending && !ledger.acknowledged.has(click)) {
          const answer = await fetch(`${system.url}/postback/${key}?click_id=${click}&payout=5.00&transaction_id=${click}`).catch(
            () => undefined,
          );
          if (answer?.status === 200) ledger.acknowledge(click);
          else await sleep(50);
        }
      }),
      16,
    );
    for (let kill = 1; kill <= kills; kill += 1) {
      const least = Math.floor((clicksInAll * (kill - 0.5 - random.next() * 0.3)) / kills);
      await until(() => ledger.acknowledged.size >= least, 60_000, `${least} postbacks acknowledged`);
      await system.killNow();
      // The system was killed in the middle, so not everything has been delivered.
      expect(ledger.acknowledged.size).toBeLessThan(clicksInAll);
      system = await ChildSystem.start(dataDir, token);
    }
    const restarted = Date.now();
    await load;
    sending = false;
    expect(ledger.acknowledged.size).toBe(clicksInAll);
    const told = () => new Set(publisher.requests.map(({ query }) => query.get('click_id')));
    await until(() => clicks.every((click) => told().has(click)), recoveryWithinMs, 'the publisher has heard of every conversion');
    const recoveryMs = Date.now() - restarted;
    await sleep(500);
    await system.stop();

    // The system is gone, so its data is read from the disk.
    const emulator = await startDynamoEmulator(dataDir);
    try {
      const { names, region } = await makeTables(emulator.endpoint, '');
      const client = directClient(emulator.endpoint, region);
      const verdict = await conclude(
        { experiment: 'kill -9 of the whole system in mid-load, DATA_DIR kept', runs: kills, recoveryMs },
        { client, names, now: Date.now(), expectation: ledger, publishers: [publisher] },
      );
      expect(verdict.records.conversions).toHaveLength(clicksInAll);
      client.destroy();
    } finally {
      await emulator.stop();
    }
  } finally {
    await system.stop();
    await publisher.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 600_000);
