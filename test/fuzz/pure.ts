import Big from 'big.js';
import fc from 'fast-check';
import { sendsNoMoney } from './every-network.ts';
import { judge } from './oracle.ts';
import { PureWorld, pureAccounts, pureBase } from './pure-world.ts';
import { type Account, accountAt, aim, anyShot, networkOf, plainPartners, type Sent, type Shot, worth } from './shots.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
}

const second = 1_000_000;
const statuses = new Set([200, 400, 403, 404, 405, 413, 415]);

/** Any request at all must cause no 5xx answer, no crash, no hang, and no payment that no rule allows, however often it is sent. */
export async function shootAtPureWorld({ seed, runs }: FuzzOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyShot, async (shot) => {
      const world = new PureWorld();
      const sent = aim(shot, pureAccounts, pureBase, Date.now());
      const before = process.cpuUsage();
      const answer = await world.receive(sent);
      const { user, system } = process.cpuUsage(before);
      if (user + system > second) throw new Error(`it took ${(user + system) / second} s`);
      if (answer !== undefined && !statuses.has(answer.statusCode ?? 0)) throw new Error(`answered ${answer.statusCode}: ${answer.body}`);
      await expectPoints(world, shot, sent);
      // The same request again, and once more without the parts that do not identify a postback: the balance must stay.
      const once = await bothPoints(world, shot);
      for (let again = 0; again < 2; again += 1) await world.receive(sent);
      const more = await bothPoints(world, shot);
      if (once !== more) throw new Error(`points were ${once}, and ${more} after it was sent again`);
    }),
    { seed, numRuns: runs },
  );
}

const userOf = ({ name }: Account) => `user-${name}`;

async function bothPoints(world: PureWorld, { account }: Shot): Promise<string> {
  const [own, other] = await Promise.all([account, account + 1].map((index) => world.points(userOf(accountAt(pureAccounts, index)))));
  return `${own} and ${other}`;
}

async function expectPoints(world: PureWorld, shot: Shot, sent: Sent): Promise<void> {
  for (const whose of ['own', 'other'] as const) {
    const points = await world.points(userOf(accountAt(pureAccounts, shot.account + (whose === 'own' ? 0 : 1))));
    const { allowed, fits } = judge(shot, sent, pureAccounts, whose);
    if (allowed?.includes(points.toFixed()) || (allowed === undefined && fits(points))) continue;
    throw new Error(`the ${whose} user has ${points.toFixed()} points; allowed: ${allowed?.join(' or ') ?? 'an amount that was sent'}`);
  }
}

/** What one partner says about one conversion. */
interface Telling {
  readonly kind: 'approved' | 'pending' | 'reversed';
  readonly amount: string | undefined;
}

const cents = fc.integer({ min: 1, max: 999_999 });
const decimal = (amount: number) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;

const anyStory = fc
  .record({
    account: fc.nat(pureAccounts.length - 1),
    paid: cents,
    back: fc.option(fc.option(cents), { freq: 3 }),
    pending: fc.boolean(),
    repeats: fc.array(fc.nat(20), { maxLength: 8 }),
    order: fc.array(fc.nat(1_000), { minLength: 11, maxLength: 11 }),
    carriers: fc.array(fc.constantFrom<Shot['carrier']>('query', 'form', 'json', 'multipart'), { minLength: 11, maxLength: 11 }),
  })
  .map(({ account, paid, back, pending, repeats, order, carriers }) => {
    const tellings: Telling[] = [
      { kind: 'approved', amount: decimal(paid) },
      ...(pending ? [{ kind: 'pending', amount: decimal(paid) } as const] : []),
      // `null` stands for a reversal that names no amount.
      ...(back === null ? [] : [{ kind: 'reversed', amount: back === undefined ? undefined : decimal(back ?? 0) } as const]),
    ];
    const all = [...tellings, ...repeats.flatMap((index) => tellings[index % tellings.length] ?? [])];
    const shuffled = all
      .map((telling, index) => ({ telling, at: order[index] ?? 0, carrier: carriers[index] ?? 'query' }))
      .sort((a, b) => a.at - b.at);
    return { account, tellings, told: shuffled };
  });

