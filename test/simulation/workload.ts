import type { Telling } from '../laws/oracle.ts';
import { createRandom, type Random } from '../support/faults/random.ts';
import type { PublisherMood } from './world.ts';

/** `goal` and `goals` also pay for an event of their own, once or for each transaction. */
export type OfferKind = 'once' | 'many' | 'hold' | 'cap' | 'goal' | 'goals';

/**
 * How a partner's postbacks find their clicks. `transactions`: most take-backs name no click. `latest`, `unique`: most postbacks name an
 * offer, and the click is guessed. `signed`: a signature covers the transaction. `late`: the partner is inactive at first, and its first
 * postbacks are processed again once it is active.
 */
export type PartnerKind = 'plain' | 'people' | 'transactions' | 'latest' | 'unique' | 'signed' | 'late';

/** A click, and whether the oracle is asked what it earns, which is not the case when people, guesses, caps or hold periods affect it. */
export interface PlannedClick {
  readonly name: string;
  readonly at: number;
  readonly offer: OfferKind;
  readonly offerId: string;
  readonly partner: number;
  readonly publisher: number;
  readonly user: string;
  readonly checked: boolean;
}

/** Something that somebody does. Actions are independent of one another, so that some can be left out of a story. */
export type Action = { readonly at: number; readonly number: number } & (
  | { readonly kind: 'postback'; readonly click: PlannedClick; readonly telling: Telling; readonly named: Named }
  | { readonly kind: 'by hand'; readonly click: PlannedClick; readonly status: 'approved' | 'rejected' | 'reversed' }
  | { readonly kind: 'rotate key'; readonly partner: number }
  /** @param times the number of people who do it at once. */
  | { readonly kind: 'reprocess'; readonly partner: number; readonly result: 'held' | 'error'; readonly times: number }
  | { readonly kind: 'activate'; readonly partner: number }
  | { readonly kind: 'sweep' }
  | { readonly kind: DeskWork }
  | { readonly kind: 'pause' | 'resume' | 'rotate secret'; readonly publisher: number }
  | { readonly kind: 'erase'; readonly click: PlannedClick }
  | { readonly kind: 'crash' }
);

/**
 * How a postback names the click that it means. `stranger`: another partner sends it. `signed`: the signature covers only the transaction.
 * `replayed`: the signed text comes with another click.
 */
type Named = 'click' | 'offer' | 'transaction' | 'stranger' | 'signed' | 'replayed';

/** What people do with settings, keys, tokens, clicks and deliveries, two of them at once. */
export const deskWork = ['settings', 'keys', 'a key goes', 'a token goes', 'clicks', 'the same request', 'resend', 'held twice'] as const;
type DeskWork = (typeof deskWork)[number];

export interface Plan {
  readonly seed: number;
  readonly faultRate: number;
  /** Whether transactions that conflict are the only faults; then nobody may notice anything. */
  readonly onlyConflicts: boolean;
  readonly mostSkewMs: number;
  readonly actions: readonly Action[];
  readonly mood: (publisher: number, at: number) => PublisherMood;
}

export const start = Date.parse('2026-01-05T09:00:00.000Z');
const minute = 60_000;
/** How long partners send postbacks. */
export const loadMs = 30 * minute;
export const partnerKinds: ReadonlyMap<number, PartnerKind> = new Map([
  [1, 'plain'],
  [2, 'plain'],
  [3, 'people'],
  [4, 'transactions'],
  [5, 'latest'],
  [6, 'unique'],
  [7, 'signed'],
  [8, 'late'],
]);
const [people, late] = [3, 8];
export const publishers = 5;
/** The number of offers of a partner whose clicks are guessed. Each must have few clicks, or it would always be unclear which is meant. */
const guessedOffers = 12;
/** The clicks of a user on an offer that are stored per hour in the simulated deployment. */
export const clicksPerHour = 6;
export const termsOf = {
  once: { kind: 'percent', rate: '80' },
  many: { kind: 'fixed', rate: '4.00' },
  hold: { kind: 'percent', rate: '100' },
  cap: { kind: 'percent', rate: '50' },
  goal: { kind: 'percent', rate: '80' },
  goals: { kind: 'fixed', rate: '4.00' },
} as const;
export const capLimit = 5;
export const holdMs = 9 * minute;

