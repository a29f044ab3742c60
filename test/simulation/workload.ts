import type { Telling } from '../laws/oracle.ts';
import { createRandom, type Random } from '../support/faults/random.ts';
import { tellingsOf, wait } from './tellings.ts';
import { loadMs, minute, start } from './times.ts';
import type { PublisherMood } from './world.ts';

/** `goal` and `goals` also pay for an event of their own, once or for each transaction. */
export type OfferKind = 'once' | 'many' | 'hold' | 'cap' | 'goal' | 'goals';

/**
 * How a partner's postbacks find their clicks. `transactions`: most take-backs name no click. `latest`, `unique`: most postbacks name an
 * offer, and the click is guessed. `signed`: a signature covers the transaction. `late`: the partner is inactive at first, and its first
 * postbacks are processed again once it is active. `own ids`: its network's take-backs have ids of their own, and its rejections are
 * chargebacks.
 */
export type PartnerKind = 'plain' | 'people' | 'transactions' | 'latest' | 'unique' | 'signed' | 'late' | 'own ids';

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

/**
 * Something that somebody does. Actions are independent of one another, so that some can be left out of a story. `sent` is a number in the
 * request, the same when exactly this request is sent again.
 */
export type Action = { readonly at: number; readonly number: number } & (
  | { readonly kind: 'postback'; readonly click: PlannedClick; readonly telling: Telling; readonly named: Named; readonly sent: number }
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
  | { readonly kind: 'outage'; readonly of: Outage; readonly ms: number }
);

/**
 * How a postback names the click that it means. `stranger`: another partner sends it. `signed`: the signature covers only the transaction.
 * `replayed`: the signed text comes with another click.
 */
type Named = 'click' | 'offer' | 'transaction' | 'stranger' | 'signed' | 'replayed';

/** What people do with settings, keys, tokens, clicks and deliveries, two of them at once. */
export const deskWork = ['settings', 'keys', 'a key goes', 'a token goes', 'clicks', 'the same request', 'resend', 'held twice'] as const;
type DeskWork = (typeof deskWork)[number];

/** What does not work for a while: sending messages about what was received, or most of the time reading the log for the sweeper. */
export type Outage = 'queue' | 'log';

export interface Plan {
  readonly seed: number;
  readonly faultRate: number;
  /** Whether transactions that conflict are the only faults; then nobody may notice anything. */
  readonly onlyConflicts: boolean;
  readonly mostSkewMs: number;
  readonly actions: readonly Action[];
  readonly mood: (publisher: number, at: number) => PublisherMood;
}

export const partnerKinds: ReadonlyMap<number, PartnerKind> = new Map([
  [1, 'plain'],
  [2, 'plain'],
  [3, 'people'],
  [4, 'transactions'],
  [5, 'latest'],
  [6, 'unique'],
  [7, 'signed'],
  [8, 'late'],
  [9, 'own ids'],
]);
const [people, late] = [3, 8];
export const publishers = 5;
/**
 * The number of offers of partners whose clicks are guessed. Each must have few clicks where only one may be meant, and many where the
 * latest is meant, which then often is not the one that the partner means.
 */
