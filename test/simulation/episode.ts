import { createHash } from 'node:crypto';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { clickId, createClickStore } from '../../functions/adapters/dynamo/click-store.ts';
import { eraseUser, longestInvocationMs } from '../../functions/adapters/dynamo/erase-user.ts';
import { toItem } from '../../functions/adapters/dynamo/item.ts';
import { accountKey } from '../../functions/adapters/dynamo/ledger-row.ts';
import { hashSecret } from '../../functions/adapters/hashing.ts';
import { plainPartner } from '../../functions/admin/settings/partner.ts';
import type { Click } from '../../functions/domain/click.ts';
import { isPostbackId } from '../../functions/domain/conversion-id.ts';
import type { Account } from '../../functions/domain/ledger.ts';
import { type Records, reconcile } from '../../functions/domain/reconcile.ts';
import type { Offer, Partner, Placement, Publisher } from '../../functions/domain/settings.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import { offerId, partnerId, placementId, publisherId } from '../../functions/runtime/ids.ts';
import type { Deployment } from '../../lib/local/deployment.ts';
import { type Story, tell } from '../laws/oracle.ts';
import { putSetting } from '../support/faults/campaign.ts';
import { isAllDone, readAll } from '../support/faults/oracle.ts';
import { createRandom } from '../support/faults/random.ts';
import { namesOf } from '../support/faults/tables.ts';
import { Desk } from './desk.ts';
import type { Item } from './dynamo/values.ts';
import type { FaultCounts } from './faults.ts';
import { holdMs, loadMs, minute, start } from './times.ts';
import { VirtualTime } from './virtual-time.ts';
import { type Recorded, Violation, Watch } from './watch.ts';
import {
  type Action,
  capLimit,
  type OfferKind,
  type PartnerKind,
  type Plan,
  type PlannedClick,
  partnerKinds,
  publishers,
  termsOf,
} from './workload.ts';
import { type AdminAnswer, type Work, World } from './world.ts';

/** Milliseconds that a partner waits before each try, until it is answered with a success. */
const triesAfter = [0, 2_000, 30_000, 120_000, 600_000];
const longestDelivery = 40 * 60 * minute;
/**
 * Of two postbacks that come within this time, either may count as the first, because a function may take ten seconds and clocks differ.
 */
const atOnceMs = 15_000;
const webhookSecret = `whsec_${Buffer.from('a secret of a publisher!').toString('base64')}`;
const signingSecret = 'the secret of a partner';

export interface Report {
  readonly conversions: number;
  readonly acknowledged: number;
  readonly commits: number;
  readonly told: number;
  readonly dead: number;
  /** The number of clicks about whose final state the oracle was asked. */
  readonly asked: number;
  readonly faults: FaultCounts;
  readonly work: ReadonlyMap<string, Work>;
}

/**
 * Plays an episode, and checks every step of it.
 *
 * @throws Violation when something that must always hold does not, or when the product throws an unexpected error.
 */
export async function playEpisode(plan: Plan, deployment: Deployment, trace?: (line: string) => void): Promise<Report> {
  const time = new VirtualTime(start);
  time.install(createRandom('anything', plan.seed));
  const stage: { world?: World } = {};
  const watch = new Watch(
    () => time.now,
    plan.mostSkewMs,
    namesOf(deployment.tables()),
    () => {
      if (stage.world === undefined) throw new Error('nothing is stored yet');
      return stage.world.store;
    },
  );
  try {
    return await play(plan, deployment, { time, watch, trace, made: (world) => Object.assign(stage, { world }) });
  } catch (error) {
    const violation = error instanceof Violation ? error : new Violation(error instanceof Error ? error.stack : String(error));
    violation.conversions = watch.conversions;
    throw violation;
  }
}

interface Stage {
  readonly time: VirtualTime;
  readonly watch: Watch;
  readonly trace: ((line: string) => void) | undefined;
  readonly made: (world: World) => void;
}

