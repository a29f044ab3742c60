import { setTimeout as sleep } from 'node:timers/promises';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { PublisherServer } from '../support/publisher-server.ts';

export interface Isolation {
  /** Half of the traffic goes to a second publisher that answers. */
  readonly aloneP99Milliseconds: number;
  /** Half of the traffic goes to a publisher that takes the connection and never answers. */
  readonly besideHangingP99Milliseconds: number;
  readonly growth: number;
}

/** Postbacks for each of the two publishers, one of each every `paceMs`. */
const each = 300;
const paceMs = 50;
const patienceMs = 60_000;

/**
 * What a publisher that hangs costs the others: the time from a postback's answer to its delivery, of the publisher that answers, once
 * beside another good one and once beside one that hangs, in one run on one system.
 */
export async function measureIsolation(): Promise<Isolation> {
  const stack = await LocalStack.startOwn({ environment: { SETTINGS_CACHE_SECONDS: '30' } });
  const other = await PublisherServer.start();
  try {
    const good = await stack.campaign();
    const second = await stack.campaign({ publisher: { postback_url: `${other.url}/?click_id={click_id}` } });
    const hanging = await stack.campaign({ publisher: { postback_url: `${other.url}/?click_id={click_id}` } });
    // The first requests start connections and fill caches: they are not measured.
    await round(stack, good, second, 40);
    const aloneP99Milliseconds = await round(stack, good, second, each);
    other.answerWith(() => undefined);
    const besideHangingP99Milliseconds = await round(stack, good, hanging, each);
    return { aloneP99Milliseconds, besideHangingP99Milliseconds, growth: besideHangingP99Milliseconds / aloneP99Milliseconds };
  } finally {
    await stack.stop();
    await other.stop();
  }
}

/** p99 of the delivery times of the measured publisher. */
async function round(stack: LocalStack, measured: Campaign, beside: Campaign, count: number): Promise<number> {
  const pairs: { readonly mine: string; readonly theirs: string }[] = [];
  for (let made = 0; made < count; made += 1) pairs.push({ mine: await measured.newClick(), theirs: await beside.newClick() });
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
    const toldAt = new Map(stack.publisher.requests.map(({ query, at }) => [query.get('click_id'), at]));
    const times = pairs.flatMap(({ mine }) => {
      const told = toldAt.get(mine);
      return told === undefined ? [] : [Math.max(1, told - (answeredAt.get(mine) ?? told))];
    });
    if (times.length === count) return times.sort((a, b) => a - b)[Math.ceil(count * 0.99) - 1] ?? 0;
    if (Date.now() > deadline) throw new Error(`${times.length} of ${count} deliveries came`);
    await sleep(50);
  }
}
