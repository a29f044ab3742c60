import assert from 'node:assert/strict';
import Big from 'big.js';
import fc from 'fast-check';
import { type ClickWorld, worldOf } from './click-world.ts';
import type { Law } from './laws.ts';
import { type Outcome, type Story, type Telling, tell } from './oracle.ts';
import { story } from './stories.ts';

const orders = <T>(ones: T[]): T[][] =>
  ones.length < 2 ? [ones] : ones.flatMap((one, index) => orders(ones.filter((_, other) => other !== index)).map((rest) => [one, ...rest]));

/** The worth of the click's conversions, without those that are worth nothing. */
const worthOf = (rows: { event: string; transaction: string | undefined; left: Big; points: Big }[]) =>
  rows
    .filter(({ left, points }) => !left.eq(0) || !points.eq(0))
    .map(({ event, transaction, left, points }) => `${event} ${transaction ?? ''} ${left.toFixed()} ${points.toFixed()}`)
    .sort()
    .join(', ');
const ofOracle = (outcomes: Outcome[]) =>
  worthOf((outcomes.at(-1)?.conversions ?? []).map((one) => ({ ...one, left: new Big(one.left), points: new Big(one.points) })));
const ofWorld = (world: ClickWorld) =>
  worthOf(
    world.conversions().map(({ event, transaction_id, credited }) => ({
      event,
      transaction: transaction_id,
      left: credited.upward,
      points: credited.points,
    })),
  );

const say = (world: ClickWorld, told: Telling, logId: string) =>
  told.via === 'hand' ? world.decide(told, logId) : world.receive(told, logId);

const tellInOrder = async (world: ClickWorld, tellings: Telling[]) => {
  for (const [index, told] of tellings.entries()) await say(world, told, `LOG${index}`);
  await world.settle();
};

type Race = { told: Story; before: Telling[]; racers: Telling[] };

const race: fc.Arbitrary<Race> = fc
  .record({ told: story({ events: ['complete', 'goal'] }, 6), racing: fc.integer({ min: 2, max: 3 }) })
  .map(({ told, racing }) => {
    // A percentage of nothing has nothing to do with races.
    const tellings = told.tellings.map((one) => (one.status === 'approved' ? { amount: '5.00', ...one } : one));
    return { told, before: tellings.slice(0, -racing), racers: tellings.slice(-racing) };
  });

/** The possible results of a race. The product and the oracle must agree about each order in which it can be told. */
const serialOutcomes = async ({ told, before, racers }: Race): Promise<Set<string>> => {
  const outcomes = new Set<string>();
  for (const order of orders(racers)) {
    const tellings = [...before, ...order];
    const world = worldOf(told);
    await tellInOrder(world, tellings);
    // If they differ without any race, the law of agreement must find it.
    fc.pre(ofWorld(world) === ofOracle(tell({ ...told, tellings })));
    outcomes.add(ofWorld(world));
  }
  return outcomes;
};

/** A payment has one event, so whatever names its transaction names that event or none. */
const haveOneEvent = (tellings: Telling[]): boolean => {
  const eventOf = ({ status, event }: Telling) => (status === 'reversed' || status === 'rejected' ? event : (event ?? 'complete'));
  const contradict = (one: Telling, other: Telling) =>
    one.transaction !== undefined &&
    [other.transaction, other.original].includes(one.transaction) &&
    eventOf(one) !== undefined &&
    eventOf(other) !== undefined &&
    eventOf(one) !== eventOf(other);
  return !tellings.some((one) => tellings.some((other) => contradict(one, other)));
};

/** Rejections that are no chargebacks count at their place in the order, and amounts do not decide which conversion they are about. */
const hasPlainRejection = ({ status, chargeback }: Telling) => status === 'rejected' && !chargeback;

