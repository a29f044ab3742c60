import type { Telling } from '../laws/oracle.ts';
import { createRandom, type Random } from '../support/faults/random.ts';
import type { PublisherMood } from './world.ts';

export type OfferKind = 'once' | 'many' | 'hold' | 'cap';

/** A click, and whether the oracle is asked what it earns: not where people, caps or hold periods have a say. */
export interface PlannedClick {
  readonly name: string;
  readonly at: number;
  readonly offer: OfferKind;
  readonly partner: number;
  readonly publisher: number;
  readonly user: string;
  readonly checked: boolean;
}

/** Something that somebody does. Each stands for itself, so that a story can be told without some of them. */
export type Action = { readonly at: number; readonly number: number } & (
  | { readonly kind: 'postback'; readonly click: PlannedClick; readonly telling: Telling }
  | { readonly kind: 'by hand'; readonly click: PlannedClick; readonly status: 'approved' | 'rejected' | 'reversed' }
  | { readonly kind: 'reprocess' | 'rotate key'; readonly partner: number }
  | { readonly kind: 'pause' | 'resume' | 'rotate secret'; readonly publisher: number }
  | { readonly kind: 'erase'; readonly click: PlannedClick }
  | { readonly kind: 'crash' }
);

export interface Plan {
  readonly seed: number;
  readonly faultRate: number;
  readonly mostSkewMs: number;
  readonly actions: readonly Action[];
  readonly mood: (publisher: number, at: number) => PublisherMood;
}

export const start = Date.parse('2026-01-05T09:00:00.000Z');
const minute = 60_000;
/** For so long partners send. */
export const loadMs = 30 * minute;
export const partners = 3;
export const publishers = 5;
export const termsOf = {
  once: { kind: 'percent', rate: '80' },
  many: { kind: 'fixed', rate: '4.00' },
  hold: { kind: 'percent', rate: '100' },
  cap: { kind: 'percent', rate: '50' },
} as const;
export const capLimit = 12;

/** What happens in one episode, and what goes wrong in it: all of it follows from the seed. */
export function planOf(seed: number, clicks: number): Plan {
  const random = createRandom('plan', seed);
  const actions: Action[] = [];
  const planned = Array.from({ length: clicks }, (_, index) => clickOf(random, index));
  let number = 0;
  const add = (action: Parameters<typeof withNumber>[0]): void => {
    actions.push(withNumber(action, number));
    number += 1;
  };
  for (const click of planned) {
    for (const { after, telling } of tellingsOf(random, click)) {
      add({ kind: 'postback', at: click.at + after, click, telling });
      // Sent again, whatever was answered.
      if (random.next() < 0.12) add({ kind: 'postback', at: click.at + after + wait(random), click, telling });
    }
    if (!click.checked && random.next() < 0.3)
      add({ kind: 'by hand', at: click.at + wait(random), click, status: random.pick(['approved', 'rejected', 'reversed'] as const) });
  }
  const anyTime = (): number => start + random.whole(0, loadMs);
  for (let times = 0; times < 4; times += 1) {
    const publisher = random.whole(1, publishers);
    const at = anyTime();
    add({ kind: 'pause', at, publisher });
    add({ kind: 'resume', at: at + random.whole(1_000, 10 * minute), publisher });
    add({ kind: 'rotate secret', at: anyTime(), publisher });
    add({ kind: 'rotate key', at: anyTime(), partner: random.whole(1, partners) });
    add({ kind: 'reprocess', at: anyTime(), partner: partners });
    const click = random.pick(planned);
    if (!click.checked) add({ kind: 'erase', at: anyTime(), click });
  }
  const crashes = random.whole(0, 3);
  for (let times = 0; times < crashes; times += 1) add({ kind: 'crash', at: anyTime() });
  const moods = Array.from({ length: publishers + 1 }, () => moodsOf(random));
  return {
    seed,
    faultRate: random.pick([0, 0.01, 0.03, 0.03, 0.1, 0.3]),
    mostSkewMs: random.pick([0, 0, 500, 2_000]),
    actions: actions.sort((a, b) => a.at - b.at || a.number - b.number),
    mood: (publisher, at) => (at > start + loadMs ? 'takes' : (moods[publisher]?.[Math.floor((at - start) / (5 * minute))] ?? 'takes')),
  };
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;
function withNumber(action: Unnumbered<Action>, number: number): Action {
  return { ...action, number };
}

function wait(random: Random): number {
  return random.next() < 0.5 ? random.whole(0, 2_000) : random.whole(0, 15 * minute);
}

function clickOf(random: Random, index: number): PlannedClick {
  const offer = random.pick(['once', 'once', 'once', 'many', 'many', 'hold', 'cap'] as const);
  const partner = random.whole(1, partners);
  // What people process again is the last partner's.
  const checked = partner !== partners && (offer === 'once' || offer === 'many') && random.next() < 0.9;
  return {
    name: `CLK-${String(index).padStart(8, '0')}`,
    at: start + random.whole(0, loadMs - 10 * minute),
    offer,
    partner,
    publisher: random.whole(1, publishers),
    // Some users are everybody's; a person who is erased has no click that the oracle is asked about.
    user: checked ? `user-${random.next() < 0.5 ? random.whole(1, 5) : index}` : `person-${random.whole(1, 20)}`,
    checked,
  };
}

/** Of five minutes each. */
function moodsOf(random: Random): PublisherMood[] {
  const usual = random.pick(['takes', 'takes', 'takes', 'fails', 'hangs', 'mixed'] as const);
  const all: PublisherMood[] = ['takes', 'takes', 'fails', 'hangs', 'gone', 'takes without a word'];
  return Array.from({ length: loadMs / (5 * minute) + 1 }, () => (usual === 'mixed' || random.next() < 0.15 ? random.pick(all) : usual));
}

interface Timed {
  readonly after: number;
  readonly telling: Telling;
}

function tellingsOf(random: Random, { offer, checked, name }: PlannedClick): Timed[] {
  const one = (telling: Partial<Telling>, after = wait(random)): Timed => ({
    after,
    telling: { via: 'postback', status: 'approved', ...telling },
  });
  const sale = { transaction: `${name}-T1`, amount: '5.00' };
  const kind = random.next();
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
 * From very few words, so that they collide. Where the oracle is asked of a click that earns many times, no rejection is told: which of
 * its conversions one is about is no question of amounts.
 */
function randomTellings(random: Random, name: string, checked: boolean, offer: OfferKind): Telling[] {
  const statuses = ['approved', 'approved', 'approved', 'pending', 'reversed', 'reversed', 'rejected'] as const;
  const told = checked && offer === 'many' ? statuses.filter((status) => status !== 'rejected') : statuses;
  return Array.from({ length: random.whole(2, 6) }, (): Telling => {
    const status = random.pick(told);
    const pays = status === 'approved' || status === 'pending';
    const amount = pays || random.next() < 0.5 ? random.pick(['5.00', '3.00', '2.00']) : undefined;
    const transaction = random.pick([`${name}-T1`, `${name}-T1`, `${name}-T2`, '']);
    return {
      via: 'postback',
      status,
      ...(transaction !== '' && { transaction }),
      ...(amount !== undefined && { amount }),
    };
  });
}
