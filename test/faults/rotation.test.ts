import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { inParallel } from '../support/faults/bench.ts';
import { type Campaign, payout, points } from '../support/faults/campaign.ts';
import { conclude, Ledger, size } from '../support/faults/experiment.ts';
import { FaultyStack } from '../support/faults/faulty-stack.ts';
import { isAllDone, readAll } from '../support/faults/oracle.ts';
import { until } from '../support/faults/wait.ts';
import { networks } from '../support/networks.ts';

/** The number of conversions of each experiment, and how often something is rotated while they come in. */
const [many, rotations] = [size(600, 32), size(6, 2)];

let stack: FaultyStack;
let campaign: Campaign;
let key: string;
let ledger: Ledger;
let concluded = 0;
beforeAll(async () => {
  stack = await FaultyStack.start();
  campaign = await stack.campaign();
  key = await newKey();
  ledger = new Ledger();
}, 120_000);
afterAll(() => stack.stop());

/** Issuing a key with the same label again rotates it. */
async function newKey(): Promise<string> {
  const { partner_id } = campaign.partner;
  const { unique_key } = await stack.admin('POST', '/postback-receiver/generate-key', { partner_id, grace_seconds: 600 });
  return String(unique_key);
}

/** Sends a postback for each of many new clicks, eight at once, and rotates repeatedly in between. */
async function underLoad(rotate: () => Promise<void>, send: (click: string, number: number) => Promise<string | undefined>): Promise<void> {
  let number = 0;
  const one = async (): Promise<void> => {
    number += 1;
    const own = number;
    const click = await stack.click(campaign, `user-${own % 10}`);
    ledger.expect(click, points);
    if (own % Math.floor(many / (rotations + 1)) === 0 && own < many) await rotate();
    expect(await send(click, own)).toBe('accepted');
    ledger.acknowledge(click);
  };
  await inParallel(
    Array.from({ length: many }, () => one),
    8,
  );
}

async function finish(experiment: string): Promise<void> {
  await until(
    async () => {
      const records = await readAll(stack.client, stack.names);
      return isAllDone(records, Date.now()) && records.deliveries.every(({ row }) => row.status === 'delivered');
    },
    60_000,
    'everything is settled and delivered',
  );
  const acknowledged = new Set([...ledger.acknowledged].slice(concluded));
  concluded = ledger.acknowledged.size;
  const { client, names, publisher } = stack;
  const expectation = { acknowledged, points: ledger.points };
  await conclude({ experiment, runs: rotations }, { client, names, now: Date.now(), expectation, publishers: [publisher] });
}

test("a partner's key is rotated under load: the previous one works during its grace period, and every postback is accepted", async () => {
  let before = key;
  await underLoad(
    async () => {
      before = key;
      key = await newKey();
    },
    async (click, number) => {
      // Half of the partner's servers do not know the new key yet.
      const answer = await stack.send(number % 2 === 0 ? key : before, { click_id: click, payout, transaction_id: click });
      return answer?.result;
    },
  );
  expect(before).not.toBe(key);
  await finish("A partner's key rotated under load, the old and the new one in use");
}, 300_000);

test("a publisher's secret is rotated under load: every request can be verified with a secret that was valid", async () => {
  const secrets: string[] = [];
  const rotate = async () => {
    const { secret } = await stack.admin('POST', `/publishers/${campaign.publisher.publisher_id}/rotate-secret`);
    secrets.push(String(secret));
  };
  await rotate();
  const before = stack.publisher.requests.length;
  await underLoad(rotate, (click) => stack.sendUntilTaken(key, { click_id: click, payout, transaction_id: click }));
  await finish("A publisher's secret rotated under load");
  const received = stack.publisher.requests.slice(before);
  expect(received).toHaveLength(many);
  const used = received.map(({ target, headers }) => {
    const signatures = String(headers['webhook-signature']).split(' ');
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    return secrets.findIndex((secret) => signatures.includes(new Webhook(secret).sign(String(headers['webhook-id']), at, target)));
  });
  expect(used).not.toContain(-1);
  expect(new Set(used).size).toBeGreaterThan(1);
}, 300_000);

test("a partner's signing secret is rotated under load: requests that were signed before the new one was entered are accepted", async () => {
  const network = networks.find(({ preset }) => preset === 'bitlabs');
  if (network === undefined) throw new Error('no such network');
  const path = `/partners/${campaign.partner.partner_id}`;
  let secret = 'secret-0';
  let made = 0;
  await stack.admin('PATCH', path, { preset: network.preset, signing: { secret }, public_base_url: stack.system.url });
  await underLoad(
    async () => {
      made += 1;
      const next = `secret-${made}`;
      await stack.admin('PATCH', path, { signing: { secret: next } });
      secret = next;
    },
    async (click) => {
      const address = `${stack.system.url}/postback/${key}`;
      const unsigned = network.approve({ clickId: click, transaction: click, amount: payout });
      const { query } = network.sign(unsigned, secret, address, Date.now());
      const response = await fetch(`${address}?${query}`);
      const { logs } = (await stack.admin('GET', `/received-postbacks?click_id=${click}`)) as { logs: { result: string }[] };
      return response.ok ? logs[0]?.result : await response.text();
    },
  );
  await finish("A partner's signing secret rotated under load");
}, 300_000);
