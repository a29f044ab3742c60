import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalOptions, LocalSystem } from '../../lib/local/start-local.ts';
import { PublisherServer } from './publisher-server.ts';
import { secretsIn } from './secret-search.ts';
import { everythingStored, functionNames } from './tables.ts';

/** An HTTP answer with its body as JSON if it is JSON, otherwise as text. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers whose shape is what they assert
export type AnyBody = any;

export interface PostbackOptions {
  readonly method?: string;
  readonly event?: string;
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit['body'];
}

/** What a test needs of a partner and a publisher: the ids and the key to use. */
export interface Campaign {
  readonly partnerId: string;
  readonly key: string;
  readonly offerId: string;
  readonly publisherId: string;
  readonly placementId: string;
  readonly userId: string;
  readonly clickId: string;
  /** Creates another click on the same offer. */
  newClick(userId?: string): Promise<string>;
}

export interface CampaignOptions {
  readonly partner?: object;
  readonly offer?: object;
  readonly publisher?: object;
  readonly placement?: object;
  readonly userId?: string;
}

declare global {
  /** Comes from the environment that jest gives the tests (stack-environment.ts); other programs have none. */
  var sharedSystem: (() => Promise<LocalSystem>) | undefined;
}

let campaigns = 0;
/** A shorter text may be a word that occurs elsewhere too. */
const shortestSecret = 32;

/**
 * The whole system for one test file, in memory, together with a publisher's server.
 *
 * @example
 * const stack = await LocalStack.start();
 * const { key, clickId } = await stack.campaign();
 * const answer = await stack.postback(key, { click_id: clickId, payout: '5.00' });
 * await stack.eventually(() => expect(stack.publisher.requests).toHaveLength(1));
 * await stack.stop();
 */
export class LocalStack {
  readonly system: LocalSystem;
  readonly publisher: PublisherServer;
  /** Keys, tokens and secrets that were shown once; nothing may show them again (contract 1.3). */
  private readonly secrets = new Set<string>();
  private leaks: string[] = [];

  private constructor(system: LocalSystem, publisher: PublisherServer) {
    this.system = system;
    this.publisher = publisher;
    if (system.adminToken.length >= shortestSecret) this.secrets.add(system.adminToken);
  }

  /**
   * Uses the system that the process shares, after emptying it. Counts in its memory, such as how often an IP address has tried keys, are
   * kept.
   */
  static async start(): Promise<LocalStack> {
    const shared = await globalThis.sharedSystem?.();
    return shared === undefined
      ? LocalStack.startOwn()
      : new LocalStack({ ...shared, stop: async () => undefined }, await PublisherServer.start());
  }

  /** Starts a system of its own, for tests that change the deployment itself or need another one. */
  static async startOwn(options: Partial<LocalOptions> = {}): Promise<LocalStack> {
    // Loaded only here, because most tests use the shared system and do not need it.
    const [{ startLocal }, { testOptions }] = await Promise.all([import('../../lib/local/start-local.ts'), import('./shared-system.ts')]);
    const publisher = await PublisherServer.start();
    return new LocalStack(await startLocal({ ...testOptions(), ...options }), publisher);
  }

  /** @throws when a key, a token or a secret can be read in an answer, a log or a table, however it is encoded. */
  async stop(): Promise<void> {
    const leaks = await this.takeLeaks();
    await this.system.stop();
    await this.publisher.stop();
    if (leaks.length > 0) throw new Error(`a secret can be read in ${leaks.join(', ')}`);
  }

  /** Where a secret can be read: in the answers since the last call, and in everything that is stored now. */
  async takeLeaks(): Promise<string[]> {
    const { leaks } = this;
    this.leaks = [];
    return [...leaks, ...(await this.leaksKept())];
  }

  private async leaksKept(): Promise<string[]> {
    const secrets = [...this.secrets];
    const logs = functionNames.map((name) => [`the log of the ${name}`, this.system.log(name).join('\n')] as const);
    // When a test has taken the store away, there is nothing to search.
    const tables = (await everythingStored(this).catch(() => ''))
      .split('\n')
      .map((table) => [`the table ${table.split(':')[0]}`, table] as const);
    return [...logs, ...tables].flatMap(([place, text]) => (secretsIn(text, secrets).length > 0 ? [place] : []));
  }

