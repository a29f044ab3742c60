import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import Big from 'big.js';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { conversionRow } from '../../functions/adapters/dynamo/conversion-row.ts';
import { isSettled } from '../../functions/domain/conversion.ts';
import { LocalStack } from '../support/local-stack.ts';
import { rowsOf, storeClick } from '../support/tables.ts';
import { sendsNoMoney } from './every-network.ts';
import { judge } from './oracle.ts';
import type { FuzzOptions } from './pure.ts';
import { type Account, accountNames, aim, anyShot, eventOf, networkOf, plainPartners, type Sent, type Shot, worth } from './shots.ts';

/** An account with what a click on its offer needs. */
interface Target extends Account {
  readonly offer: string;
  readonly partner: string;
  readonly publisher: string;
}

/** A shot that was fired, with its accounts. Each shot has clicks of its own. */
interface Fired {
  readonly shot: Shot;
  readonly sent: Sent;
  readonly accounts: readonly Account[];
  /** The user of the account that was the target, and the user of the other one. */
  readonly users: { readonly own: string; readonly other: string };
}

const host = 'postback.example';
const patience = 1_000;
const atOnce = 8;

/**
 * Fires at the whole system: the receiver's own bundle on the real emulators. Two thirds of the shots are events of the gateway, which can
 * contain any path, and one third are bytes on a socket. Then everything is settled, and every user's ledger is checked.
 */
export async function shootAtSystem({ seed, runs }: FuzzOptions): Promise<void> {
  const stack = await LocalStack.startOwn({ environment: { RATE_PER_KEY: '1000000', RATE_PER_UNKNOWN_ADDRESS: '1000000' } });
  try {
    const targets: Target[] = [];
    for (const name of accountNames) targets.push(await targetOf(stack, name));
    const waiting = [...fc.sample(anyShot, { seed, numRuns: runs }).entries()];
    const fired: Fired[] = [];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          fired.push(await fire(stack, targets, next[0], next[1]));
      }),
    );
    await settled(stack);
    await judgeAll(stack, fired);
    const complaints = stack.system.log('receiver').filter((line) => /"level":"(?:ERROR|WARN)"|thread ended/.test(line));
    if (complaints.length > 0) throw new Error(`the receiver complained: ${complaints[0]}`);
  } finally {
    await stack.stop();
  }
}

async function targetOf(stack: LocalStack, name: string): Promise<Target> {
  const network = networkOf(name);
  const { partnerId, key, offerId, publisherId, clickId } = await stack.campaign({
    partner: {
      fallback_matching: 'off',
      ...(network && { preset: network.preset }),
      ...(network?.secret !== undefined && { signing: { secret: network.secret } }),
      ...(name === 'mapped' && plainPartners.mapped.settings),
    },
    ...(sendsNoMoney(name) && { offer: { revenue_share_percent: 0, payout: worth } }),
    publisher: { postback_url: null },
  });
  return { name, key, clickId, offer: offerId, partner: partnerId, publisher: publisherId };
}

async function fire(stack: LocalStack, targets: readonly Target[], round: number, shot: Shot): Promise<Fired> {
  const aimed = [shot.account % targets.length, (shot.account + 1) % targets.length];
  const accounts = targets.map((target, index) =>
    aimed.includes(index) ? { ...target, clickId: `CLK-R${round}-${index}`, transaction: `T-${round}` } : target,
  );
  for (const index of aimed) {
    const target = targets[index];
    if (target === undefined) continue;
    await storeClick(stack, {
      click_id: `CLK-R${round}-${index}`,
      offer_id: target.offer,
      partner_id: target.partner,
      publisher_id: target.publisher,
      user_id: userOf(round, index),
      clicked_at: new Date().toISOString(),
    });
  }
  const asBytes = round % 3 === 0;
  const sent = aim(shot, accounts, `${asBytes ? 'http' : 'https'}://${host}`, Date.now());
  const send = asBytes ? () => sendBytes(stack, sent) : () => sendEvent(stack, sent);
  // A single slow answer may be the machine's fault. Only a request that is slow every time counts as a hang.
  for (let tried = 1; ; tried += 1) {
    const began = Date.now();
    const status = await send().catch((error: unknown) => fail(shot, sent, String(error)));
    if (status >= 500) fail(shot, sent, `answered ${status}`);
    if (Date.now() - began < patience) break;
    if (tried === 5) fail(shot, sent, `takes ${Date.now() - began} ms each time`);
  }
  const [own = 0, other = 0] = aimed;
  return { shot, sent, accounts, users: { own: accountKey(targets, round, own), other: accountKey(targets, round, other) } };
}

const userOf = (round: number, index: number) => `user-${round}-${index}`;
const accountKey = (targets: readonly Target[], round: number, index: number) => `${targets[index]?.publisher}#${userOf(round, index)}`;

async function sendEvent(stack: LocalStack, sent: Sent): Promise<number> {
  const answer = await stack.system.invoke('receiver', eventOf(sent, host));
  const status = typeof answer === 'object' && answer !== null && 'statusCode' in answer ? answer.statusCode : undefined;
  if (typeof status !== 'number') throw new Error(`no answer: ${JSON.stringify(answer)}`);
  return status;
}

async function sendBytes(stack: LocalStack, { method, path, query, headers, body }: Sent): Promise<number> {
  const { hostname, port } = new URL(stack.url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(body.length), connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = `${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const socket = connect(Number(port), hostname);
  // The server would wait for the rest of a request that ends too early.
  socket.setTimeout(500, () => socket.end());
  socket.on('error', () => socket.destroy());
  socket.write(Buffer.concat([Buffer.from(head, 'utf8'), body]));
  const answer = await text(socket).catch(() => '');
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  return Math.max(0, ...statuses);
}

/** Waits until everything that was accepted is in the ledger. */
async function settled(stack: LocalStack): Promise<void> {
  await stack.eventually(async () => {
    // The table of conversions also contains rows of other kinds.
    const conversions = (await rowsOf(stack, 'Conversions')).flatMap((row) => z.safeParse(conversionRow, row).data ?? []);
    const open = conversions.filter((conversion) => !isSettled(conversion));
    if (open.length > 0) throw new Error(`${open.length} conversions are not settled`);
  }, 120_000);
}

async function judgeAll(stack: LocalStack, fired: readonly Fired[]): Promise<void> {
  const points = new Map<string, Big>();
  for (const row of await rowsOf(stack, 'Ledger')) {
    const account = String(row['account']);
    points.set(account, (points.get(account) ?? new Big(0)).plus(String(row['points'])));
  }
  let paid = 0;
  for (const { shot, sent, accounts, users } of fired) {
    for (const whose of ['own', 'other'] as const) {
      const has = points.get(users[whose]) ?? new Big(0);
      if (has.gt(0)) paid += 1;
      const { allowed, fits } = judge(shot, sent, accounts, whose);
      if (!(allowed?.includes(has.toFixed()) || (allowed === undefined && fits(has)))) {
        fail(shot, sent, `the ${whose} user has ${has.toFixed()} points; allowed: ${allowed?.join(' or ') ?? 'an amount that was sent'}`);
      }
    }
  }
  if (paid === 0 && fired.length > 100) throw new Error('nobody was paid: the shots prove nothing');
}

function fail(shot: Shot, sent: Sent, what: string): never {
  throw new Error(`${what}\n${JSON.stringify({ shot, sent: { ...sent, body: Buffer.from(sent.body).toString('latin1') } }, undefined, 1)}`);
}
