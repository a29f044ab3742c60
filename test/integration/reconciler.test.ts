import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountKey } from '../../functions/adapters/dynamo/ledger-row.ts';
import { createRecordsReader } from '../../functions/adapters/dynamo/records-reader.ts';
import { stepsOf } from '../../functions/domain/conversion.ts';
import type { Records } from '../../functions/domain/reconcile.ts';
import { isAllDone, readAll } from '../support/faults/oracle.ts';
import { directClient, namesOf, type TableNames } from '../support/faults/tables.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';

const minuteMs = 60_000;
/** The sweeper reconciles the minute that is so much older than the one in which it is called. */
const lagMs = 16 * minuteMs;

let stack: LocalStack;
let campaign: Campaign;
let client: DynamoDBDocumentClient;
let names: TableNames;
let started: number;

beforeAll(async () => {
  started = Date.now();
  stack = await LocalStack.start();
  client = directClient(stack.system.endpoints.dynamodb, stack.system.region);
  names = namesOf(stack.system.tables.values());
  campaign = await stack.campaign({ offer: { revenue_share_percent: 80 } });
  await liveThroughEverything(campaign);
}, 120_000);
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

/** Some of everything: approvals, reversals in both orders, held, refused and repeated postbacks, a failing publisher, forward-only. */
async function liveThroughEverything({ key, publisherId, newClick }: Campaign): Promise<void> {
  const send = (click: string, more: Record<string, string> = {}) => stack.postback(key, { click_id: click, payout: '5.00', ...more });
  for (let made = 0; made < 30; made += 1) await send(await newClick('busy'), { transaction_id: `busy-${made}` });
  const reversed = await newClick('reversed');
  await send(reversed, { transaction_id: 'r' });
  await send(reversed, { status: 'reversed' });
  const early = await newClick('early');
  await send(early, { status: 'reversed' });
  await send(early, { transaction_id: 'e' });
  const pending = await newClick('pending');
  await send(pending, { status: 'pending' });
  await send(await newClick('held'), { status: 'nobody-knows' });
  await send('CLK-UNKNOWN');
  await send(reversed, { transaction_id: 'r' });
  stack.publisher.answerStatus(500);
  await send(await newClick('failing'), { transaction_id: 'f' });
  await stack.eventually(async () => {
    const { body } = await stack.admin('GET', `/forwarded-postbacks?publisher_id=${publisherId}&status=failing`);
    expect(body.logs.length).toBeGreaterThan(0);
  });
  stack.publisher.answerStatus(200);
  await stack.eventually(async () => {
    expect(isAllDone(await readAll(client, names), Date.now())).toBe(true);
  });
}

const tables = () => ({ postbacks: names.postbacks, conversions: names.conversions, ledger: names.ledger, deliveries: names.deliveries });

/** The records in a fixed order, with the part of the log that the reconciler reads. */
function sorted({ log, conversions, accounts, deliveries }: Records) {
  const by = <T>(items: readonly T[], name: (item: T) => string) => items.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
  return {
    log: by(
      log.map(({ log_id, result, conversion_id, received_at }) => ({ log_id, result, conversion_id, received_at })),
      ({ log_id }) => log_id,
    ),
    // A conversion that is only held changes nothing, and no accepted postback leads to it.
    conversions: by(
      conversions.filter((conversion) => stepsOf(conversion).length > 0),
      ({ conversion_id }) => conversion_id,
    ),
    // A user with a conversion but without entries has an empty chain, or none.
    accounts: by(
      accounts.filter(({ entries }) => entries.length > 0),
      ({ account }) => accountKey(account),
    ),
    deliveries: by(deliveries, ({ row }) => row.delivery_id),
  };
}

describe('what the reconciler reads by key', () => {
  test('is what the tables contain', async () => {
    expect(sorted(await createRecordsReader(client, tables()).read({}))).toEqual(sorted(await readAll(client, names)));
  });

  test('is the same, read in stretches of time', async () => {
    const reader = createRecordsReader(client, tables());
    const whole = await reader.read({});
    const stretches: Records[] = [];
    for (let from = started - 1_000; from < Date.now(); from += 700) stretches.push(await reader.read({ from, to: from + 699 }));
    const ids = (records: readonly Records[]) => [...new Set(records.flatMap(({ log }) => log.map(({ log_id }) => log_id)))].toSorted();
    expect(ids(stretches)).toEqual(ids([whole]));
    expect(new Set(stretches.flatMap(({ conversions }) => conversions.map(({ conversion_id }) => conversion_id))).size).toBe(
      whole.conversions.length,
    );
    expect(new Set(stretches.flatMap(({ deliveries }) => deliveries.map(({ row }) => row.delivery_id))).size).toBe(whole.deliveries.length);
  });

  test('is the newest part of a long chain, when only so much is wanted', async () => {
    const { accounts } = await createRecordsReader(client, tables(), { mostEntries: 10 }).read({});
    const busy = accounts.find(({ account }) => account.user === 'busy');
    expect(busy).toMatchObject({ cut: true });
    expect(busy?.entries.map(({ entry }) => entry)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(accounts.find(({ account }) => account.user === 'reversed')).toMatchObject({ cut: false });
  });
});

describe('the sweeper, a quarter of an hour later', () => {
  /** What the sweeper reported about each minute in which something was received. */
  async function reconciled(): Promise<{ postbacks: number; gaps: number; kinds: string[]; metric: number }> {
    const before = stack.system.log('sweeper').length;
    for (let minute = started; minute < Date.now() + minuteMs; minute += minuteMs) {
      await stack.system.invoke('sweeper', { time: new Date(minute + lagMs).toISOString() });
    }
    const said = stack.system
      .log('sweeper')
      .slice(before)
      .filter((line) => line.includes('"message":"reconciled"'))
      .map((line) => JSON.parse(line) as { postbacks: number; gaps: number; kinds?: string; shards: number; ReconciliationGaps: number });
    for (const { shards } of said) expect(shards).toBe(32);
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
    return {
      postbacks: sum(said.map(({ postbacks }) => postbacks)),
      gaps: sum(said.map(({ gaps }) => gaps)),
      kinds: said.flatMap(({ kinds }) => kinds ?? []),
      metric: sum(said.map(({ ReconciliationGaps }) => ReconciliationGaps)),
    };
  }

  test('has compared everything and found nothing', async () => {
    const { log } = await readAll(client, names);
    expect(await reconciled()).toEqual({ postbacks: log.length, gaps: 0, kinds: [], metric: 0 });
  });

  test('notices an entry that somebody has changed, and names no user in its log', async () => {
    const account = accountKey({ publisher: campaign.publisherId as never, user: 'busy' });
    const set = (points: string) =>
      client.send(
        new UpdateCommand({
          TableName: names.ledger,
          Key: { account, entry: 7 },
          UpdateExpression: 'SET points = :points',
          ExpressionAttributeValues: { ':points': Number(points) },
        }),
      );
    await set('40');
    const { gaps, kinds, metric } = await reconciled();
    await set('4');
    expect(gaps).toBeGreaterThan(0);
    expect(metric).toBe(gaps);
    expect(kinds.join()).toContain('ledger_broken');
    expect(stack.system.log('sweeper').join('\n')).not.toContain('busy');
    expect(await reconciled()).toMatchObject({ gaps: 0 });
  });
});
