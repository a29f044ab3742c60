import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

/** One step of the smoke test, with its result. */
export interface Step {
  readonly name: string;
  readonly milliseconds: number;
  /** Why it failed and where to look; absent: it succeeded. */
  readonly fault?: string;
}

export interface SmokeOptions {
  /** `https://host` of the deployment, or what `npm start` prints. */
  readonly address: string;
  readonly adminToken: string;
  /** How long points and delivery may take, in milliseconds. @default 60 seconds */
  readonly patienceMs?: number;
  /** Called as each step ends. */
  readonly onStep?: (step: Step) => void;
}

/** Why a step failed: what was seen, and where an operator should look. */
class Fault extends Error {
  override name = 'Fault';
}

const publisherId = 'smoke-test';
const noLog = "Look for `postback_unavailable` in the receiver's log: it lacks a right, or a table is throttled or gone.";

/**
 * Sends one postback through a running system from end to end, with a partner, an offer and a click of its own, and removes them
 * afterwards. The publisher `smoke-test` stays, since publishers own the points they were credited with; its user ends with no points.
 *
 * @returns the steps in their order; after the first one that failed, only the clean-up follows.
 */
export async function smokeTest(options: SmokeOptions): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const end = (fault?: string): void => {
      const done = { name, milliseconds: Math.round(performance.now() - start), ...(fault !== undefined && { fault }) };
      steps.push(done);
      options.onStep?.(done);
    };
    try {
      const result = await work();
      end();
      return result;
    } catch (error) {
      end(error instanceof Fault ? error.message : `No answer: ${causeOf(error)}`);
      throw error;
    }
  };
  const system = new System(options);
  try {
    await play(system, step, options.patienceMs ?? 60_000);
  } catch {
    // The step has reported why it failed.
  }
  await step('everything that the test created is removed', () => system.removeAll()).catch(() => undefined);
  return steps;
}

type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

async function play(system: System, step: RunStep, patienceMs: number): Promise<void> {
  await step('the URL answers', async () => {
    const answer = await system.call('GET', '/health');
    if (answer.status !== 200 || answer.at('status') !== 'ok')
      throw new Fault(
        `/health answered ${answer.said}. The URL is not that of this system, or the receiver does not start: look for \`EnvironmentError\` in its log.`,
      );
  });
  await step('the admin token is accepted', async () => {
    const answer = await system.admin('GET', '/partners?limit=1');
    if (answer.status === 401)
      throw new Fault('The admin API does not know this token. Read the secret of the output FirstAdminToken again, or issue one.');
    answer.must(200, "Look for `admin_failed` and `authorizer_failed` in the functions' logs.");
  });
  const { key, clickId } = await step('a partner, a key, an offer, a publisher and a click are created', () => system.makeCampaign());
  const postback = (query: string, end = '') => system.call('GET', `/postback/${key}${end}?click_id=${clickId}&${query}`);

  await step('a key that does not exist is refused', async () => {
    (await system.call('GET', `/postback/${'x'.repeat(32)}?click_id=${clickId}`)).must(404, noLog, { code: 'invalid_key' });
  });
  const told = 'payout=5.00&transaction_id=smoke-1&status=approved&status=approved&note=a%2Bb+%C3%BC';
  const logId = await step('a postback is accepted', async () => {
    const answer = await postback(told);
    if (answer.at('code') === 'ambiguous_parameter')
      throw new Fault(
        'A parameter that was sent twice with the same value was read as two values: the query did not arrive raw (`rawQueryString` of payload format 2.0).',
      );
    return answer.must(200, noLog, { result: 'accepted' }).at('log_id');
  });
  await step('the query arrived as it was sent', async () => {
    const entry = await system.admin('GET', `/received-postbacks/${logId}`);
    const text = JSON.stringify(entry.must(200, 'A postback that was answered 200 must be in the log: look for `admin_failed`.').body);
    if (!text.includes('a+b ü'))
      throw new Fault('The log entry does not hold the values that were sent: the gateway decoded the query first.');
  });
  await step('a trailing slash changes nothing', async () => {
    const answer = await postback(told, '/');
    if (answer.status !== 200)
      throw new Fault(`/postback/<key>/ answered ${answer.said}. The route is not greedy: it must be ANY /postback/{proxy+}.`);
    answer.must(200, noLog, { result: 'duplicate' });
  });
  await step('the user has the points', () =>
    system.eventually(
      patienceMs,
      () => system.balanceIs('4'),
      (seen) =>
        `${seen} after ${patienceMs / 1_000} s, instead of 4. Postbacks are answered but not settled: look at the conversions queue and its dead letters, and for \`settle_failed\`, \`settle_hint_failed\` and \`sweep_failed\` in the logs.`,
    ),
  );
  await step('the publisher is notified', () =>
    system.eventually(
      patienceMs,
      () => system.deliveredIs(1),
      (seen) =>
        `${seen} after ${patienceMs / 1_000} s. Conversions are settled but not delivered: look at the deliveries queue and its dead letters, and for \`forward_failed\` in the processor's log.`,
    ),
  );
  await step('a reversal is accepted', async () => {
    (await postback('status=reversed&transaction_id=smoke-1')).must(200, noLog, { result: 'accepted' });
  });
  await step('the points are taken back, and the publisher is notified', () =>
    system.eventually(
      patienceMs,
      async () => (await system.balanceIs('0')) ?? system.deliveredIs(2),
      (seen) => `${seen} after ${patienceMs / 1_000} s. Look for \`settle_failed\` and \`forward_failed\` in the processor's log.`,
    ),
  );
}

