import { setTimeout as sleep } from 'node:timers/promises';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { PublisherServer } from '../support/publisher-server.ts';

/** The p99 of deliveries to those who answer. */
interface Beside {
  /** Everybody answers. */
  readonly aloneP99Milliseconds: number;
  /** Somebody accepts the connection and never answers. */
  readonly hangingP99Milliseconds: number;
  readonly growth: number;
}

export interface Isolation {
  /** Half of the traffic goes to a second publisher that hangs. */
  readonly publisher: Beside;
  /** Two publishers have three postbacks each. The third postback of each hangs, and the others are measured. */
  readonly postback: Beside;
}

/**
 * A round lasts a minute, so that exactly one run of the sweeper falls into each, and the circuit of whoever hangs opens and lets a first
 * delivery through: a shorter one does not show what happens to those that wait.
 */
const roundMs = 60_000;
/** The number of deliveries a second to each of the two publishers while everybody answers. */
const deliveriesPerSecond = 20;
const patienceMs = 60_000;

/**
 * Measures how much a publisher that hangs costs those who answer: the time from a postback's answer to its delivery, once while everybody
 * answers and once while one hangs, in one run on one system. Either a whole publisher hangs, or one of its three postbacks.
 */
export async function measureIsolation(): Promise<Isolation> {
  return {
    publisher: await compare({ told: 1, postbacks: 1 }, async (stack, other) => {
      const publisher = { postback_url: `${other}/?click_id={click_id}` };
      return { measured: await stack.campaign(), good: await stack.campaign({ publisher }), hanging: await stack.campaign({ publisher }) };
    }),
    postback: await compare({ told: 2, postbacks: 3 }, async (stack, other) => {
      const postbacks = [stack.publisher.url, stack.publisher.url, other].map((url) => ({ url: `${url}/?click_id={click_id}` }));
      const [measured, beside] = [await stack.campaign({ publisher: { postbacks } }), await stack.campaign({ publisher: { postbacks } })];
      return { measured, good: beside, hanging: beside };
    }),
  };
}

/** How a conversion is told. */
interface Told {
  /** The publisher's postbacks. */
  readonly postbacks: number;
  /** Those that answer in both rounds. */
  readonly told: number;
}

/** @param prepare creates the publisher that is measured, and those beside it. The other server is the one that hangs later. */
async function compare(
  { postbacks, told }: Told,
  prepare: (stack: LocalStack, other: string) => Promise<{ measured: Campaign; good: Campaign; hanging: Campaign }>,
): Promise<Beside> {
  const stack = await LocalStack.startOwn({ environment: { SETTINGS_CACHE_SECONDS: '30' } });
  const other = await PublisherServer.start();
  try {
    const { measured, good, hanging } = await prepare(stack, other.url);
    const paceMs = (1_000 * postbacks) / deliveriesPerSecond;
    const each = Math.floor(roundMs / paceMs);
    const send = (beside: Campaign, count: number) => round(stack, measured, beside, { count, paceMs, told });
    // The first requests start connections and fill caches: they are not measured.
    await send(good, 40);
    const aloneP99Milliseconds = await send(good, each);
    other.answerWith(() => undefined);
    const hangingP99Milliseconds = await send(hanging, each);
    return { aloneP99Milliseconds, hangingP99Milliseconds, growth: hangingP99Milliseconds / aloneP99Milliseconds };
  } finally {
    await stack.stop();
    await other.stop();
  }
}

/** One postback for each of the two publishers every `paceMs` milliseconds, `count` times. */
interface Traffic {
  readonly count: number;
  readonly paceMs: number;
  readonly told: number;
}

/** The p99 of the measured publisher's delivery times. */
async function round(stack: LocalStack, measured: Campaign, beside: Campaign, { count, paceMs, told }: Traffic): Promise<number> {
  const pairs: { readonly mine: string; readonly theirs: string }[] = [];
  for (let made = 0; made < count; made += 1) {
    // Each click has a user of its own, because a user has only a limited number of new clicks an hour.
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
