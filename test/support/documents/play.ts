import Big from 'big.js';
import type { Answer, AnyBody, LocalStack } from '../local-stack.ts';
import type { ReceivedRequest } from '../publisher-server.ts';
import { type Example, type Promised, readPairs, type Step } from './examples.ts';
import { World } from './world.ts';

export interface PlayOptions {
  /** How long a promise may take until it is kept. */
  readonly patienceMs?: number;
}

/**
 * Plays the example of a document against the running system and checks every promise.
 *
 * @throws Error naming the line of the first promise that is not kept.
 */
export async function play(stack: LocalStack, example: Example, { patienceMs = 10_000 }: PlayOptions = {}): Promise<void> {
  const world = await World.create(stack, example.given);
  for (const step of example.steps) await new Scene(stack, world, step, patienceMs).play();
}

/** One request and its effects. */
class Scene {
  private readonly stack: LocalStack;
  private readonly world: World;
  private readonly step: Step;
  private readonly patienceMs: number;

  constructor(stack: LocalStack, world: World, step: Step, patienceMs: number) {
    this.stack = stack;
    this.world = world;
    this.step = step;
    this.patienceMs = patienceMs;
  }

  async play(): Promise<void> {
    const before = this.world.received.length;
    const answer = await this.send();
    const later = this.step.promises.filter((promise) => !this.isOfAnswer(promise));
    for (const promise of this.step.promises) if (this.isOfAnswer(promise)) this.checkAnswer(promise, answer);
    if (this.isPostback) await this.untilSettled();
    const told = later.filter(({ what }) => what === 'publisher');
    if (told.length > 0) await this.hold(told[0], () => this.checkPublisher(told, this.world.received.slice(before)));
    for (const promise of later) if (promise.what !== 'publisher') await this.hold(promise, () => this.checkLater(promise, answer));
  }

  private get isPostback(): boolean {
    return /^\/(?:postback\/|api\/analytics\/postback)/.test(this.step.request.target);
  }

  private async send(): Promise<Answer<AnyBody>> {
    const { request, signing } = this.step;
    const { world } = this;
    world.values.set('NOW', String(Math.floor(Date.now() / 1_000)));
    world.values.delete('SIGNATURE');
    const body = request.body === undefined ? undefined : await world.fill(request.body);
    if (body !== undefined) world.values.set('BODY', body);
    const signature = signing && (await world.sign(signing));
    const fill = async (text: string, signed: string | undefined) =>
      (await world.fill(text)).replaceAll('SIGNATURE', signed ?? 'SIGNATURE');
    const headers = await Promise.all(
      Object.entries(request.headers).map(async ([name, text]): Promise<[string, string]> => [name, await fill(text, signature)]),
    );
    const target = await fill(request.target, signature && encodeURIComponent(signature));
    return this.stack.request(target, {
      method: request.method,
      headers: Object.fromEntries(headers),
      ...(body !== undefined && { body: body.replaceAll('SIGNATURE', signature ?? 'SIGNATURE') }),
    });
  }

  /** Whether the answer alone shows if the promise is kept. */
  private isOfAnswer({ what }: Promised): boolean {
    return !/^(?:points(?: of \w+)?|publisher|log|conversion|delivery|health)$/.test(what);
  }

  private checkAnswer(promise: Promised, { status, headers, body }: Answer<AnyBody>): void {
    const shown = typeof body === 'string' ? body : JSON.stringify(body);
    if (promise.what === 'answer') this.compare(promise, String(status), `it answered ${status}: ${shown.slice(0, 300)}`);
    else if (promise.what === 'body') this.compare(promise, shown === '' ? 'empty' : shown);
    else if (promise.what.startsWith('header ')) this.compare(promise, headers.get(promise.what.slice(7)) ?? 'absent');
    else this.compare(promise, textAt(body, promise.what), `it answered ${shown.slice(0, 300)}`);
  }

  private async checkLater(promise: Promised, { body }: Answer<AnyBody>): Promise<void> {
    const { world } = this;
    switch (promise.what) {
      case 'log':
        return this.comparePairs(
          promise,
          (await this.stack.adminOk('GET', `/received-postbacks/${body.log_id ?? (await this.newestLog())?.log_id}`)).log,
        );
      case 'conversion':
        return this.comparePairs(promise, await this.conversion());
      case 'delivery':
        return this.comparePairs(promise, (await this.conversion())?.deliveries.at(-1));
      case 'health':
        return this.comparePairs(
          promise,
          (await this.stack.adminOk('GET', `/publishers/${world.value('PUBLISHER_ID')}`)).publisher.endpoint,
        );
      default: {
        const user = world.userId(/^points of (\w+)$/.exec(promise.what)?.[1]);
        const { balance } = await this.stack.points(world.value('PUBLISHER_ID'), user);
        if (!new Big(balance).eq(promise.value)) this.broken(promise, `the balance is ${balance}`);
      }
    }
  }

