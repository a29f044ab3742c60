import assert from 'node:assert/strict';
import Big from 'big.js';
import fc from 'fast-check';
import { type Answer, type Story, type Telling, tell } from './oracle.ts';
import { type Entry, play } from './pure-product.ts';
import { type Choice, story } from './stories.ts';

/** The laws of contract 1.5 as properties, each with its share of the stories. */
/** `examples`: stories that once broke the law; they are tried first. */
export type Law = { name: string; share: number; property: fc.IRawProperty<unknown>; examples?: unknown[] };

const spoken = (answer: Answer) => (answer.kind === 'held' ? answer.code : answer.kind);
const sum = (entries: Entry[]) =>
  entries.reduce(
    (all, { upward, payout, points }) => ({
      upward: all.upward.plus(upward),
      payout: all.payout.plus(payout),
      points: all.points.plus(points),
    }),
    { upward: new Big(0), payout: new Big(0), points: new Big(0) },
  );
const text = ({ upward, payout, points }: Entry) => [upward, payout, points].map((one) => one.toFixed()).join(' ');
const credited = (told: Story) => {
  const last = play(told, () => false).played.at(-1)?.conversion.credited;
  return last === undefined ? '' : text(last);
};

/**
 * Stories of one conversion in which every approval has an amount (a percentage of nothing is not the conversion's business). Three in four
 * are about a click that converts once; the others are about one transaction of a click that may earn for many.
 */
const ofOneConversion = (choice: Choice): fc.Arbitrary<Story> =>
  fc
    .oneof(
      { weight: 3, arbitrary: story(choice).map((one): Story => ({ ...one, repeat: 'once' })) },
      { weight: 1, arbitrary: story({ ...choice, transaction: 'T1' }).map((one): Story => ({ ...one, repeat: 'per_transaction' })) },
    )
    .map((one) => ({
      ...one,
      tellings: one.tellings
        .map(({ ownId: _own, ...rest }) => (rest.status === 'approved' ? { amount: '0', ...rest } : rest))
        // A take-back's own id without an original would be the id of another conversion.
        .map((told) => (one.repeat === 'once' || told.original !== undefined ? told : { ...told, transaction: 'T1' })),
    }));

/** The story with some of its tellings repeated, each somewhere after its first time. */
const toldAgain = (told: Story): fc.Arbitrary<Story> =>
  fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 }).map((again) => {
    const tellings = [...told.tellings];
    for (const [which, where] of again) {
      const from = which % tellings.length;
      const one = tellings[from];
      if (one) tellings.splice(from + 1 + (where % (tellings.length - from)), 0, one);
    }
    return { ...told, tellings };
  });

const inAnyOrder = (tellings: Telling[]) => fc.shuffledSubarray(tellings, { minLength: tellings.length, maxLength: tellings.length });

export const laws: Law[] = [
  {
    name: 'the product and the oracle agree on every answer and every balance',
    share: 0.4,
    property: fc.property(ofOneConversion({ currencies: true }), (told) => {
      const expected = tell(told).map(({ answer, conversions: [one] }) => {
        const { left, payout, points } = one ?? { left: 0, payout: 0, points: 0 };
        return `${spoken(answer)} ${text({ upward: new Big(left), payout: new Big(payout), points: new Big(points) })} ${one?.status ?? 'held'}`;
      });
      const said = play(told).played.map(({ answer, conversion }) => `${spoken(answer)} ${text(conversion.credited)} ${conversion.status}`);
      assert.equal(said.join('; '), expected.join('; '));
    }),
  },
  {
    name: 'telling any part of a story again changes nothing',
    share: 0.15,
    property: fc.property(
      ofOneConversion({ currencies: true }).chain((told) => fc.tuple(fc.constant(told), toldAgain(told))),
      ([told, again]) => {
        assert.equal(credited(again), credited(told));
      },
    ),
  },
  {
    name: 'whatever is accepted of one transaction ends in the same balance in any order',
    share: 0.15,
    property: fc.property(
      ofOneConversion({ transaction: 'T1' }).chain((told) => {
        const { played } = play(told, () => false);
        const tellings = told.tellings.filter((_, index) => played[index]?.answer.kind === 'accepted');
        return inAnyOrder(tellings).map((other) => ({ told, tellings, other }));
      }),
      ({ told, tellings, other }) => {
        assert.equal(credited({ ...told, tellings: other }), credited({ ...told, tellings }));
      },
    ),
  },
  {
    name: 'when the parts that are taken back add up to the upward amount, nothing is left',
    share: 0.1,
    property: fc.property(
      ofOneConversion({}),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      ({ repeat, terms, defaultCurrency }, cents, where) => {
        const money = (amount: number) => new Big(amount).div(100).toFixed(2);
        const total = cents.reduce((all, one) => all + one, 0);
        const parts = cents.map(
          (one, index): Telling => ({
            via: 'postback',
            status: 'reversed',
            transaction: `R${index}`,
            amount: money(one),
            ...(repeat === 'per_transaction' && { original: 'T1' }),
          }),
        );
        const sale: Telling = { via: 'postback', status: 'approved', transaction: 'T1', amount: money(total) };
        const at = where % (parts.length + 1);
        const told: Story = { repeat, terms, defaultCurrency, tellings: [...parts.slice(0, at), sale, ...parts.slice(at)] };
        assert.equal(credited(told), '0 0 0');
        assert.equal(text(sum(play(told).ledger)), '0 0 0');
      },
    ),
  },
  {
    name: 'settling after every statement, in portions or at the end gives the same ledger, and its sum is what is credited',
    share: 0.1,
    property: fc.property(
      ofOneConversion({ currencies: true }),
      fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
      (told, settles) => {
        const balance = credited(told);
        for (const when of [() => true, () => false, (index: number) => settles[index] === true]) {
          assert.equal(text(sum(play(told, when).ledger)), balance);
        }
      },
    ),
  },
];

/** Checks a law with so many stories. If it fails, fast-check names the seed and the shortest story. */
export const check = async ({ property, examples = [] }: Law, { stories, seed }: { stories: number; seed: number }): Promise<void> => {
  await fc.assert(property, { numRuns: stories, seed, maxSkipsPerRun: 1_000, examples });
};
