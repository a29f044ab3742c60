import { setTimeout as sleep } from 'node:timers/promises';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { PublisherServer } from '../support/publisher-server.ts';

/** p99 of deliveries to who answers. */
interface Beside {
  /** Everybody answers. */
  readonly aloneP99Milliseconds: number;
  /** Somebody takes the connection and never answers. */
  readonly hangingP99Milliseconds: number;
  readonly growth: number;
}

export interface Isolation {
  /** Half of the traffic goes to a second publisher, which hangs. */
  readonly publisher: Beside;
  /** Two publishers with three postbacks each: the third of each hangs, and the others are measured. */
  readonly postback: Beside;
}

/** Postbacks for each of the two publishers, one of each every `paceMs`. */
const each = 300;
const paceMs = 50;
const patienceMs = 60_000;

/**
 * What hanging costs those who answer: the time from a postback's answer to its delivery, once while everybody answers and once beside
 * one that hangs, in one run on one system. Each with a publisher that hangs, and with one postback of three.
 */
export async function measureIsolation(): Promise<Isolation> {
  return {
    publisher: await compare(1, async (stack, other) => {
      const publisher = { postback_url: `${other}/?click_id={click_id}` };
      return { measured: await stack.campaign(), good: await stack.campaign({ publisher }), hanging: await stack.campaign({ publisher }) };
    }),
    postback: await compare(2, async (stack, other) => {
      const postbacks = [stack.publisher.url, stack.publisher.url, other].map((url) => ({ url: `${url}/?click_id={click_id}` }));
      const [measured, beside] = [await stack.campaign({ publisher: { postbacks } }), await stack.campaign({ publisher: { postbacks } })];
      return { measured, good: beside, hanging: beside };
    }),
  };
}

/**
 * @param told how many deliveries the measured publisher gets of one conversion from those that answer.
 * @param prepare the publisher that is measured, and those beside it; the other server's URL is where it hangs in the end.
 */
async function compare(
  told: number,
  prepare: (stack: LocalStack, other: string) => Promise<{ measured: Campaign; good: Campaign; hanging: Campaign }>,
): Promise<Beside> {
  const stack = await LocalStack.startOwn({ environment: { SETTINGS_CACHE_SECONDS: '30' } });
  const other = await PublisherServer.start();
  try {
    const { measured, good, hanging } = await prepare(stack, other.url);
    // The first requests start connections and fill caches: they are not measured.
    await round(stack, measured, good, 40, told);
    const aloneP99Milliseconds = await round(stack, measured, good, each, told);
    other.answerWith(() => undefined);
    const hangingP99Milliseconds = await round(stack, measured, hanging, each, told);
    return { aloneP99Milliseconds, hangingP99Milliseconds, growth: hangingP99Milliseconds / aloneP99Milliseconds };
  } finally {
    await stack.stop();
    await other.stop();
  }
}

/** p99 of the delivery times of the measured publisher. */
async function round(stack: LocalStack, measured: Campaign, beside: Campaign, count: number, told: number): Promise<number> {
  const pairs: { readonly mine: string; readonly theirs: string }[] = [];
  for (let made = 0; made < count; made += 1) {
    // Users of their own: of one user only so many clicks an hour are new ones.
    const user = `u-${made}-${Date.now()}`;
    pairs.push({ mine: await measured.newClick(user), theirs: await beside.newClick(user) });
  }
  const answeredAt = new Map<string, number>();
  const send = async ({ key }: Campaign, click: string): Promise<void> => {
    const { status } = await stack.postback(key, { click_id: click, payout: '5.00' });
    if (status !== 200) throw new Error(`a postback was answered ${status}`);
    answeredAt.set(click, Date.now());
  };
  const sent: Promise<void>[] = [];
  for (const { mine, theirs } of pairs) {
    sent.push(send(measured, mine), send(beside, theirs));
    await sleep(paceMs);
  }
  await Promise.all(sent);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const came = Map.groupBy(stack.publisher.requests, ({ query }) => query.get('click_id') ?? '');
    const times = pairs.flatMap(({ mine }) => (came.get(mine) ?? []).map(({ at }) => Math.max(1, at - (answeredAt.get(mine) ?? at))));
    const all = count * told;
    if (times.length === all) return times.sort((a, b) => a - b)[Math.ceil(all * 0.99) - 1] ?? 0;
    if (Date.now() > deadline) throw new Error(`${times.length} of ${all} deliveries came`);
    await sleep(50);
  }
}