/** Any order and repetition of a conversion's postbacks, however they are sent, must end in the balance that the rules demand. */
export async function tellStoriesToPureWorld({ seed, runs }: FuzzOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyStory, async ({ account: index, tellings, told }) => {
      const account = accountAt(pureAccounts, index);
      const world = new PureWorld();
      for (const { telling, carrier } of told) {
        const answer = await world.receive(say(account, telling, carrier));
        if (answer !== undefined && answer.statusCode !== 200)
          throw new Error(`${telling.kind} was answered ${answer.statusCode}: ${answer.body}`);
      }
      const [points, expected] = [
        await world.points(userOf(account)),
        expectedPoints(
          account,
          tellings.filter((telling) => canSay(account, telling)),
        ),
      ];
      if (!points.eq(expected)) throw new Error(`${points.toFixed()} points, not ${expected.toFixed()}`);
    }),
    { seed, numRuns: runs },
  );
}

/** Networks have their own ways to say this, and most have no pending and no partial reversal. */
function canSay({ name }: Account, { kind }: Telling): boolean {
  const network = networkOf(name);
  if (network === undefined) return true;
  return kind === 'approved' || (kind === 'reversed' && network.reverse !== undefined);
}

function say(account: Account, telling: Telling, carrier: Shot['carrier']): Sent {
  const network = networkOf(account.name);
  const path = `/postback/${account.key}`;
  if (network === undefined) {
    const { click, payout } = account.name === 'mapped' ? plainPartners.mapped : plainPartners.plain;
    const parameters = {
      [click]: account.clickId,
      status: telling.kind,
      transaction_id: 'T',
      ...(telling.amount !== undefined && { [payout]: telling.amount }),
    };
    const json = carrier === 'json';
    const text = json ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString();
    if (carrier === 'query') return { method: 'GET', path, query: text, headers: {}, body: new Uint8Array() };
    return { method: 'POST', path, query: '', headers: json ? { 'content-type': 'application/json' } : {}, body: Buffer.from(text) };
  }
  const amount = network.preset === 'pollfish' ? new Big(telling.amount ?? 0).times(100).toFixed() : (telling.amount ?? '0.00');
  const means = telling.kind === 'reversed' ? network.reverse : network.approve;
  const unsigned = means?.({ clickId: account.clickId, transaction: 'T', amount });
  // If a network has no way to say something, a HEAD request takes its place, which records nothing.
  if (unsigned === undefined || !canSay(account, telling)) return { method: 'HEAD', path, query: '', headers: {}, body: new Uint8Array() };
  const addressed = `${path}${unsigned.event === undefined ? '' : `/${unsigned.event}`}`;
  const { query, options } = network.sign(unsigned, network.secret ?? '', `${pureBase}${addressed}`, Date.now());
  const headers = Object.fromEntries(Object.entries(options?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const body = typeof options?.body === 'string' ? Buffer.from(options.body) : new Uint8Array();
  return { method: options?.method ?? 'GET', path: addressed, query, headers, body };
}

/** Contract 1.5 and section 2 calculated by hand: 80% of what a smaller reversal leaves, rounded once, and nothing after a larger one. */
function expectedPoints({ name }: Account, tellings: readonly Telling[]): Big {
  if (sendsNoMoney(name)) return new Big(tellings.some(({ kind }) => kind === 'reversed') ? 0 : worth);
  const paid = new Big(tellings.find(({ kind }) => kind === 'approved')?.amount ?? 0);
  const credited = share(paid);
  const reversal = tellings.find(({ kind }) => kind === 'reversed');
  if (reversal === undefined) return credited;
  const back = new Big(reversal.amount ?? 0);
  if (back.lte(0) || back.gte(paid)) return new Big(0);
  return share(paid.minus(back));
}

const share = (amount: Big) => amount.times('0.8').round(2, Big.roundHalfEven);