/** The plan of one episode: what happens and what goes wrong. Everything follows from the seed. */
export function planOf(seed: number, clicks: number): Plan {
  const random = createRandom('plan', seed);
  const actions: Action[] = [];
  const planned = Array.from({ length: clicks }, (_, index) => clickOf(random, index, index < clicks / 8));
  let number = 0;
  const add = (action: Parameters<typeof withNumber>[0]): void => {
    actions.push(withNumber(action, number));
    number += 1;
  };
  for (const click of planned) {
    for (const { after, telling } of tellingsOf(random, click)) {
      const named = namedBy(random, click, telling);
      add({ kind: 'postback', at: click.at + after, click, telling, named });
      // The partner sends it again, whatever the answer was.
      if (random.next() < 0.12)
        add({ kind: 'postback', at: click.at + after + wait(random), click, telling, named: namedBy(random, click, telling) });
      if (named === 'signed' && random.next() < 0.4)
        add({ kind: 'postback', at: click.at + after + wait(random), click, telling, named: 'replayed' });
      if (kindOf(click) === 'plain' && random.next() < 0.03)
        add({ kind: 'postback', at: click.at + after, click, telling, named: 'stranger' });
    }
    if (!click.checked && random.next() < 0.3) {
      const at = click.at + wait(random);
      const decide = (when: number): void =>
        add({ kind: 'by hand', at: when, click, status: random.pick(['approved', 'rejected', 'reversed'] as const) });
      decide(at);
      if (random.next() < 0.3) decide(at + random.whole(0, 50));
    }
  }
  const anyTime = (): number => start + random.whole(0, loadMs);
  for (let times = 0; times < 4; times += 1) {
    const publisher = random.whole(1, publishers);
    const at = anyTime();
    add({ kind: 'pause', at, publisher });
    const until = at + random.whole(1_000, 10 * minute);
    add({ kind: 'resume', at: until, publisher });
    // Somebody else has not seen that it has already been resumed.
    for (let again = 0; again < 2; again += 1) add({ kind: 'resume', at: until + random.whole(100, 3_000), publisher });
    add({ kind: 'rotate secret', at: anyTime(), publisher });
    add({ kind: 'rotate key', at: anyTime(), partner: random.whole(1, people) });
    add({ kind: 'reprocess', at: anyTime(), partner: people, result: 'held', times: random.whole(1, 2) });
    for (const partner of [5, 6])
      add({ kind: 'reprocess', at: anyTime(), partner, result: random.pick(['held', 'error'] as const), times: 1 });
    const click = random.pick(planned);
    if (!click.checked && kindOf(click) !== 'late') add({ kind: 'erase', at: anyTime(), click });
  }
  for (const kind of deskWork) for (let times = 0; times < 2; times += 1) add({ kind, at: anyTime() });
  add({ kind: 'activate', at: start + 5 * minute, partner: late });
  for (let times = 0; times < 3; times += 1) {
    const at = start + 7 * minute + random.whole(0, minute);
    add({ kind: 'reprocess', at, partner: late, result: 'error', times: 2 });
    for (let after = 0; after < 400; after += random.whole(20, 120)) add({ kind: 'sweep', at: at + after });
  }
  const crashes = random.whole(0, 3);
  for (let times = 0; times < crashes; times += 1) add({ kind: 'crash', at: anyTime() });
  const moods = Array.from({ length: publishers + 1 }, () => moodsOf(random));
  return {
    seed,
    ...(random.next() < 0.1
      ? { faultRate: 0.1, onlyConflicts: true }
      : { faultRate: random.pick([0, 0.01, 0.03, 0.03, 0.1, 0.3]), onlyConflicts: false }),
    mostSkewMs: random.pick([0, 0, 500, 2_000]),
    actions: actions.sort((a, b) => a.at - b.at || a.number - b.number),
    // A number that belongs to no publisher means our own people, who accept everything.
    mood: (publisher, at) =>
      at > start + loadMs || publisher === 0 ? 'takes' : (moods[publisher]?.[Math.floor((at - start) / (5 * minute))] ?? 'takes'),
  };
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;
function withNumber(action: Unnumbered<Action>, number: number): Action {
  return { ...action, number };
}

function wait(random: Random): number {
  return random.next() < 0.5 ? random.whole(0, 2_000) : random.whole(0, 15 * minute);
}

function clickOf(random: Random, index: number, isLate: boolean): PlannedClick {
  const partner = isLate ? late : random.pick([1, 1, 2, 2, people, people, 4, 5, 6, 7]);
  const kind = partnerKinds.get(partner);
  const isPlain = kind === 'plain' || kind === 'people';
  const offer = isPlain
    ? random.pick(['once', 'once', 'once', 'many', 'many', 'hold', 'cap', 'goal', 'goals'] as const)
    : random.pick(kind === 'transactions' ? (['once', 'many'] as const) : (['once'] as const));
  const isMoney = kind === 'plain' || kind === 'transactions';
  const checked = isMoney && offer !== 'hold' && offer !== 'cap' && random.next() < 0.9;
  const of = kind === 'latest' || kind === 'unique' ? `-${index % guessedOffers}` : '';
  return {
    name: `CLK-${String(index).padStart(8, '0')}`,
    at: start + atOf(random, offer, isLate),
    offer,
    offerId: `off-${offer}-${partner}${of}`,
    partner,
    publisher: random.whole(1, publishers),
    // Some users have clicks on many offers. A person who is erased has no click that the oracle is asked about.
    user: checked ? `user-${random.next() < 0.5 ? random.whole(1, 5) : index}` : `person-${random.whole(1, 20)}`,
    checked,
  };
}

/**
 * The time of a click after the start. Late partners get theirs before they are active, and clicks on capped offers come at three moments.
 */
function atOf(random: Random, offer: OfferKind, isLate: boolean): number {
  if (isLate) return 2 * minute + random.whole(0, minute);
  return offer === 'cap' ? random.whole(1, 3) * 5 * minute + random.whole(0, 30) : random.whole(0, loadMs - 10 * minute);
}

function kindOf({ partner }: PlannedClick): PartnerKind | undefined {
  return partnerKinds.get(partner);
}

function namedBy(random: Random, click: PlannedClick, { status, transaction }: Telling): Named {
  switch (kindOf(click)) {
    case 'transactions':
      return status === 'reversed' && transaction !== undefined && random.next() < 0.8 ? 'transaction' : 'click';
    case 'latest':
    case 'unique':
      return random.next() < 0.7 ? 'offer' : 'click';
    case 'signed':
      return transaction === undefined ? 'click' : 'signed';
    default:
      return 'click';
  }
}

/** The publisher's moods, for five minutes each. */
function moodsOf(random: Random): PublisherMood[] {
  const usual = random.pick(['takes', 'takes', 'takes', 'fails', 'hangs', 'mixed'] as const);
  const all: PublisherMood[] = ['takes', 'takes', 'fails', 'hangs', 'gone', 'takes without a word'];
  return Array.from({ length: loadMs / (5 * minute) + 1 }, () => (usual === 'mixed' || random.next() < 0.15 ? random.pick(all) : usual));
}

interface Timed {
  readonly after: number;
  readonly telling: Telling;
}

function tellingsOf(random: Random, click: PlannedClick): Timed[] {
  const { offer, checked, name } = click;
  // Some partners send everything about a click at the same moment, from several servers.
  const together = random.next() < 0.3 ? random.whole(0, 2_000) : undefined;
  const one = (telling: Partial<Telling>, after = together === undefined ? wait(random) : together + random.whole(0, 30)): Timed => ({
    after,
    telling: { via: 'postback', status: 'approved', ...telling },
  });
  const sale = { transaction: `${name}-T1`, amount: '5.00' };
  const kind = random.next();
  // It is sent before its partner is active.
  if (kindOf(click) === 'late') return [one(sale, random.whole(0, 5_000))];
  if (kindOf(click) === 'signed') return [one(sale), ...(kind < 0.4 ? [one({ ...sale, status: 'reversed' as const })] : [])];
  const isGoal = offer === 'goal' || offer === 'goals';
  // The take-back names no event and, half the time, no transaction.
  if (isGoal && kind < 0.4)
    return [one({ ...sale, event: 'goal' }), one({ status: 'reversed', ...(kind < 0.2 && { transaction: sale.transaction }) })];
  if (isGoal) return randomTellings(random, name, checked, offer).map((telling) => one(telling));
  const [soon, later, last] = [random.whole(0, 500), random.whole(5_000, 60_000), random.whole(2 * minute, 5 * minute)];
  const other = { transaction: `${name}-T2`, amount: '3.00' };
  const nameless = { status: 'reversed' as const };
  // A pixel without a transaction, the server's call that names the transaction, and the take-back of that.
  if (kindOf(click) === 'transactions' && kind < 0.2)
    return [one({ amount: '5.00' }, soon), one(sale, later), one({ ...sale, ...nameless }, last)];
  if (offer === 'many' && kind < 0.1) return [one(sale), one(nameless)];
  // The take-back waits for the first transaction that is paid, and for no other.
  if (offer === 'many' && kind < 0.2) return [one(nameless, soon), one(sale, later), one(other, last)];
  // It is unclear which transaction the take-back is about. A repetition makes this no clearer, even if only one transaction is left by
  // then.
  if (offer === 'many' && kind < 0.3)
    return [
      one(sale, soon),
      one(other, soon),
      one(nameless, later),
      one({ ...nameless, transaction: sale.transaction }, last),
      one(nameless, last + minute),
    ];
  // The rejection is about what was paid by then. A repetition of it is not about what has been paid since.
  if (offer === 'many' && kind < 0.36) {
    const rejected = { status: 'rejected' as const };
    return [one(sale, soon), one(rejected, later), one(other, last), one(rejected, last + minute)];
  }
  // They all come at once, so that they compete for the last places under the cap.
  if (offer === 'cap' && kind < 0.6) return [one(sale, 0), ...(kind < 0.2 ? [one({ ...sale, ...nameless })] : [])];
  // It is taken back at the moment when it would be paid.
  if (offer === 'hold' && kind < 0.4) {
    const due = click.at + soon + holdMs;
    const swept = start + Math.ceil((due - start) / minute) * minute + random.whole(10, 250);
    return [one(sale, soon), one({ ...sale, ...nameless }, swept - click.at)];
  }
  if (offer === 'many' && kind < 0.5)
    return Array.from({ length: random.whole(1, 4) }, (_, index) =>
      one({ transaction: `${name}-T${index}`, amount: random.pick(['5.00', '3.00', '2.00']) }),
    );
  if (kind < 0.55) return [one(sale)];
  if (kind < 0.7) return [one(sale), one({ ...sale, status: 'reversed' })];
  if (kind < 0.78)
    return [
      one(sale),
      one({ status: 'reversed', original: sale.transaction, transaction: `${name}-R1`, amount: random.pick(['2.00', '3.00', '5.00']) }),
    ];
  if (kind < 0.85) return [one({ ...sale, status: 'pending' }), one({ ...sale, status: random.pick(['approved', 'rejected'] as const) })];
  return randomTellings(random, name, checked, offer).map((telling) => one(telling));
}

/**
 * Tellings made of very few words, so that they collide. If the oracle is asked about a click that earns several times, there are no
 * rejections, because amounts do not decide which of the conversions a rejection is about.
 */
function randomTellings(random: Random, name: string, checked: boolean, offer: OfferKind): Telling[] {
  const statuses = ['approved', 'approved', 'approved', 'pending', 'reversed', 'reversed', 'rejected'] as const;
  const told = checked && (offer === 'many' || offer === 'goals') ? statuses.filter((status) => status !== 'rejected') : statuses;
  const hasGoal = offer === 'goal' || offer === 'goals';
  return Array.from({ length: random.whole(2, 6) }, (): Telling => {
    const status = random.pick(told);
    const pays = status === 'approved' || status === 'pending';
    const amount = pays || random.next() < 0.5 ? random.pick(['5.00', '3.00', '2.00']) : undefined;
    const transaction = random.pick([`${name}-T1`, `${name}-T1`, `${name}-T2`, '']);
    const event = hasGoal ? random.pick(pays ? ['goal', 'goal', ''] : ['goal', '', '']) : '';
    return {
      via: 'postback',
      status,
      ...(transaction !== '' && { transaction }),
      ...(amount !== undefined && { amount }),
      ...(event !== '' && { event }),
    };
  });
}