  /** Searches for secrets that were shown before, and remembers those that are shown now. */
  private watch(path: string, method: string | undefined, { headers }: Response, text: string): void {
    const lines = [...headers].flat().join('\n');
    const secrets = [...this.secrets];
    const where = path.split('?')[0]?.slice(0, 40);
    if (secretsIn(text, secrets).length > 0) this.leaks.push(`the answer of ${where}`);
    if (secretsIn(lines, secrets).length > 0) this.leaks.push(`the headers of ${where}`);
    // Only the answer to a change contains a new secret. Something that was sent, such as a signature called `token`, is not a secret of
    // ours.
    if (method === undefined || method === 'GET') return;
    for (const [, secret = ''] of text.matchAll(/"(?:unique_key|token|secret)":"([\w+/=-]{32,})"/g)) this.secrets.add(secret);
  }

  get url(): string {
    return this.system.url;
  }

  /** Sends any request to the API. */
  async request<Body = AnyBody>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const response = await fetch(`${this.url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    this.watch(path, init.method, response, text);
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, body: (isJson && text !== '' ? JSON.parse(text) : text) as Body };
  }

  /** Sends a request to the admin API: `admin('POST', '/partners', {...})`. */
  async admin<Body = AnyBody>(method: string, path: string, body?: unknown, token = this.system.adminToken): Promise<Answer<Body>> {
    return this.request<Body>(`/api/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Like {@link admin}, for requests that must succeed. */
  async adminOk<Body = AnyBody>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.admin<Body>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Sends a partner's postback. The parameters become the query; a text is used as it is. */
  async postback<Body = AnyBody>(
    key: string,
    parameters: Record<string, string> | string = {},
    options: PostbackOptions = {},
  ): Promise<Answer<Body>> {
    const query = typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString();
    const path = `/postback/${key}${options.event === undefined ? '' : `/${options.event}`}${query === '' ? '' : `?${query}`}`;
    return this.request<Body>(path, {
      ...(options.method !== undefined && { method: options.method }),
      ...(options.headers && { headers: options.headers }),
      ...(options.body !== undefined && { body: options.body }),
    });
  }

  /** Creates a partner and its key; `issued` is the answer that showed the key. */
  async partner(settings: object): Promise<{ readonly partnerId: string; readonly key: string; readonly issued: AnyBody }> {
    const { partner } = await this.adminOk('POST', '/partners', { partner_name: 'Partner', ...settings });
    const issued = await this.adminOk('POST', '/postback-receiver/generate-key', { partner_id: partner.partner_id });
    return { partnerId: partner.partner_id, key: issued.unique_key, issued };
  }

  /** Creates a partner with a key, an offer at 80%, this stack's publisher with a placement, and a click. */
  async campaign(options: CampaignOptions = {}): Promise<Campaign> {
    campaigns += 1;
    const id = `t${campaigns}`;
    const userId = options.userId ?? `user-${id}`;
    const { partnerId, key } = await this.partner({ partner_name: `Partner ${id}`, ...options.partner });
    const { offer } = await this.adminOk('POST', '/offers', {
      partner_id: partnerId,
      name: `Offer ${id}`,
      target_url: 'https://example.com/?click_id={click_id}',
      revenue_share_percent: 80,
      ...options.offer,
    });
    const { publisher } = await this.adminOk('POST', '/publishers', {
      name: `Publisher ${id}`,
      postback_url: `${this.publisher.url}/${id}?click_id={click_id}&points={points}&payout={payout}&status={status}&delivery_id={delivery_id}`,
      ...options.publisher,
    });
    const { placement } = await this.adminOk('POST', '/placements', {
      publisher_id: publisher.publisher_id,
      name: `Placement ${id}`,
      ...options.placement,
    });
    const newClick = async (user = userId): Promise<string> => {
      const body = { offer_id: offer.offer_id, placement_id: placement.placement_id, user_id: user };
      const { click } = await this.adminOk('POST', '/clicks', body);
      return click.click_id;
    };
    return {
      partnerId,
      key,
      offerId: offer.offer_id,
      publisherId: publisher.publisher_id,
      placementId: placement.placement_id,
      userId,
      clickId: await newClick(),
      newClick,
    };
  }

  /** Reads a user's balance and entries. */
  async points(publisherId: string, userId: string): Promise<AnyBody> {
    return this.adminOk('GET', `/publishers/${publisherId}/users/${userId}/points`);
  }

  /**
   * Repeats the check until it does not throw.
   *
   * @throws the check's last error, when it has not passed in time.
   */
  async eventually<T>(check: () => T | Promise<T>, withinMilliseconds = 10_000): Promise<T> {
    const deadline = Date.now() + withinMilliseconds;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(25);
      }
    }
  }
}
