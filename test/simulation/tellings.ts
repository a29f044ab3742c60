import type { Telling } from '../laws/oracle.ts';
import type { Random } from '../support/faults/random.ts';
import { holdMs, minute, start } from './times.ts';
import type { PartnerKind, PlannedClick } from './workload.ts';

interface Timed {
  /** Milliseconds after the click. */
  readonly after: number;
  readonly telling: Telling;
}

/** What a partner says about a click, in words with which the oracle and the laws are about the same: see `test/laws`. */
export function tellingsOf(random: Random, click: PlannedClick, partner: PartnerKind | undefined): Timed[] {
  const told = storyOf(random, click, partner);
  return partner === 'own ids' ? told.map(({ after, telling }) => ({ after, telling: withOwnId(telling) })) : told;
}

/** Some time after something: often at once, so that the two meet. */
export function wait(random: Random): number {
  return random.next() < 0.5 ? random.whole(0, 2_000) : random.whole(0, 15 * minute);
}

function storyOf(random: Random, click: PlannedClick, partner: PartnerKind | undefined): Timed[] {
  const { offer, name } = click;
  // Some partners send everything about a click at the same moment, from several servers.
  const together = random.next() < 0.3 ? random.whole(0, 2_000) : undefined;
  const one = (telling: Partial<Telling>, after = together === undefined ? wait(random) : together + random.whole(0, 30)): Timed => ({
    after,
    telling: { via: 'postback', status: 'approved', ...telling },
  });
  /** One after another, with so much time between them that it is clear which comes first. */
  const inOrder = (...tellings: readonly Partial<Telling>[]): Timed[] => {
    let after = random.whole(0, 500);
    return tellings.map((telling) => {
      const timed = one(telling, after);
      after += random.whole(10_000, 2 * minute);
      return timed;
    });
  };
  const sale = { transaction: `${name}-T1`, amount: '5.00' };
  const other = { transaction: `${name}-T2`, amount: '3.00' };
  const reversed = { status: 'reversed' as const };
  const kind = random.next();
  switch (partner) {
    case 'late':
      // It is sent before its partner is active.
      return [one(sale, random.whole(0, 5_000))];
    case 'signed':
      return [one(sale), ...(kind < 0.4 ? [one({ ...sale, ...reversed })] : [])];
    case 'latest':
    case 'unique':
      // Without a transaction, nothing but the postback itself tells that it is a repetition.
      if (kind < 0.4) return [one({ amount: '5.00' }, random.whole(0, 20_000))];
      break;
    case 'own ids':
      if (offer === 'many' && kind < 0.3) return inOrder(...waitsNoMore(name));
      break;
    case 'transactions':
      // A pixel without a transaction, the server's call that names the transaction, and the take-back of that.
      if (kind < 0.2) return inOrder({ amount: '5.00' }, sale, { ...sale, ...reversed });
      break;
    default:
      break;
  }
  const soon = random.whole(0, 500);
  if (offer === 'goal' || offer === 'goals') {
    // The take-back names no event and, half the time, no transaction.
    if (kind < 0.3) return [one({ ...sale, event: 'goal' }), one({ ...reversed, ...(kind < 0.15 && { transaction: sale.transaction }) })];
    if (kind < 0.4) return inOrder(...takesNothingOfAnother(name));
  }
  if (offer === 'many') {
    if (kind < 0.08) return [one(sale), one(reversed)];
    // The take-back waits for the first transaction that is paid, and for no other.
    if (kind < 0.16) return inOrder(reversed, sale, other);
    // It is unclear which transaction the take-back is about. A repetition makes this no clearer, even if only one is left by then.
    if (kind < 0.24) return inOrder(sale, other, reversed, { ...reversed, transaction: sale.transaction }, reversed);
    // The rejection is about what was paid by then. A repetition of it is not about what has been paid since.
    if (kind < 0.32) {
      const rejected = { status: 'rejected' as const };
      return inOrder(sale, rejected, other, rejected);
    }
    if (kind < 0.44)
      return Array.from({ length: random.whole(1, 4) }, (_, index) =>
        one({ transaction: `${name}-T${index}`, amount: random.pick(['5.00', '3.00', '2.00']) }),
      );
  }
  // They all come at once, so that they compete for the last places under the cap.
  if (offer === 'cap' && kind < 0.6) return [one(sale, 0), ...(kind < 0.2 ? [one({ ...sale, ...reversed })] : [])];
  // It is taken back at the moment when it would be paid.
  if (offer === 'hold' && kind < 0.4) {
    const due = click.at + soon + holdMs;
    const swept = start + Math.ceil((due - start) / minute) * minute + random.whole(10, 250);
    return [one(sale, soon), one({ ...sale, ...reversed }, swept - click.at)];
  }
  if (kind < 0.5) return [one(sale)];
  if (kind < 0.6) return [one(sale), one({ ...sale, ...reversed })];
  // The second one says in other words what the first one said.
  if (kind < 0.68) return inOrder(sale, { ...reversed, amount: '2.00' }, { ...reversed, amount: '2.00', currency: 'USD' });
  if (kind < 0.74)
    return [
      one(sale),
      one({ ...reversed, original: sale.transaction, transaction: `${name}-R1`, amount: random.pick(['2.00', '3.00', '5.00']) }),
    ];
  if (kind < 0.8) return [one({ ...sale, status: 'pending' }), one({ ...sale, status: random.pick(['approved', 'rejected'] as const) })];
  return randomTellings(random, click, partner).map((telling) => one(telling));
}

