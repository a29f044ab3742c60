import { createHash, createHmac } from 'node:crypto';
import type { AnyBody, LocalStack } from '../local-stack.ts';
import type { ReceivedRequest } from '../publisher-server.ts';
import type { Given, Signing } from './examples.ts';
import { documentedOrigin } from './requests.ts';

/** The URL of the publisher in the documents. */
const documentedPublisher = 'https://rewards.example';

/** What a publisher is sent in an example that does not say what its URL looks like. */
const usualAddress =
  `${documentedPublisher}/postback?click_id={click_id}&user_id={user_id}&status={status}&event={event}&payout={payout}&points={points}` +
  '&currency={currency}&transaction_id={transaction_id}&offer_id={offer_id}&campaign_id={campaign_id}&sub1={sub_id1}&reason={reason}&delivery_id={delivery_id}';

const placeholder = /\b(?:[A-Z]+_)*[A-Z]+(?:_\d)?\b/g;
const lazyPlaceholder = /\bCLICK_(?:ID(?:_\d)?|OF_[A-Z]+)\b|\bYOUR_(?:STAGING_KEY|PUBLISHER_TOKEN)\b/g;
let worlds = 0;

/** A partner with its offers, a publisher and the users of one example, and the values of the document's placeholders. */
export class World {
  readonly values: Map<string, string>;
  private readonly stack: LocalStack;
  private readonly given: Given;
  private readonly path: string;

  private constructor(stack: LocalStack, given: Given, path: string, values: Map<string, string>) {
    this.stack = stack;
    this.given = given;
    this.path = path;
    this.values = values;
  }

  static async create(stack: LocalStack, given: Given): Promise<World> {
    worlds += 1;
    const id = `doc${worlds}`;
    const values = new Map([
      ['YOUR_ADMIN_TOKEN', stack.system.adminToken],
      ['USER_ID', `user-${id}`],
      ['PUBLISHER_ID', `publisher-${id}`],
    ]);
    const world = new World(stack, given, `/${id}`, values);
    const status = Number(given.get('your server')?.['answers'] ?? 200);
    stack.publisher.answerStatus(status);
    await world.make('publisher', '/publishers', { publisher_id: `publisher-${id}`, name: 'Rewards', postback_url: usualAddress });
    await world.make('partner', '/partners', { partner_id: `partner-${id}`, partner_name: 'Example network' });
    await world.make('offer', '/offers', world.offer(`offer-${id}`));
    if (given.has('offer 2')) await world.make('offer 2', '/offers', world.offer(`offer-${id}-2`));
    if (given.has('offer 3')) await world.make('offer 3', '/offers', world.offer(`offer-${id}-3`));
    if (given.has('placement')) {
      await world.make('placement', '/placements', { placement_id: `placement-${id}`, publisher_id: `publisher-${id}`, name: 'Wall' });
    }
    values.set('YOUR_KEY', await world.newKey('production'));
    return world;
  }

  /** What the publisher has received in this example so far. */
  get received(): readonly ReceivedRequest[] {
    return this.stack.publisher.requests.filter(({ path }) => path.startsWith(`${this.path}/`));
  }

  value(name: string): string {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(`${name} stands for nothing`);
    return value;
  }

  /** Replaces the placeholders by their values; creates clicks and keys when they are named for the first time. */
  async fill(text: string): Promise<string> {
    for (const [name] of text.matchAll(lazyPlaceholder)) {
      if (!this.values.has(name)) this.values.set(name, await this.lazily(name));
    }
    const filled = this.known(text);
    const left = /\b(?:YOUR|NEW|CLICK|USER|OFFER|PUBLISHER)_[A-Z_]+\b/.exec(filled);
    if (left !== null) throw new Error(`${left[0]} stands for nothing`);
    return filled;
  }