  /** Checks that each promised notification came, and no other. */
  private checkPublisher(promises: readonly Promised[], received: readonly ReceivedRequest[]): void {
    const [first] = promises;
    if (first === undefined) return;
    const told = received.map(toldBy);
    const shown = `the publisher received ${JSON.stringify(told)}`;
    const expected = first.value === 'nothing' ? [] : promises;
    if (received.length !== expected.length) this.broken(first, shown);
    const left = [...told];
    for (const promise of expected) {
      const index = left.findIndex((fields) =>
        Object.entries(readPairs(promise.value)).every(([name, text]) => this.agrees(text, textAt(fields, name))),
      );
      if (index < 0) this.broken(promise, shown);
      left.splice(index, 1);
    }
  }

  /** Waits until everything that an accepted postback causes has happened, so that a document can also promise "nothing more". */
  private async untilSettled(): Promise<void> {
    const log = await this.newestLog();
    if (log?.result !== 'accepted' || log.conversion_id === null) return;
    await this.stack.eventually(async () => {
      const { settled, deliveries } = await this.conversion();
      const underWay = deliveries.some(({ status }: AnyBody) => status === 'scheduled');
      if (!settled || underWay) throw new Error(`${log.conversion_id} is not settled and forwarded`);
    }, 15_000);
  }

  private async newestLog(): Promise<AnyBody> {
    const { logs } = await this.stack.adminOk('GET', `/received-postbacks?partner_id=${this.world.value('PARTNER_ID')}&limit=1`);
    return logs[0];
  }

  private async conversion(): Promise<AnyBody> {
    const { conversion_id } = await this.newestLog();
    return (await this.stack.adminOk('GET', `/conversions/${encodeURIComponent(conversion_id)}`)).conversion;
  }

  private async hold(promise: Promised | undefined, check: () => void | Promise<void>): Promise<void> {
    if (promise !== undefined) await this.stack.eventually(check, this.patienceMs);
  }

  private comparePairs(promise: Promised, actual: AnyBody): void {
    for (const [name, text] of Object.entries(readPairs(promise.value))) {
      const found = textAt(actual, name);
      if (!this.agrees(text, found)) this.broken(promise, `${name} is ${found}`);
    }
  }

  private compare(promise: Promised, actual: string, otherwise = `it is ${actual}`): void {
    if (!this.agrees(promise.value, actual)) this.broken(promise, otherwise);
  }

  /**
   * Whether a value is as promised: the same text, with the values of the placeholders. `any` is any value that is not empty; a text that
   * ends with an ellipsis is the beginning of the value. A placeholder that begins with `NEW_` gets the value that was found here.
   */
  private agrees(promised: string, actual: string): boolean {
    if (promised === 'any') return actual !== '' && actual !== 'null' && actual !== 'absent';
    const known = this.world.known(promised);
    const learned = /\bNEW_[A-Z_]+\b/.exec(known)?.[0];
    if (learned !== undefined) {
      const [before = '', after = ''] = known.split(learned);
      const value = actual.slice(before.length, actual.length - after.length);
      if (!actual.startsWith(before) || !actual.endsWith(after) || value === '') return false;
      this.world.values.set(learned, value);
      return true;
    }
    return known.endsWith('…') ? actual.startsWith(known.slice(0, -1)) : actual === known;
  }

  private broken({ what, value, line }: Promised, otherwise: string): never {
    throw new Error(`line ${line} promises "${what} ${value}", but ${otherwise}`);
  }
}

/** What a publisher reads in a notification: the fields of its URL, or of the JSON body. */
function toldBy({ method, query, body }: ReceivedRequest): Record<string, unknown> {
  return { method, ...Object.fromEntries(query), ...(body === '' ? {} : JSON.parse(body)) };
}

/** The text at a path such as `custom_data.age`; a list becomes its items, joined by commas. */
function textAt(value: AnyBody, path: string): string {
  const found = path.split('.').reduce((inner: AnyBody, name) => inner?.[name], value);
  if (found === undefined) return 'absent';
  if (Array.isArray(found)) return found.join(',');
  return typeof found === 'object' && found !== null ? JSON.stringify(found) : String(found);
}