const pointsSchema = z.object({ balance: z.string() });
const deliveriesSchema = z.object({ logs: z.array(z.object({ log_id: z.string(), status: z.string() })) });

/** The running system, called from outside. */
class System {
  private readonly address: string;
  private readonly token: string;
  private readonly run = `smoke-${Date.now().toString(36)}`;
  private readonly startedAt = new Date().toISOString();
  private readonly made: string[] = [];

  constructor({ address, adminToken }: SmokeOptions) {
    this.address = address.replace(/\/+$/, '');
    this.token = adminToken;
  }

  async call(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.address}${path}`, { method, redirect: 'manual', signal: AbortSignal.timeout(30_000), ...init });
    return new Answer(response.status, await response.text());
  }

  admin(method: string, path: string, body?: object): Promise<Answer> {
    return this.call(method, `/api/admin${path}`, {
      headers: { authorization: `Bearer ${this.token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async makeCampaign(): Promise<{ key: string; clickId: string }> {
    const partner = { partner_id: this.run, partner_name: 'Smoke test' };
    await this.create('/partners', partner);
    this.made.unshift(`/partners/${this.run}`);
    const key = (await this.create('/postback-receiver/generate-key', { partner_id: this.run, label: 'production' })).at('unique_key');
    const offer = { partner_id: this.run, offer_id: this.run, name: 'Smoke test', target_url: this.address, revenue_share_percent: 80 };
    await this.create('/offers', offer);
    this.made.unshift(`/offers/${this.run}`);
    // The system's own health endpoint is the echo: it answers 200 whatever the query says.
    const postback_url = `${this.address}/health?click_id={click_id}&points={points}&status={status}`;
    const publisher = await this.admin('POST', '/publishers', { publisher_id: publisherId, name: 'Smoke test', postback_url });
    if (publisher.status === 409) (await this.admin('PATCH', `/publishers/${publisherId}`, { postback_url })).must(200, seeAdminLog);
    else publisher.must(201, seeAdminLog);
    const click = await this.create('/clicks', { offer_id: this.run, publisher_id: publisherId, user_id: this.run });
    return { key, clickId: z.object({ click: z.object({ click_id: z.string() }) }).parse(click.body).click.click_id };
  }

  async removeAll(): Promise<void> {
    for (const path of this.made) {
      const answer = await this.admin('DELETE', path);
      if (answer.status >= 300) throw new Fault(`DELETE ${path} answered ${answer.said}: remove it by hand.`);
    }
  }

  /** @returns the actual balance as a sentence; `undefined` when it is the wanted one. */
  async balanceIs(wanted: string): Promise<string | undefined> {
    const answer = await this.admin('GET', `/publishers/${publisherId}/users/${this.run}/points`);
    const { balance } = pointsSchema.parse(answer.must(200, seeAdminLog).body);
    return Number(balance) === Number(wanted) ? undefined : `The user has ${balance} points`;
  }

  /** @returns what was delivered, as a sentence; `undefined` when the wanted number of this run's deliveries has arrived. */
  async deliveredIs(wanted: number): Promise<string | undefined> {
    const answer = await this.admin('GET', `/forwarded-postbacks?publisher_id=${publisherId}&from=${this.startedAt}`);
    const { logs } = deliveriesSchema.parse(answer.must(200, seeAdminLog).body);
    const delivered = logs.filter(({ status }) => status === 'delivered').length;
    return delivered >= wanted
      ? undefined
      : `Of ${logs.length} deliveries ${delivered} arrived (${logs.map(({ status }) => status).join(', ')})`;
  }

  async eventually(patienceMs: number, look: () => Promise<string | undefined>, tell: (seen: string) => string): Promise<void> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const seen = await look();
      if (seen === undefined) return;
      if (Date.now() > deadline) throw new Fault(tell(seen));
      await sleep(250);
    }
  }

  private async create(path: string, body: object): Promise<Answer> {
    const answer = await this.admin('POST', path, body);
    if (answer.status >= 300) throw new Fault(`POST ${path} answered ${answer.said}. ${seeAdminLog}`);
    return answer;
  }
}

const seeAdminLog = "Look for `admin_failed` in the admin function's log: it lacks a right, or a table is throttled or gone.";

class Answer {
  readonly status: number;
  readonly body: unknown;
  private readonly text: string;

  constructor(status: number, text: string) {
    this.status = status;
    this.text = text;
    this.body = parsed(text);
  }

  get said(): string {
    return `${this.status} ${this.text.slice(0, 300)}`.trim();
  }

  at(name: string): string {
    const value = typeof this.body === 'object' && this.body !== null ? Reflect.get(this.body, name) : undefined;
    return typeof value === 'string' ? value : '';
  }

  /** @throws Fault with the answer that was received, and where to look. */
  must(status: number, where: string, fields: Readonly<Record<string, string>> = {}): this {
    const other = Object.entries(fields).find(([name, value]) => this.at(name) !== value);
    if (this.status === status && other === undefined) return this;
    const wanted = [String(status), ...(other === undefined ? [] : [`${other[0]} ${other[1]}`])].join(', ');
    throw new Fault(`Answered ${this.said} instead of ${wanted}. ${where}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