  /** Replaces the placeholders whose values are known so far, and creates nothing. */
  known(text: string): string {
    const here = text.replaceAll(documentedOrigin, this.stack.url).replaceAll(documentedPublisher, this.stack.publisher.url + this.path);
    return here.replace(placeholder, (name) => this.values.get(name) ?? name);
  }

  async sign({ algorithm, encoding, texts, secret }: Signing): Promise<string> {
    const message = (await Promise.all(texts.map((text) => this.fill(text)))).join('');
    if (secret === undefined) return createHash(algorithm).update(message).digest(encoding);
    return createHmac(algorithm.replace('hmac-', ''), secret).update(message).digest(encoding);
  }

  /** The id of the user of an example: `anna`, or the only user when it has no name. */
  userId(name?: string): string {
    return name === undefined ? this.value('USER_ID') : `${this.value('USER_ID')}-${name}`;
  }

  private async lazily(name: string): Promise<string> {
    if (name === 'YOUR_STAGING_KEY') return this.newKey('staging');
    if (name === 'YOUR_PUBLISHER_TOKEN') return this.publisherToken();
    const user = /^CLICK_OF_([A-Z]+)$/.exec(name)?.[1]?.toLowerCase();
    const number = /_(\d)$/.exec(name)?.[1];
    const ownOffer = number !== undefined && this.given.has(`offer ${number}`);
    const { click } = await this.stack.adminOk('POST', '/clicks', {
      offer_id: this.value(ownOffer ? `OFFER_ID_${number}` : 'OFFER_ID'),
      ...(this.given.has('placement') ? { placement_id: this.value('PLACEMENT_ID') } : { publisher_id: this.value('PUBLISHER_ID') }),
      user_id: this.userId(user),
      ...nested(this.given.get('click') ?? {}),
    });
    return click.click_id;
  }

  private async newKey(label: string): Promise<string> {
    const issued = await this.stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id: this.value('PARTNER_ID'), label });
    return issued.unique_key;
  }

  /** A token with the rights of a publisher for its own account. */
  private async publisherToken(): Promise<string> {
    const publisher_id = this.value('PUBLISHER_ID');
    const issued = await this.stack.adminOk('POST', '/tokens', { name: `token of ${publisher_id}`, role: 'publisher', publisher_id });
    return issued.token.token;
  }

  private offer(id: string): object {
    return {
      offer_id: id,
      partner_id: this.value('PARTNER_ID'),
      campaign_id: `campaign-${id}`,
      name: 'A survey',
      target_url: 'https://partner.example/start?sub={click_id}',
    };
  }

  /** Creates a thing with the given fields; its ids become placeholders. */
  private async make(thing: string, path: string, usual: object): Promise<void> {
    const given = this.given.get(thing) ?? {};
    const filled = await this.fill(JSON.stringify({ ...usual, ...nested(given) }));
    const body = JSON.parse(filled);
    if (thing.startsWith('offer') && !('payout' in body) && !('revenue_share_percent' in body)) body.revenue_share_percent = '80';
    const [kind = thing, number] = thing.split(' ');
    const made = (await this.stack.adminOk('POST', path, body))[kind];
    const suffix = number === undefined ? '' : `_${number}`;
    this.values.set(`${kind.toUpperCase()}_ID${suffix}`, made[`${kind}_id`]);
    if (kind === 'offer') this.values.set(`CAMPAIGN_ID${suffix}`, made.campaign_id);
  }
}

/** `{'signing.secret': 'x'}` as `{signing: {secret: 'x'}}`; lists and objects are written as JSON. */
function nested(pairs: Readonly<Record<string, string>>): AnyBody {
  const result: AnyBody = {};
  for (const [name, text] of Object.entries(pairs)) {
    const path = name.split('.');
    const last = path.pop() ?? name;
    let target = result;
    for (const part of path) {
      target[part] ??= {};
      target = target[part];
    }
    target[last] = /^[[{]/.test(text) ? JSON.parse(text) : text;
  }
  return result;
}