/** A take-back without an event that repeats the id of one with an event is about that event, and takes nothing of another. */
function takesNothingOfAnother(name: string): Partial<Telling>[] {
  const transaction = `${name}-R1`;
  return [
    { status: 'reversed', event: 'complete', transaction, amount: '3.00' },
    { status: 'reversed', transaction },
    { event: 'goal', transaction: `${name}-T1`, amount: '5.00' },
  ];
}

/**
 * A take-back waited for a payment, which came as another conversion; a second one under its id is held. A third that comes when nothing is
 * left waits for nothing.
 */
function waitsNoMore(name: string): Partial<Telling>[] {
  const transaction = `${name}-T1`;
  return [
    { status: 'reversed', transaction, amount: '5.00' },
    { status: 'reversed', transaction, amount: '3.00', event: 'complete' },
    { transaction, amount: '5.00' },
    { status: 'rejected', transaction, amount: '5.00', reason: 'x' },
    { amount: '5.00' },
  ];
}

/** What a network says whose take-backs have ids of their own and whose rejections are chargebacks. */
function withOwnId({ original: _, ...telling }: Telling): Telling {
  const takes = telling.status === 'reversed' || telling.status === 'rejected';
  return {
    ...telling,
    ...(takes && { ownId: true }),
    ...(telling.status === 'rejected' && { chargeback: true }),
  };
}

/**
 * Tellings made of very few words, so that they collide. If the oracle is asked about a click that earns several times, there are no
 * rejections that are no chargebacks, because amounts do not decide which of the conversions they are about; and a transaction has one
 * event, so whatever names it names that event or none.
 */
function randomTellings(random: Random, { name, checked, offer }: PlannedClick, partner: PartnerKind | undefined): Telling[] {
  const hasGoal = offer === 'goal' || offer === 'goals';
  const statuses = ['approved', 'approved', 'approved', 'pending', 'reversed', 'reversed', 'rejected'] as const;
  const isClear = offer === 'once' || partner === 'own ids' || !checked;
  const told = isClear ? statuses : statuses.filter((status) => status !== 'rejected');
  const anyEvent = (): string => (hasGoal ? random.pick(['goal', 'goal', 'complete']) : 'complete');
  const [first, second, third] = [`${name}-T1`, `${name}-T2`, `${name}-R1`];
  const events = new Map([first, second, third].map((one) => [one, anyEvent()]));
  return Array.from({ length: random.whole(2, 6) }, (): Telling => {
    const status = random.pick(told);
    const pays = status === 'approved' || status === 'pending';
    const amount = pays || random.next() < 0.5 ? random.pick(['5.00', '3.00', '2.00']) : undefined;
    const transaction = random.pick([first, first, second, pays ? '' : third, '']);
    const original = pays || transaction === '' || random.next() < 0.7 ? '' : random.pick([first, second]);
    const named = [transaction, original].flatMap((one) => events.get(one) ?? []);
    const [event = anyEvent()] = named;
    const isNamed = pays ? event !== 'complete' || random.next() < 0.2 : named.every((one) => one === event) && random.next() < 0.3;
    return {
      via: 'postback',
      status,
      ...(transaction !== '' && { transaction }),
      ...(original !== '' && original !== transaction && { original }),
      ...(amount !== undefined && { amount }),
      ...(amount !== undefined && random.next() < 0.2 && { currency: 'USD' }),
      ...(isNamed && { event }),
    };
  });
}