const guessedOffers = { latest: 3, unique: 12 } as const;
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
    const partner = kindOf(click);
    for (const { after, telling } of tellingsOf(random, click, partner)) {
      const send = (named: Named, at: number, sent = number): number => {
        add({ kind: 'postback', at, click, telling, named, sent });
        return sent;
      };
      const at = click.at + after;
      const named = namedBy(random, click, telling);
      const sent = send(named, at);
      // The partner sends it again, whatever the answer was: exactly as it was, or with another counter and perhaps another name.
      if (random.next() < (isGuessed(partner) ? 0.5 : 0.12)) {
        if (random.next() < 0.5) send(named, at + wait(random), sent);
        else send(namedBy(random, click, telling), at + wait(random));
      }
      // Nothing but the request itself tells that it comes again, and by then another click may be the latest.
      if (named === 'offer' && telling.transaction === undefined) send(named, at + wait(random), sent);
      // Later it names the click that it meant, which may not be the one that was guessed.
      else if (named === 'offer' && random.next() < 0.4) send('click', at + wait(random));
      if (named === 'signed' && random.next() < 0.4) send('replayed', at + wait(random));
      if (partner === 'plain' && random.next() < 0.03) send('stranger', at);
    }
    if (!click.checked && random.next() < 0.3) {
      const at = click.at + wait(random);
      const decide = (when: number): void =>
        add({ kind: 'by hand', at: when, click, status: random.pick(['approved', 'rejected', 'reversed'] as const) });
      decide(at);
      if (random.next() < 0.3) decide(at + random.whole(0, 50));
    }
  }
  const persons = planned.filter((click) => !click.checked && kindOf(click) !== 'late');
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
    if (persons.length === 0) continue;
    const person = random.pick(persons);
    // Half of them while the first postback of a click is processed.
    const after = random.next() < 0.5 ? random.whole(0, 300) : random.whole(0, start + loadMs - person.at);
    add({ kind: 'erase', at: person.at + after, click: person });
  }
  for (const kind of deskWork) for (let times = 0; times < 2; times += 1) add({ kind, at: anyTime() });
  add({ kind: 'activate', at: start + 5 * minute, partner: late });
  for (let times = 0; times < 3; times += 1) {
    const at = start + 7 * minute + random.whole(0, minute);
    add({ kind: 'reprocess', at, partner: late, result: 'error', times: 2 });
    for (let after = 0; after < 400; after += random.whole(20, 120)) add({ kind: 'sweep', at: at + after });
  }
  // Nothing leads to what is received in one minute, and when the sweeper looks at that minute, some of it cannot be read.
  for (let times = 0; times < 2; times += 1) {
    const at = start + random.whole(2, 22) * minute;
    add({ kind: 'outage', at, of: 'queue', ms: minute });
    add({ kind: 'outage', at: at + 2 * minute - 100, of: 'log', ms: minute + 5_000 });
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

function clickOf(random: Random, index: number, isLate: boolean): PlannedClick {
  const partner = isLate ? late : random.pick([1, 1, 2, 2, people, people, 4, 5, 6, 7, 9]);
  const kind = partnerKinds.get(partner);
  const offer = random.pick(offersOf(kind));
  const isMoney = kind === 'plain' || kind === 'transactions' || kind === 'own ids';
  const checked = isMoney && offer !== 'hold' && offer !== 'cap' && random.next() < 0.9;
  const guessed = isGuessed(kind) ? index % guessedOffers[kind] : undefined;
  return {
    name: `CLK-${String(index).padStart(8, '0')}`,
    at: start + atOf(random, offer, isLate),
    offer,
    offerId: `off-${offer}-${partner}${guessed === undefined ? '' : `-${guessed}`}`,
    partner,
    publisher: random.whole(1, publishers),
    // Some users have clicks on many offers. A person who is erased has no click that the oracle is asked about.
    user: checked ? `user-${random.next() < 0.5 ? random.whole(1, 5) : index}` : `person-${random.whole(1, 10)}`,
    checked,
  };
}

function offersOf(kind: PartnerKind | undefined): readonly OfferKind[] {
  switch (kind) {
    case 'plain':
    case 'people':
      return ['once', 'once', 'once', 'many', 'many', 'hold', 'cap', 'goal', 'goals'];
    case 'transactions':
      return ['once', 'many'];
    case 'own ids':
      return ['once', 'many', 'many', 'goal', 'goals'];
    default:
      return ['once'];
  }
}

function isGuessed(kind: PartnerKind | undefined): kind is keyof typeof guessedOffers {
  return kind === 'latest' || kind === 'unique';
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
      return random.next() < 0.6 ? 'offer' : 'click';
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