async function play(plan: Plan, deployment: Deployment, { time, watch, trace, made }: Stage): Promise<Report> {
  const told = (line: string): void => trace?.(`${new Date(time.now).toISOString().slice(11, 23)} ${line}`);
  time.afterEach = () => {
    if (watch.violation !== undefined) throw watch.violation;
  };
  const world = new World({
    seed: plan.seed,
    deployment,
    time,
    onlyConflicts: plan.onlyConflicts,
    mostSkewMs: plan.mostSkewMs,
    mood: (publisher, at) => (isCalm ? 'takes' : plan.mood(Number(publisher.slice('pub-'.length)), at)),
    onCommit: (changes) => watch.committed(changes, world.names),
    onMessage: watch.onMessage,
    onTold: (heard) => watch.heard(heard, world),
    onLack: ({ message }) => watch.fault(message),
    trace: told,
  });
  made(world);
  let isCalm = false;
  const episode = new Episode(plan, world, watch, time, told);
  await time.runWhile(episode.setUp());
  world.faults.rate = plan.faultRate;
  for (const action of plan.actions) time.at(action.at, () => void episode.act(action));
  const overlaps = createRandom('sweepers', plan.seed);
  for (let at = start + minute; at <= start + loadMs; at += minute) {
    time.at(at, () => void world.sweep());
    // A run that takes long is still under way when the next one begins.
    if (overlaps.next() < 0.25) time.at(at + overlaps.whole(0, 500), () => void world.sweep());
  }
  await time.runUntil(start + loadMs);

  // Nothing goes wrong from here on, so everything must be completed without further help.
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
  private readonly desk: Desk;
  private readonly erased: Account[] = [];
  private acknowledged = 0;
  private activating = false;

  constructor(plan: Plan, world: World, watch: Watch, time: VirtualTime, told: (line: string) => void) {
    this.plan = plan;
    this.world = world;
    this.watch = watch;
    this.time = time;
    this.told = told;
    const postbacks = plan.actions.flatMap((action) => (action.kind === 'postback' ? [action] : []));
    this.tellings = new Map(postbacks.map((action) => [action.sent, action]));
    this.clicks = new Map(postbacks.map(({ click }) => [click.name, click]));
    const answered = this.answered.bind(this);
    this.desk = new Desk({ world, watch, time, clicks: this.clicks, answered });
  }

  async setUp(): Promise<void> {
    const { world } = this;
    for (const [number, kind] of partnerKinds) {
      const partner = await this.partnerOf(number, kind);
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
    }
    // The people at the desk create clicks on the first one.
    const offers = new Map<string, Pick<PlannedClick, 'offer' | 'partner'>>([['off-once-1', { offer: 'once', partner: 1 }]]);
    for (const click of this.clicks.values()) offers.set(click.offerId, click);
    for (const [id, { offer, partner }] of offers) await putSetting(world, 'offer', id, offerOf(id, offer, partner));
    await putSetting(world, 'alert', 'ops', {
      alert_id: 'ops',
      name: 'ops',
      url: 'https://ops.example/alert',
      events: ['cap.reached', 'endpoint.failing', 'endpoint.paused', 'delivery.dead'],
      console_url: 'https://postbacks.example/admin',
      secrets: [await world.vault.seal(webhookSecret, 'ops')],
    });
    for (let number = 1; number <= publishers; number += 1) {
      const id = `pub-${number}`;
      const url = `https://${id}.example/told?c={conversion_id}&s={sequence}&d={delivery_id}&st={status}&p={points}`;
      const publisher: Publisher = {
        publisher_id: publisherId.parse(id),
        name: id,
        postback_url: url,
        postback_method: 'GET',
        // The last one accepts only a few requests a second.
        postbacks:
          number === publishers
            ? [{ postback_id: 'slow', url, method: 'GET', content_type: 'json', rate_per_second: 5, status: 'active' }]
            : [],
        forward_statuses: ['pending', 'approved', 'rejected', 'reversed'],
        payout_overrides: {},
        secrets: [await world.vault.seal(webhookSecret, id)],
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
    for (const click of this.clicks.values()) await store.put(this.clickOf(click));
  }

  private clickOf({ name, at, offerId: offer, partner, publisher, user }: PlannedClick): Click {
    return {
      click_id: clickId.parse(name),
      offer_id: offerId.parse(offer),
      partner_id: partnerId.parse(`par-${partner}`),
      publisher_id: publisherId.parse(`pub-${publisher}`),
      placement_id: placementId.parse(`pla-${publisher}`),
      user_id: user,
      sub_ids: {},
      clicked_at: new Date(at - 1_000).toISOString(),
    };
  }

  private async partnerOf(number: number, kind: PartnerKind): Promise<Partner> {
    const id = partnerId.parse(`par-${number}`);
    return {
      ...plainPartner(id, `Partner ${number}`),
      fallback_matching: kind === 'latest' || kind === 'unique' ? kind : 'off',
      ip_policy: 'off',
      currency: 'USD',
      ...(kind === 'transactions' && { match_by_transaction: true }),
      ...(kind === 'late' && { status: 'inactive' }),
      ...(kind === 'own ids' && { network_settings: { reversal: { own_id: true, rejected_is_chargeback: true } } }),
      ...(kind === 'signed' && {
        network_settings: {
          names: Object.fromEntries(['click_id', 'transaction_id', 'payout', 'status'].map((name) => [name, [name]])),
          signing: { in: 'query:sig', algorithm: 'sha256', message: '{transaction_id}{secret}' },
        },
        signing_secrets: [await this.world.vault.seal(signingSecret, id)],
      }),
    };
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
      case 'reprocess': {
        const { partner, result, times } = action;
        const again = () => world.admin('POST', '/received-postbacks/reprocess', { partner_id: `par-${partner}`, result });
        for (const answer of await Promise.all(Array.from({ length: times }, again))) this.answered('reprocess', answer);
        return undefined;
      }
      case 'outage':
        if (!this.plan.onlyConflicts) world.outage(action.of, action.ms);
        return undefined;
      case 'activate':
        return this.activate(action.partner);
      case 'sweep':
        return world.sweep();
      case 'rotate key':
        return this.rotateKey(action.partner);
      case 'pause':
      case 'resume':
        return this.answered(action.kind, await world.admin('POST', `/publishers/pub-${action.publisher}/${action.kind}`));
      case 'rotate secret':
        return this.answered(action.kind, await world.admin('POST', `/publishers/pub-${action.publisher}/rotate-secret`));
      case 'erase':
        return this.erase(action);
      case 'settings':
      case 'keys':
      case 'a key goes':
      case 'a token goes':
      case 'clicks':
      case 'the same request':
      case 'resend':
      case 'held twice':
        told(action.kind);
        return this.desk.work(action, this.plan.seed);
      default:
        return action satisfies never;
    }
  }

  /** Whether nothing goes wrong that one more try does not correct. */
  private get isQuiet(): boolean {
    return this.plan.faultRate === 0 || this.plan.onlyConflicts;
  }

  private async activate(partner: number): Promise<void> {
    this.activating = true;
    for (;;) {
      const answer = await this.world.admin('PATCH', `/partners/par-${partner}`, { status: 'active' });
      this.answered('activate', answer);
      if (answer !== 'nothing' && answer.status === 200) return;
    }
  }

  /**
   * Two operators who do not know of each other erase the same user, while conversions are settled, people decide and old clicks are deleted.
   */
  private async erase({ click, number }: Extract<Action, { kind: 'erase' }>): Promise<void> {
    const { world, time, plan } = this;
    const random = createRandom(`erase ${number}`, plan.seed);
    const account = { publisher: publisherId.parse(`pub-${click.publisher}`), user: click.user };
    const old = [1, 2, 3].map((index) => `CLK-OLD-${number}-${index}`);
    const store = createClickStore(world.client, world.names.clicks);
    for (const id of old) await store.put({ ...this.clickOf(click), click_id: clickId.parse(id) });
    const own = [...this.clicks.values()].filter(({ publisher, user }) => publisher === click.publisher && user === click.user);
    const decide = async (about: PlannedClick): Promise<void> => {
      await time.sleep(random.whole(0, 100));
      await this.act({ kind: 'by hand', at: time.now, number, click: about, status: random.pick(['approved', 'rejected']) });
    };
    const pause = async (): Promise<void> => {
      await time.sleep(longestInvocationMs);
      // What is decided now is settled while the operator looks again and moves the points.
      for (const about of own) if (random.next() < 0.3) void decide(about);
    };
    const erase = async (operator: string, after: number): Promise<void> => {
      await time.sleep(after);
      const proposed = `erased-${number}-${operator}`;
      const done = await eraseUser(world.operator, world.names, account, proposed, pause).catch((error: unknown) => {
        if (error instanceof Error && error.message.endsWith('run it again')) return error.message;
        throw error;
      });
      world.noteWork('erase a user', typeof done !== 'string');
      if (typeof done !== 'string') this.erased.push(account);
      this.told(`erase ${account.publisher} ${account.user}: ${typeof done === 'string' ? done : JSON.stringify(done)}`);
    };
    const go = async (id: string): Promise<void> => {
      await time.sleep(random.whole(20, 250));
      await world.client.send(new DeleteCommand({ TableName: world.names.clicks, Key: { click_id: id } }));
    };
    await Promise.all([erase('one', 0), erase('other', random.whole(0, 10)), ...old.map(go)]);
  }

  /** The partner gets the new key a few seconds later. If the answer does not arrive, nobody can use the key. */
  private async rotateKey(partner: number): Promise<void> {
    const body = { partner_id: `par-${partner}`, label: 'second', grace_seconds: 1_200 };
    this.keys.set(partner, keyOf(partner));
    const answer = await this.world.admin('POST', '/postback-receiver/generate-key', body);
    this.answered('rotate key', answer);
    const key = answer === 'nothing' ? undefined : (answer.body as { unique_key?: string }).unique_key;
    await this.time.sleep(5_000);
    if (key !== undefined) this.keys.set(partner, key);
  }

  private answered(what: string, answer: AdminAnswer): void {
    this.told(`${what}: ${answer === 'nothing' ? answer : answer.status}`);
    if (answer === 'nothing' || answer.status < 400) return;
    if (answer.status >= 500 && !this.isQuiet) return;
    if (![404, 409].includes(answer.status)) this.watch.fault(`${what} is answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** Sends a postback, as a partner does, until the answer is a success or says that the request is wrong. */
  private async send(action: Extract<Action, { kind: 'postback' }>): Promise<void> {
    const { click, number, named } = action;
    const query = this.queryOf(action);
    // The first two partners are plain ones.
    const sender = named === 'stranger' ? 3 - click.partner : click.partner;
    for (const [tried, after] of triesAfter.entries()) {
      await this.time.sleep(after);
      const reply = await this.world.receive(this.keys.get(sender) ?? '', query);
      this.told(
        `postback ${number}, try ${tried + 1}: ${query}: ${reply === 'nothing' ? reply : `${reply.result} ${reply.code ?? ''} ${reply.logId}`}`,
      );
      if (reply === 'nothing') continue;
      if (reply.result === 'error' && reply.code === 'unavailable') {
        if (this.isQuiet) return this.watch.fault(`postback ${number} is answered unavailable, and nothing goes wrong`);
        continue;
      }
      if (reply.result === 'error' && this.isWrong(action, reply.code ?? '')) return undefined;
      if (reply.result === 'error') return this.watch.fault(`postback ${number} is answered ${reply.code}`);
      if (partnerKinds.get(click.partner) === 'late' && !this.activating)
        return this.watch.fault(`postback ${number} is ${reply.result}, and its partner is inactive`);
      if (named === 'stranger') return this.watch.fault(`postback ${number} is of another partner's click, and is ${reply.result}`);
      this.acknowledged += 1;
      this.watch.acknowledged.add(reply.logId);
      const stored = this.world.store.row(this.world.names.postbacks, { shard: shardOf(reply.logId), log_id: reply.logId });
      // Somebody may have decided about it before its answer arrived. The answer is about its first outcome.
      const [first = stored] = (stored?.['earlier'] ?? []) as readonly Item[];
      if (first?.['result'] !== reply.result)
        this.watch.fault(`postback ${number} was answered ${reply.result}, and its log entry says ${first?.['result']}`);
      return undefined;
    }
  }

  /** Whether it is right to give the partner this error. */
  private isWrong({ named, click }: Extract<Action, { kind: 'postback' }>, code: string): boolean {
    if (named === 'stranger') return code === 'click_not_found';
    if (named === 'offer') return code === 'missing_click_id';
    return partnerKinds.get(click.partner) === 'late' && code === 'partner_inactive';
  }

  private queryOf({ click, telling, sent: number, named }: Extract<Action, { kind: 'postback' }>): string {
    const { status, transaction, original, amount, currency, reason, event } = telling;
    const others = named === 'replayed' ? [...this.clicks.values()].filter(({ partner }) => partner === click.partner) : [];
    const { name } = others[number % others.length] ?? click;
    const sent = {
      ...(named === 'offer' ? { offer_id: click.offerId } : named === 'transaction' ? {} : { click_id: name }),
      status,
      transaction_id: transaction,
      original_transaction_id: original,
      payout: amount,
      currency,
      reason,
      event,
      n: String(number),
      ...((named === 'signed' || named === 'replayed') && {
        sig: createHash('sha256').update(`${transaction}${signingSecret}`).digest('hex'),
      }),
    };
    return new URLSearchParams(Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
  }

  /** Whether everything is settled, nothing waits for its time, and no delivery is on its way to a publisher. */
  isOver(): boolean {
    const { store, names } = this.world;
    return (
      this.watch.isAllSettled() && store.rows(names.deliveries).every(({ shard, status }) => shard === 'once' || isEnded(String(status)))
    );
  }

  async judge(): Promise<Report> {
    const { world, watch, time } = this;
    const records = await readAll(world.client, world.names);
    const gaps = reconcile(records, { now: time.now, graceMs: 0, whole: true });
    if (gaps.length > 0) throw new Violation(`${gaps.length} gaps: ${JSON.stringify(gaps.slice(0, 3))}`);
    if (!isAllDone(records, time.now)) throw new Violation('not everything is settled and attempted');
    this.askCaps(records.conversions);
    this.askErased();
    const waiting = records.deliveries.filter(({ row }) => !isEnded(row.status));
    if (waiting.length > 0)
      throw new Violation(`${waiting.length} deliveries are not over: ${JSON.stringify(waiting[0]?.row).slice(0, 500)}`);
    const said = new Set(records.conversions.flatMap(({ statements }) => statements.map(({ log_id }) => log_id)));
    const accepted = new Map(records.log.map(({ log_id, result }) => [log_id, result]));
    for (const id of watch.acknowledged)
      if (accepted.get(id) === 'accepted' && !said.has(id)) throw new Violation(`the acknowledged ${id} is in no conversion`);
    return {
      conversions: watch.conversions,
      acknowledged: this.acknowledged,
      commits: watch.commits,
      told: watch.told,
      dead: records.deliveries.filter(({ row }) => row.status === 'dead').length,
      asked: this.askOracle(records.conversions),
      faults: world.faults.counts,
      work: world.work,
    };
  }

  /**
   * Checks that an offer's cap counts exactly the conversions that are paid: those that were taken back must have returned their places.
   */
  private askCaps(conversions: Records['conversions']): void {
    const { store, names } = this.world;
    const capped = Map.groupBy(conversions, ({ offer_id }): string => offer_id);
    for (const [offer, ones] of capped) {
      if (!offer.startsWith('off-cap')) continue;
      const counted = store.partition(names.conversions, `CAP-${offer}`).reduce((sum, { count }) => sum + Number(String(count)), 0);
      const standing = ones.filter(({ credited }) => !credited.upward.eq(0)).length;
      if (counted !== standing) throw new Violation(`the cap of ${offer} counts ${counted}, and ${standing} stand under it`);
    }
  }

  /** Checks that nothing names a person who was erased. Nobody makes a click of this person later. */
  private askErased(): void {
    const { store, names } = this.world;
    const rows = [names.clicks, names.conversions].flatMap((table) => store.rows(table));
    const named = new Set(rows.map(({ publisher_id, user_id }) => `${publisher_id} ${user_id}`));
    for (const account of this.erased) {
      const entries = store.partition(names.ledger, accountKey(account)).length;
      if (named.has(`${account.publisher} ${account.user}`) || entries > 0)
        throw new Violation(`${account.publisher} ${account.user} was erased, and a row has the name`);
    }
  }

  /** What was said about each click that the oracle is asked about, in the order of the commits. */
  private said(): ReadonlyMap<string, Recorded[]> {
    const said = new Map<string, Recorded[]>();
    const paidAt = new Map<string, number>();
    for (const recorded of this.watch.recorded) {
      const action = this.tellings.get(recorded.action);
      if (action === undefined || action.named === 'stranger' || !action.click.checked) continue;
      const { click, telling } = action;
      const transaction = `${click.name} ${telling.transaction}`;
      if (recorded.code === 'unknown_transaction') {
        // It came before its transaction was known, or at the same moment.
        if ((paidAt.get(transaction) ?? recorded.receivedAt) < recorded.receivedAt - atOnceMs)
          throw new Violation(`${recorded.action} takes back ${transaction}, which was paid before it came, and is held as unknown`);
        continue;
      }
      // It repeats a postback that is held because its transaction is unknown.
      if (action.named === 'transaction' && recorded.result === 'duplicate' && isPostbackId(recorded.about)) continue;
      if (telling.status === 'approved' && recorded.result !== 'error')
        paidAt.set(transaction, paidAt.get(transaction) ?? recorded.committedAt);
      said.set(click.name, [...(said.get(click.name) ?? []), recorded]);
    }
    return said;
  }

  /** Checks that each click has earned what the oracle says about its postbacks in the order in which they were committed. */
  private askOracle(conversions: Records['conversions']): number {
    let asked = 0;
    const rowsOf = Map.groupBy(conversions, ({ click_id }): string => click_id);
    for (const [name, recorded] of this.said()) {
      const click = this.clicks.get(name);
      if (click === undefined) continue;
      const storyOf = (order: readonly Recorded[]): Story => ({
        repeat: repeatOf(click.offer),
        terms: { ...termsOf[click.offer], exchangeRate: '1' },
        defaultCurrency: 'USD',
        tellings: order.flatMap(({ action }) => this.tellings.get(action)?.telling ?? []),
      });
      const story = storyOf(recorded);
      const { tellings } = story;
      const expected = expectedOf(story);
      asked += 1;
      const actual = worthOf(
        (rowsOf.get(name) ?? []).map(({ credited, transaction_id, event }) => ({
          left: credited.upward.toFixed(),
          points: credited.points.toFixed(),
          transaction: transaction_id,
          event,
        })),
      );
      if (expected === actual) continue;
      // Of postbacks that came at the same moment, either may count as the first, whichever was written first.
      const isExplained = (ones: readonly Recorded[]): boolean =>
        [...ordersOf(ones, this.plan.mostSkewMs)].some((order) => expectedOf(storyOf(order)) === actual);
      if (isExplained(recorded) || isExplained(withoutRaced(recorded, this.plan.mostSkewMs))) continue;
      throw new Violation(
        `${name} is worth [${actual}], and should be [${expected}]: ${JSON.stringify(recorded)} ${JSON.stringify(tellings)}`,
      );
    }
    return asked;
  }
}

/** The key that a partner has at first; it is never rotated. */
function keyOf(partner: number): string {
  return `key-of-partner-${partner}`.padEnd(32, 'x');
}

function isEnded(status: string): boolean {
  return ['delivered', 'dead', 'no_url'].includes(status);
}

function offerOf(id: string, kind: OfferKind, partner: number): Offer {
  const { kind: of, rate } = termsOf[kind];
  const terms = of === 'percent' ? { revenue_share_percent: new Big(rate) } : { payout: new Big(rate) };
  return {
    offer_id: offerId.parse(id),
    partner_id: partnerId.parse(`par-${partner}`),
    name: kind,
    target_url: 'https://example.com/',
    ...terms,
    conversion_window_days: 30,
    repeat: repeatOf(kind),
    ...(kind === 'hold' && { hold_hours: new Big(holdMs).div(60 * minute) }),
    ...(kind === 'cap' && { caps: [{ per: 'total', of: 'conversions', limit: new Big(capLimit) }] }),
    goals: kind === 'goal' || kind === 'goals' ? [{ event: 'goal', ...terms }] : [],
    status: 'active',
  };
}

function repeatOf(kind: OfferKind): Story['repeat'] {
  return kind === 'many' || kind === 'goals' ? 'per_transaction' : 'once';
}

function expectedOf(story: Story): string {
  return worthOf(tell(story).at(-1)?.conversions ?? []);
}

const mostOrders = 3_000;

/**
 * The orders in which postbacks that took a while to be written can have been said: none comes before one that was already written when it
 * came.
 */
function* ordersOf(recorded: readonly Recorded[], skewMs: number, begun: readonly Recorded[] = []): Generator<readonly Recorded[]> {
  const left = recorded.filter((one) => !begun.includes(one));
  if (left.length === 0) yield begun;
  let given = 0;
  for (const one of left) {
    if (left.some((other) => other !== one && other.committedAt < one.receivedAt - skewMs)) continue;
    for (const order of ordersOf(recorded, skewMs, [...begun, one])) {
      if (given === mostOrders) return;
      given += 1;
      yield order;
    }
  }
}

/**
 * Without the take-backs that were held because several conversions could be meant, while another postback was being written. Holding
 * changes no money, so nothing makes such a take-back wait for the other rows of its click, and no order need explain what it saw of them.
 */
function withoutRaced(recorded: readonly Recorded[], skewMs: number): readonly Recorded[] {
  const isRaced = (one: Recorded): boolean =>
    recorded.some((other) => other !== one && other.committedAt >= one.receivedAt - skewMs && other.receivedAt <= one.committedAt + skewMs);
  return recorded.filter((one) => one.code !== 'several_conversions' || !isRaced(one));
}

interface Worth {
  readonly event: string;
  readonly left: string;
  readonly points: string;
  readonly transaction: string | undefined;
}

function worthOf(ones: readonly Worth[]): string {
  return ones
    .filter(({ left, points }) => !new Big(left).eq(0) || !new Big(points).eq(0))
    .map(({ event, left, points, transaction }) => `${event} ${transaction ?? ''} ${new Big(left).toFixed()} ${new Big(points).toFixed()}`)
    .sort()
    .join(', ');
}
