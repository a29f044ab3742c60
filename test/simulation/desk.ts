import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { hashSecret } from '../../functions/adapters/hashing.ts';
import { createRandom, type Random } from '../support/faults/random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Watch } from './watch.ts';
import type { Action, deskWork, PlannedClick } from './workload.ts';
import type { AdminAnswer, World } from './world.ts';

type Work = Extract<Action, { kind: (typeof deskWork)[number] }>;

interface DeskOptions {
  readonly world: World;
  readonly watch: Watch;
  readonly time: VirtualTime;
  readonly clicks: ReadonlyMap<string, PlannedClick>;
  readonly answered: (what: string, answer: AdminAnswer) => void;
}

/** The partner whose keys people create and rotate while it sends postbacks. */
const partner = 'par-3';
const cacheMs = 61_000;

/**
 * What people do at the console, two of them at the same time. Each method checks the answers that both got; the row laws check the rows at
 * every write.
 */
export class Desk {
  private readonly options: DeskOptions;

  constructor(options: DeskOptions) {
    this.options = options;
  }

  async work({ kind, number }: Work, seed: number): Promise<void> {
    const random = createRandom(`desk ${number}`, seed);
    switch (kind) {
      case 'settings':
        return this.settings(number, random);
      case 'keys':
        return this.keys(number, random);
      case 'a key goes':
        for (let times = 0; times < 3; times += 1) await this.keyGoes(`${number}-${times}`, random);
        return undefined;
      case 'a token goes':
        for (let times = 0; times < 3; times += 1) await this.tokenGoes(random);
        return undefined;
      case 'clicks':
        return this.clicks(number, random);
      case 'the same request':
        return this.sameRequest(number, random);
      case 'resend':
        return this.resend(random);
      case 'held twice':
        return this.heldTwice(random);
      default:
        return kind satisfies never;
    }
  }

  /** Two people create the same setting, both change it, both remove it; it must never be created again. */
  private async settings(number: number, random: Random): Promise<void> {
    const { world, watch } = this.options;
    const id = `par-desk-${number}`;
    const make = (name: string) => world.admin('POST', '/partners', { partner_id: id, partner_name: name });
    const made = await this.together(
      random,
      () => make('One'),
      () => make('Other'),
    );
    this.one('makes a partner', made, 201, 409);
    // Neither may have got through, and then there is nothing to change or to remove.
    if (!made.map(statusOf).some((status) => status === 201 || status === 409)) return;
    const change = (body: object) => world.admin('PATCH', `/partners/${id}`, body);
    const changed = await this.together(
      random,
      () => change({ partner_name: 'Changed' }),
      () => change({ currency: 'EUR' }),
    );
    const shown = await world.admin('GET', `/partners/${id}`);
    const { partner_name, currency } = fieldsOf(shown, 'partner');
    if (changed.every((answer) => statusOf(answer) === 200) && statusOf(shown) === 200 && `${partner_name} ${currency}` !== 'Changed EUR')
      watch.fault(`two change ${id} at once, and it is ${partner_name}, ${currency}`);
    const remove = () => world.admin('DELETE', `/partners/${id}`);
    const removed = await this.together(random, remove, remove);
    this.one('removes a partner', removed, 204, 404);
    const again = await make('Again');
    if (removed.some((answer) => statusOf(answer) === 204) && statusOf(again) === 201)
      watch.fault(`${id} is made again after it was removed`);
  }

  /** Two people create, rotate and revoke a key at once. A revoked key must not work for longer than a minute. */
  private async keys(number: number, random: Random): Promise<void> {
    const { world, watch, time } = this.options;
    const issue = (grace_seconds: number) =>
      world.admin('POST', '/postback-receiver/generate-key', { partner_id: partner, label: `till-${number}`, grace_seconds });
    const issued = await this.together(
      random,
      () => issue(0),
      () => issue(0),
    );
    const rotated = await this.together(
      random,
      () => issue(1_200),
      () => issue(random.pick([0, 1_200])),
    );
    const keys = [...issued, ...rotated].filter((answer) => statusOf(answer) === 201).map((answer) => fieldsOf(answer));
    const chosen = keys.length === 0 ? undefined : random.pick(keys);
    if (chosen === undefined) return;
    const text = String(chosen['unique_key']);
    await world.receive(text, '');
    const revoke = () => world.admin('DELETE', `/partners/${partner}/keys/${chosen['key_id']}`);
    const revoked = await this.together(random, revoke, revoke);
    await time.sleep(cacheMs + 5_000);
    const reply = await world.receive(text, '');
    if (revoked.some((answer) => statusOf(answer) === 204) && reply !== 'nothing' && reply.result === 'test')
      watch.fault(`key ${chosen['key_id']} was revoked over a minute ago, and works`);
  }

  /** The key's row is deleted while the key is used, and while somebody revokes or rotates it. */
  private async keyGoes(name: string, random: Random): Promise<void> {
    const { world } = this.options;
    const issue = () =>
      world.admin('POST', '/postback-receiver/generate-key', { partner_id: partner, label: `gone-${name}`, grace_seconds: 600 });
    const issued = fieldsOf(await issue());
    const text = issued['unique_key'];
    if (typeof text !== 'string') return;
    const use = () => world.receive(text, '');
    const end = random.next() < 0.5 ? issue : () => world.admin('DELETE', `/partners/${partner}/keys/${issued['key_id']}`);
    await Promise.all([
      ...[0, 5, 10, 15].map((after) => this.later(after, use)),
      end(),
      this.later(random.whole(2, 40), () => this.goes(world.names.keys, { key_hash: hashSecret(text) })),
    ]);
  }

