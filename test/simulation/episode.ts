import { PutCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { clickId, createClickStore } from '../../functions/adapters/dynamo/click-store.ts';
import { eraseUser } from '../../functions/adapters/dynamo/erase-user.ts';
import { toItem } from '../../functions/adapters/dynamo/item.ts';
import { hashSecret } from '../../functions/adapters/hashing.ts';
import { plainPartner } from '../../functions/admin/settings/partner.ts';
import { reconcile } from '../../functions/domain/reconcile.ts';
import type { Offer, Partner, Placement, Publisher } from '../../functions/domain/settings.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import { offerId, partnerId, placementId, publisherId } from '../../functions/runtime/ids.ts';
import type { Deployment } from '../../lib/local/deployment.ts';
import { worldOf } from '../laws/click-world.ts';
import { type Story, type Telling, tell } from '../laws/oracle.ts';
import { putSetting } from '../support/faults/campaign.ts';
import { isAllDone, readAll } from '../support/faults/oracle.ts';
import { createRandom } from '../support/faults/random.ts';
import type { FaultCounts } from './faults.ts';
import { VirtualTime } from './virtual-time.ts';
import { Violation, Watch } from './watch.ts';
import {
  type Action,
  capLimit,
  loadMs,
  type OfferKind,
  type Plan,
  type PlannedClick,
  partners,
  publishers,
  start,
  termsOf,
} from './workload.ts';
import { World } from './world.ts';

const minute = 60_000;
/** How a partner sends what was not answered with a success. */
const triesAfter = [0, 2_000, 30_000, 120_000, 600_000];
const longestDelivery = 40 * 60 * minute;

export interface Report {
  readonly conversions: number;
  readonly acknowledged: number;
  readonly commits: number;
  readonly told: number;
  readonly dead: number;
  /** Clicks whose end the oracle was asked about; and of these, where the product and the oracle are known to differ without any fault. */
  readonly asked: number;
  readonly undecided: number;
  readonly faults: FaultCounts;
}

/**
 * Plays an episode, and looks at every step of it.
 *
 * @throws Violation of what must always hold, or where the product has thrown what nobody expects.
 */
export async function playEpisode(plan: Plan, deployment: Deployment, trace: (line: string) => void = () => undefined): Promise<Report> {
  const time = new VirtualTime(start);
  time.install(createRandom('anything', plan.seed));
  const watch = new Watch(() => time.now, plan.mostSkewMs);
  try {
    return await play(plan, deployment, { time, watch, trace });
  } catch (error) {
    const violation = error instanceof Violation ? error : new Violation(error instanceof Error ? error.stack : String(error));
    violation.conversions = watch.conversions;
    throw violation;
  }
}

interface Stage {
  readonly time: VirtualTime;
  readonly watch: Watch;
  readonly trace: (line: string) => void;
}

async function play(plan: Plan, deployment: Deployment, { time, watch, trace }: Stage): Promise<Report> {
  const told = (line: string): void => trace(`${new Date(time.now).toISOString().slice(11, 23)} ${line}`);
  time.afterEach = () => {
    if (watch.violation !== undefined) throw watch.violation;
  };
  const world = new World({
    seed: plan.seed,
    deployment,
    time,
    faultRate: 0,
    mostSkewMs: plan.mostSkewMs,
    mood: (publisher, at) => (isCalm ? 'takes' : plan.mood(Number(publisher.slice('pub-'.length)), at)),
    onCommit: (changes) => watch.committed(changes, world.names),
    onMessage: watch.onMessage,
    onTold: (heard) => watch.heard(heard, world),
    trace: told,
  });
  let isCalm = false;
  const episode = new Episode(plan, world, watch, time, told);
  await time.runWhile(episode.setUp());
  world.faults.rate = plan.faultRate;
  for (const action of plan.actions) time.at(action.at, () => void episode.act(action));
  for (let at = start + minute; at <= start + loadMs; at += minute) {
    time.at(at, () => void world.sweep());
    time.at(at + 30_000, () => watch.reachable(world));
  }
  await time.runUntil(start + loadMs);

  // Nothing goes wrong from here on: everything must come to its end by itself.
  isCalm = true;
  world.faults.rate = 0;
  world.crash();
  told('calm');
  for (let publisher = 1; publisher <= publishers; publisher += 1)
    await time.runWhile(world.admin('POST', `/publishers/pub-${publisher}/resume`));
  for (let passed = 0; passed < longestDelivery; ) {
    const step = passed < 10 * minute ? minute : passed < 180 * minute ? 10 * minute : 60 * minute;
    passed += step;
    await time.runUntil(time.now + step - 1);
    await time.runWhile(world.sweep());
    watch.reachable(world);
    if (passed >= 30 * minute && episode.isOver()) break;
  }
  if (watch.violation !== undefined) throw watch.violation;
  return time.runWhile(episode.judge());
}

class Episode {
  private readonly keys = new Map<number, string>();
  private readonly plan: Plan;
  private readonly world: World;
  private readonly watch: Watch;
  private readonly time: VirtualTime;
  private readonly told: (line: string) => void;
  private readonly tellings: ReadonlyMap<number, Extract<Action, { kind: 'postback' }>>;
  private readonly clicks: ReadonlyMap<string, PlannedClick>;
  private acknowledged = 0;

  constructor(plan: Plan, world: World, watch: Watch, time: VirtualTime, told: (line: string) => void) {
    this.plan = plan;
    this.world = world;
    this.watch = watch;
    this.time = time;
    this.told = told;
    const postbacks = plan.actions.flatMap((action) => (action.kind === 'postback' ? [action] : []));
    this.tellings = new Map(postbacks.map((action) => [action.number, action]));
    this.clicks = new Map(postbacks.map(({ click }) => [click.name, click]));
  }

  async setUp(): Promise<void> {
    const { world } = this;
    for (let number = 1; number <= partners; number += 1) {
      const partner: Partner = {
        ...plainPartner(partnerId.parse(`par-${number}`), `Partner ${number}`),
        fallback_matching: 'off',
        ip_policy: 'off',
        currency: 'USD',
      };
      await putSetting(world, 'partner', partner.partner_id, partner);
      const key = keyOf(number);
      this.keys.set(number, key);
      await world.client.send(
        new PutCommand({
          TableName: world.names.keys,
          Item: toItem({
            key_hash: hashSecret(key),
            key_id: `key-${number}`,
            partner_id: partner.partner_id,
            label: 'first',
            prefix: key.slice(0, 4),
            status: 'active',
            created_at: new Date(0).toISOString(),
          }),
        }),
      );
      for (const kind of ['once', 'many', 'hold', 'cap'] as const) {
        const offer: Offer = {
          offer_id: offerId.parse(`off-${kind}-${number}`),
          partner_id: partner.partner_id,
          name: kind,
          target_url: 'https://example.com/',
          ...(termsOf[kind].kind === 'percent'
            ? { revenue_share_percent: new Big(termsOf[kind].rate) }
            : { payout: new Big(termsOf[kind].rate) }),
          conversion_window_days: 30,
          repeat: repeatOf(kind),
          ...(kind === 'hold' && { hold_hours: new Big('0.15') }),
          ...(kind === 'cap' && { caps: [{ per: 'total', of: 'conversions', limit: new Big(capLimit) }] }),
          goals: [],
          status: 'active',
        };
        await putSetting(world, 'offer', offer.offer_id, offer);
      }
    }
    for (let number = 1; number <= publishers; number += 1) {
      const id = `pub-${number}`;
      const publisher: Publisher = {
        publisher_id: publisherId.parse(id),
        name: id,
        postback_url: `https://${id}.example/told?c={conversion_id}&s={sequence}&d={delivery_id}&st={status}&p={points}`,
        postback_method: 'GET',
        postbacks: [],
        forward_statuses: ['pending', 'approved', 'rejected', 'reversed'],
        payout_overrides: {},
        secrets: [await world.vault.seal(`whsec_${Buffer.from('a secret of a publisher!').toString('base64')}`, id)],
      };
      const placement: Placement = {
        placement_id: placementId.parse(`pla-${number}`),
        publisher_id: publisher.publisher_id,
        name: 'wall',
        exchange_rate: new Big(1),
      };
      await putSetting(world, 'publisher', id, publisher);
      await putSetting(world, 'placement', placement.placement_id, placement);
    }
    const store = createClickStore(world.client, world.names.clicks);
    for (const { name, at, offer, partner, publisher, user } of this.clicks.values()) {
      await store.put({
        click_id: clickId.parse(name),
        offer_id: offerId.parse(`off-${offer}-${partner}`),
        partner_id: partnerId.parse(`par-${partner}`),
        publisher_id: publisherId.parse(`pub-${publisher}`),
        placement_id: placementId.parse(`pla-${publisher}`),
        user_id: user,
        sub_ids: {},
        clicked_at: new Date(at - 1_000).toISOString(),
      });
    }
  }

  async act(action: Action): Promise<void> {
    try {
      await this.done(action);
    } catch (error) {
      this.watch.fault(`${action.kind} threw ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  private async done(action: Action): Promise<void> {
    const { world, told } = this;
    switch (action.kind) {
      case 'postback':
        return this.send(action);
      case 'crash':
        told('everything dies');
        return world.crash();
      case 'by hand': {
        const row = world.store.partition(world.names.conversions, action.click.name).find((one) => one['conversion_id'] !== undefined);
        if (row === undefined) return undefined;
        this.watch.byHand.add(String(row['conversion_id']));
        const answer = await world.admin('POST', `/conversions/${encodeURIComponent(String(row['conversion_id']))}/status`, {
          status: action.status,
          reason: 'by hand',
        });
        return this.answered(`by hand: ${row['conversion_id']} ${action.status}`, answer);
      }
      case 'reprocess':
        return this.answered(
          'reprocess',
          await world.admin('POST', '/received-postbacks/reprocess', { partner_id: `par-${action.partner}`, result: 'held' }),
        );
      case 'rotate key':
        return this.rotateKey(action.partner);
      case 'pause':
      case 'resume':
        return this.answered(action.kind, await world.admin('POST', `/publishers/pub-${action.publisher}/${action.kind}`));
      case 'rotate secret':
        return this.answered(action.kind, await world.admin('POST', `/publishers/pub-${action.publisher}/rotate-secret`));
      case 'erase': {
        const account = { publisher: publisherId.parse(`pub-${action.click.publisher}`), user: action.click.user };
        const done = await eraseUser(world.client, world.names, account, `erased-${action.number}`).catch((error: unknown) => error);
        return told(`erase ${account.publisher} ${account.user}: ${done instanceof Error ? done.message : 'done'}`);
      }
      default:
        return action satisfies never;
    }
  }

  /** The partner has it a few seconds later; a key whose answer did not come is of no use to anybody. */
  private async rotateKey(partner: number): Promise<void> {
    const body = { partner_id: `par-${partner}`, label: 'second', grace_seconds: 1_200 };
    this.keys.set(partner, keyOf(partner));
    const answer = await this.world.admin('POST', '/postback-receiver/generate-key', body);
    this.answered('rotate key', answer);
    const key = answer === 'nothing' ? undefined : (answer.body as { unique_key?: string }).unique_key;
    await this.time.sleep(5_000);
    if (key !== undefined) this.keys.set(partner, key);
  }

  private answered(what: string, answer: { readonly status: number; readonly body: unknown } | 'nothing'): void {
    this.told(`${what}: ${answer === 'nothing' ? answer : answer.status}`);
    if (answer === 'nothing' || answer.status < 400 || answer.status === 503) return;
    if (answer.status === 500 && this.world.faults.rate > 0) return;
    if (![404, 409].includes(answer.status)) this.watch.fault(`${what} is answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** A partner sends until it is answered with a success. */
  private async send(action: Extract<Action, { kind: 'postback' }>): Promise<void> {
    const { click, telling, number } = action;
    const query = queryOf(click.name, telling, number);
    for (const [tried, after] of triesAfter.entries()) {
      await this.time.sleep(after);
      const reply = await this.world.receive(this.keys.get(click.partner) ?? '', query);
      this.told(
        `postback ${number}, try ${tried + 1}: ${query}: ${reply === 'nothing' ? reply : `${reply.result} ${reply.code ?? ''} ${reply.logId}`}`,
      );
      if (reply === 'nothing' || (reply.result === 'error' && reply.code === 'unavailable')) continue;
      if (reply.result === 'error') return this.watch.fault(`postback ${number} is answered ${reply.code}`);
      this.acknowledged += 1;
      this.watch.acknowledged.add(reply.logId);
      const stored = this.world.store.row(this.world.names.postbacks, { shard: shardOf(reply.logId), log_id: reply.logId });
      if (stored?.['result'] !== reply.result)
        this.watch.fault(`postback ${number} was answered ${reply.result}, and its log entry says ${stored?.['result']}`);
      return undefined;
    }
  }

  /** Whether everything is settled, nothing waits for its time, and nothing is on its way to any publisher. */
  isOver(): boolean {
    const { store, names } = this.world;
    return (
      this.watch.isAllSettled() && store.rows(names.deliveries).every(({ shard, status }) => shard === 'once' || isEnded(String(status)))
    );
  }

  async judge(): Promise<Report> {
    const { world, watch, time, plan } = this;
    const records = await readAll(world.client, world.names);
    const gaps = reconcile(records, { now: time.now, graceMs: 0, whole: true });
    if (gaps.length > 0) throw new Violation(`${gaps.length} gaps: ${JSON.stringify(gaps.slice(0, 3))}`);
    if (!isAllDone(records, time.now)) throw new Violation('not everything is settled and attempted');
    const waiting = records.deliveries.filter(({ row }) => !isEnded(row.status));
    if (waiting.length > 0)
      throw new Violation(`${waiting.length} deliveries are not over: ${JSON.stringify(waiting[0]?.row).slice(0, 500)}`);
    const said = new Set(records.conversions.flatMap(({ statements }) => statements.map(({ log_id }) => log_id)));
    const accepted = new Map(records.log.map(({ log_id, result }) => [log_id, result]));
    for (const id of watch.acknowledged)
      if (accepted.get(id) === 'accepted' && !said.has(id)) throw new Violation(`the acknowledged ${id} is in no conversion`);
    const undecided = await this.askOracle(records.conversions);
    return {
      conversions: watch.conversions,
      acknowledged: this.acknowledged,
      commits: watch.commits,
      told: watch.told,
      dead: records.deliveries.filter(({ row }) => row.status === 'dead').length,
      ...undecided,
      faults: this.plan === plan ? world.faults.counts : new Map(),
    };
  }

  /** What each click has earned is what the oracle says of its postbacks in the order in which they were committed. */
  private async askOracle(conversions: Awaited<ReturnType<typeof readAll>>['conversions']): Promise<{ asked: number; undecided: number }> {
    let [asked, undecided] = [0, 0];
    const rowsOf = Map.groupBy(conversions, ({ click_id }): string => click_id);
    for (const [name, recorded] of this.watch.byClick) {
      const click = this.clicks.get(name);
      if (click === undefined || !click.checked) continue;
      const tellings = recorded.flatMap(({ action }) => this.tellings.get(action)?.telling ?? []);
      const story: Story = {
        repeat: repeatOf(click.offer),
        terms: { ...termsOf[click.offer], exchangeRate: '1' },
        defaultCurrency: 'USD',
        tellings,
      };
      const outcomes = tell(story);
      asked += 1;
      const expected = worthOf(
        (outcomes.at(-1)?.conversions ?? []).map(({ left, points, transaction }) => ({ left, points, transaction })),
      );
      const actual = worthOf(
        (rowsOf.get(name) ?? []).map(({ credited, transaction_id }) => ({
          left: credited.upward.toFixed(),
          points: credited.points.toFixed(),
          transaction: transaction_id,
        })),
      );
      if (expected === actual) continue;
      if ((await aloneOf(story)) === actual) {
        undecided += 1;
        continue;
      }
      throw new Violation(
        `${name} is worth [${actual}], and should be [${expected}]: ${JSON.stringify(recorded)} ${JSON.stringify(tellings)}`,
      );
    }
    return { asked, undecided };
  }
}

/** The one that a partner began with, which is never rotated. */
function keyOf(partner: number): string {
  return `key-of-partner-${partner}`.padEnd(32, 'x');
}

function isEnded(status: string): boolean {
  return ['delivered', 'dead', 'no_url'].includes(status);
}

function repeatOf(kind: OfferKind): Story['repeat'] {
  return kind === 'many' ? 'per_transaction' : 'once';
}

function worthOf(ones: readonly { readonly left: string; readonly points: string; readonly transaction: string | undefined }[]): string {
  return ones
    .filter(({ left, points }) => !new Big(left).eq(0) || !new Big(points).eq(0))
    .map(({ left, points, transaction }) => `${transaction ?? ''} ${new Big(left).toFixed()} ${new Big(points).toFixed()}`)
    .sort()
    .join(', ');
}

/** What the product makes of a story that is told one after another, without faults: where it differs from the oracle, that is the laws' to say. */
async function aloneOf(story: Story): Promise<string> {
  const world = worldOf(story);
  for (const [index, telling] of story.tellings.entries()) await world.receive(telling, `LOG${index}`);
  await world.settle();
  return worthOf(
    world.conversions().map(({ credited, transaction_id }) => ({
      left: credited.upward.toFixed(),
      points: credited.points.toFixed(),
      transaction: transaction_id,
    })),
  );
}

function queryOf(click: string, { status, transaction, original, amount, currency, reason }: Telling, number: number): string {
  const sent = {
    click_id: click,
    status,
    transaction_id: transaction,
    original_transaction_id: original,
    payout: amount,
    currency,
    reason,
    n: String(number),
  };
  return new URLSearchParams(Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}