/** A take-back of one event that is repeated without the event is still about that event, even when another one has been paid. */
const repeatedWithoutEvent: Story = {
  repeat: 'once',
  terms: { kind: 'fixed', rate: '4.00', exchangeRate: '1' },
  defaultCurrency: 'USD',
  tellings: [
    { via: 'postback', event: 'complete', status: 'reversed', amount: '3.00' },
    { via: 'postback', status: 'rejected', chargeback: true, amount: '3.00' },
    { via: 'postback', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', status: 'reversed', amount: '3.00' },
  ],
};

/**
 * A take-back with an unknown transaction and without an event waits for that transaction, even if another was paid before and taken back.
 */
const waitsForTheSecond: Story = {
  ...repeatedWithoutEvent,
  tellings: [
    { via: 'postback', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', status: 'reversed', amount: '5.00', original: 'T2', transaction: 'T1' },
    { via: 'file', event: 'goal', status: 'reversed', amount: '5.00', transaction: 'T1' },
    { via: 'postback', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T2' },
  ],
};

/** A take-back of a transaction that so far only a pending has named is about the approval that comes without an id. */
const waitsForThePending: Story = {
  ...repeatedWithoutEvent,
  tellings: [
    { via: 'postback', status: 'reversed', original: 'R1' },
    { via: 'postback', event: 'goal', status: 'pending', amount: '5.00', transaction: 'R1' },
    { via: 'postback', event: 'goal', status: 'approved', amount: '5.00' },
  ],
};

/**
 * A take-back waited for a payment, which came as another conversion; a second one under its id is held. A third that comes when nothing
 * is left waits for nothing: the next approval is paid.
 */
const waitsNoMore: Story = {
  ...repeatedWithoutEvent,
  repeat: 'per_transaction',
  tellings: [
    { via: 'file', status: 'reversed', amount: '5.00', transaction: 'T1', ownId: true },
    { via: 'postback', event: 'complete', status: 'reversed', amount: '3.00', transaction: 'T1', ownId: true },
    { via: 'postback', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', status: 'rejected', amount: '5.00', reason: 'x', transaction: 'T1', ownId: true, chargeback: true },
    { via: 'file', status: 'approved', amount: '5.00' },
  ],
};

/** A take-back that repeats the id of one with an event takes the rest of that event, and nothing of another that is paid meanwhile. */
const takesTheRestOfItsEvent: Story = {
  ...repeatedWithoutEvent,
  tellings: [
    { via: 'postback', event: 'complete', status: 'reversed', amount: '3.00', transaction: 'T2' },
    { via: 'file', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', status: 'reversed', transaction: 'T2' },
    { via: 'postback', status: 'approved', amount: '5.00', transaction: 'R1' },
  ],
};

const takesNothingOfAnother: Story = {
  ...repeatedWithoutEvent,
  tellings: [
    { via: 'postback', event: 'complete', status: 'reversed', amount: '3.00', transaction: 'T2' },
    { via: 'postback', status: 'reversed', transaction: 'T2' },
    { via: 'file', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T1' },
  ],
};

/**
 * A take-back waited for a payment, which came as another conversion, and another one under its id is held. What says the same as the first
 * one is its repetition, and takes nothing of what was paid without a transaction.
 */
const repeatsWhatTook: Story = {
  ...repeatedWithoutEvent,
  repeat: 'per_transaction',
  tellings: [
    { via: 'postback', status: 'rejected', amount: '5.00', transaction: 'T1', ownId: true, chargeback: true },
    { via: 'postback', event: 'complete', status: 'reversed', amount: '3.00', transaction: 'T1', ownId: true },
    { via: 'postback', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', status: 'approved', amount: '5.00' },
    { via: 'postback', status: 'reversed', amount: '5.00', transaction: 'T1', ownId: true },
  ],
};

/** Where a take-back has only waited for a payment that came as another event, a pending is the first that is said. */
const beginsWhereOneWaited: Story = {
  ...repeatedWithoutEvent,
  tellings: [
    { via: 'postback', status: 'reversed', transaction: 'T1' },
    { via: 'postback', event: 'goal', status: 'approved', amount: '5.00', transaction: 'T1' },
    { via: 'postback', event: 'complete', status: 'pending', amount: '2.00', transaction: 'T2' },
    { via: 'postback', status: 'reversed', transaction: 'T2' },
    { via: 'postback', event: 'complete', status: 'approved', amount: '5.00' },
  ],
};

/** All conversions of a click, in whatever way it converts. Every postback and file is settled at once. */
export const clicks: Law = {
  name: 'the product and the oracle agree on what every conversion of a click is worth',
  share: 0.1,
  property: fc.asyncProperty(story({ events: ['complete', 'goal'] }, 6), async (drawn) => {
    const told = { ...drawn, tellings: drawn.tellings.map((one) => (one.status === 'approved' ? { amount: '5.00', ...one } : one)) };
    fc.pre(haveOneEvent(told.tellings) && !told.tellings.some(hasPlainRejection));
    const world = worldOf(told);
    for (const [index, one] of told.tellings.entries()) {
      await world.receive(one, `LOG${index}`);
      await world.settle();
      assert.equal(ofWorld(world), ofOracle(tell({ ...told, tellings: told.tellings.slice(0, index + 1) })));
    }
    for (const [index, one] of told.tellings.entries()) await world.receive(one, `AGAIN${index}`);
    await world.settle();
    assert.equal(ofWorld(world), ofOracle(tell(told)), 'told again');
  }),
  examples: [
    [repeatedWithoutEvent],
    [waitsForTheSecond],
    [waitsForThePending],
    [waitsNoMore],
    [takesTheRestOfItsEvent],
    [takesNothingOfAnother],
    [repeatsWhatTook],
    [beginsWhereOneWaited],
  ],
};

/** Simultaneous tellings about one click, and settling beside them; each is held at every access to the store, in any order. */
export const races: Law = {
  name: 'tellings that race one another and settling at every await end as in one of their orders',
  share: 0.05,
  property: fc.asyncProperty(race, fc.scheduler(), async (one, scheduler) => {
    const { told, before, racers } = one;
    const possible = await serialOutcomes(one);
    let racing = false;
    const world = worldOf(told, (what) => (racing ? scheduler.schedule(Promise.resolve(), what) : Promise.resolve()));
    for (const [index, said] of before.entries()) await say(world, said, `LOG${index}`);
    racing = true;
    const all = Promise.all([...racers.map((said, index) => say(world, said, `RACE${index}`)), world.settle(), world.settle()]);
    await scheduler.waitFor(all);
    racing = false;
    await world.settle();
    assert.ok(
      possible.has(ofWorld(world)),
      `ends as [${ofWorld(world)}], possible are ${[...possible].map((end) => `[${end}]`).join(' or ')}`,
    );

    const points = world.conversions().reduce((sum, { credited }) => sum.plus(credited.points), new Big(0));
    const entries = world.ledger().reduce((sum, entry) => sum.plus(entry.points), new Big(0));
    assert.equal(entries.toFixed(), points.toFixed(), 'the ledger is what is credited');
    // Everything that was acknowledged is remembered, so a repetition changes nothing.
    const end = ofWorld(world);
    for (const [index, said] of racers.entries()) if (said.via !== 'hand') await world.receive(said, `AGAIN${index}`);
    await world.settle();
    assert.equal(ofWorld(world), end, 'told again');
  }),
};