  private async tokenGoes(random: Random): Promise<void> {
    const { world } = this.options;
    const { token, token_id } = fieldsOf(await world.admin('POST', '/tokens', { name: 'for a while', role: 'viewer' }), 'token');
    if (typeof token !== 'string') return;
    await Promise.all([
      world.admin('DELETE', `/tokens/${token_id}`),
      this.later(random.whole(2, 25), () => this.goes(world.names.tokens, { token_hash: hashSecret(token) })),
    ]);
  }

  /** More clicks than a user may have within an hour, one after another and at once. */
  private async clicks(number: number, random: Random): Promise<void> {
    const click = () => this.options.world.admin('POST', '/clicks', this.newClick(`often-${number}`));
    for (let times = 0; times < 8; times += 1) await click();
    await this.together(random, click, click);
  }

  private async sameRequest(number: number, random: Random): Promise<void> {
    const { watch, world } = this.options;
    const ask = () => world.admin('POST', '/clicks', this.newClick(`once-${number}`), { 'idempotency-key': `request-${number}` });
    const answers = await Promise.all([
      ask(),
      ...[random.whole(0, 30), random.whole(0, 3_000), random.whole(3_000, 20_000)].map((after) => this.later(after, ask)),
    ]);
    const made = new Set(answers.filter((answer) => statusOf(answer) === 201).map((answer) => fieldsOf(answer, 'click')['click_id']));
    if (made.size > 1) watch.fault(`one request is answered with ${[...made].join(' and ')}`);
    const other = await world.admin('POST', '/clicks', this.newClick(`other-${number}`), { 'idempotency-key': `request-${number}` });
    if (made.size > 0 && statusOf(other) === 201) watch.fault(`another request is taken under the key of request-${number}`);
    for (const answer of answers)
      if (isSure(answer) && ![201, 409].includes(statusOf(answer))) watch.fault(`a repeated request is answered ${statusOf(answer)}`);
  }

  private async resend(random: Random): Promise<void> {
    const { world, answered } = this.options;
    const rows = world.store.rows(world.names.deliveries).filter(({ conversion_id }) => conversion_id !== undefined);
    if (rows.length === 0) return;
    const id = String(random.pick(rows)['delivery_id']);
    const send = () => world.admin('POST', `/forwarded-postbacks/${id}/resend`);
    for (const answer of await this.together(random, send, send)) answered(`resend ${id}`, answer);
  }

  /** Two people decide about the same held postback. */
  private async heldTwice(random: Random): Promise<void> {
    const { world, watch, clicks, answered } = this.options;
    const rows = world.store.rows(world.names.conversions).filter(({ status, about }) => status === 'held' && about !== undefined);
    const decidable = rows.filter(({ click_id }) => clicks.get(String(click_id))?.checked === false);
    if (decidable.length === 0) return;
    const row = random.pick(decidable);
    watch.byHand.add(String(row['about']));
    const decide = () =>
      world.admin('POST', `/conversions/${encodeURIComponent(String(row['conversion_id']))}/status`, {
        status: random.pick(['approved', 'rejected']),
        reason: 'by two',
      });
    for (const answer of await this.together(random, decide, decide)) answered(`decide ${row['conversion_id']}`, answer);
  }

  private newClick(user_id: string): object {
    return { offer_id: 'off-once-1', placement_id: 'pla-1', user_id };
  }

  /** Of two people who want the same, at most one may be told that it was done; the other must be told why not. */
  private one(what: string, answers: readonly AdminAnswer[], done: number, refused: number): void {
    const told = answers.map(statusOf);
    const isRight =
      told.filter((status) => status === done).length <= 1 && told.every((status) => status >= 500 || [done, refused].includes(status));
    const isWhole = !answers.every(isSure) || told.includes(done);
    if (!isRight || !isWhole) this.options.watch.fault(`each of two ${what} at once, and they are told ${told.join(' and ')}`);
  }

  private together<T>(random: Random, one: () => Promise<T>, other: () => Promise<T>): Promise<[T, T]> {
    return Promise.all([one(), this.later(random.whole(0, 20), other)]);
  }

  private async later<T>(after: number, act: () => Promise<T>): Promise<T> {
    await this.options.time.sleep(after);
    return act();
  }

  /** Deletes a row as an operator or its expiry would. */
  private async goes(table: string, key: Readonly<Record<string, string>>): Promise<void> {
    await this.options.world.client.send(new DeleteCommand({ TableName: table, Key: key }));
  }
}

function statusOf(answer: AdminAnswer): number {
  return answer === 'nothing' ? 504 : answer.status;
}

/** Whether no function died on the way, so that the answer tells what was done. */
function isSure(answer: AdminAnswer): boolean {
  return statusOf(answer) < 500;
}

function fieldsOf(answer: AdminAnswer, name?: string): Readonly<Record<string, unknown>> {
  const body = answer === 'nothing' || answer.status >= 300 ? {} : (answer.body as Record<string, unknown>);
  return name === undefined ? body : ((body[name] ?? {}) as Record<string, unknown>);
}
