import fc from 'fast-check';
import type { Story, Telling, Terms } from './oracle.ts';

/** Stories are made of very few words, so that they collide: 3.00 and 2.00 add up to 5.00, and ids of take-backs are also ids of sales. */
const few = <T>(...ones: [fc.WeightedArbitrary<T>, ...fc.WeightedArbitrary<T>[]]) => fc.oneof(...ones);
const maybe = <T>(arbitrary: fc.Arbitrary<T>, absent = 1, present = 2) =>
  few<T | undefined>({ weight: absent, arbitrary: fc.constant(undefined) }, { weight: present, arbitrary });

type Loose<T> = { [K in keyof T]?: T[K] | undefined };
/** A telling without its undefined members. */
const compact = (one: Loose<Telling>): Telling =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as Telling;

const amounts = fc.constantFrom('5.00', '3.00', '2.00');
const transactions = fc.constantFrom('T1', 'T2', 'R1');

export type Choice = {
  /** Events that tellings name; absent: no telling names an event, and the story is about one conversion. */
  events?: string[];
  hands?: boolean;
  currencies?: boolean;
  /** If present, all tellings are about this transaction. */
  transaction?: string;
};

const earning = (choice: Choice): fc.Arbitrary<Loose<Telling>> =>
  fc.record({
    status: few<Telling['status']>({ weight: 3, arbitrary: fc.constant('approved') }, { weight: 1, arbitrary: fc.constant('pending') }),
    transaction: choice.transaction === undefined ? maybe(transactions, 1, 3) : fc.constant(choice.transaction),
    amount: few<string | undefined>({ weight: 12, arbitrary: amounts }, { weight: 1, arbitrary: fc.constant('0') }),
    reason: maybe(fc.constantFrom('x', 'y'), 4, 1),
  });

const takeBack = (choice: Choice): fc.Arbitrary<Loose<Telling>> => {
  const named = choice.transaction;
  const ids: fc.Arbitrary<Loose<Telling>> =
    named === undefined
      ? fc
          .record({
            transaction: maybe(transactions),
            original: maybe(transactions, 3, 1),
          })
          .map(({ original, transaction }) => ({ transaction, original: original === transaction ? undefined : original }))
      : fc.oneof(
          fc.constant({ transaction: named }),
          fc.record({ original: fc.constant(named), transaction: maybe(fc.constantFrom('R1', 'R2')) }),
        );
  return fc
    .record({
      status: few<Telling['status']>(
        { weight: 4, arbitrary: fc.constant('reversed') },
        { weight: named === undefined ? 2 : 0, arbitrary: fc.constant('rejected') },
      ),
      ids,
      amount: maybe(amounts, 1, 1),
      reason: maybe(fc.constantFrom('x', 'y'), 5, 1),
    })
    .map(({ ids: given, ...rest }) => ({ ...rest, ...given }));
};

const hand: fc.Arbitrary<Loose<Telling>> = fc.record({
  via: fc.constant('hand' as const),
  status: fc.constantFrom<Telling['status']>('approved', 'rejected', 'reversed'),
  transaction: maybe(transactions),
  amount: maybe(amounts, 2, 1),
  reason: fc.constant('by hand'),
});

const telling = (choice: Choice): fc.Arbitrary<Telling> =>
  fc
    .record({
      said: few<Loose<Telling>>(
        { weight: 5, arbitrary: earning(choice) },
        { weight: 4, arbitrary: takeBack(choice) },
        { weight: choice.hands ? 2 : 0, arbitrary: hand },
      ),
      file: few({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      currency: choice.currencies ? maybe(fc.constantFrom('USD', 'EUR'), 4, 1) : fc.constant(undefined),
      event: choice.events === undefined ? fc.constant(undefined) : maybe(fc.constantFrom(...choice.events)),
    })
    .map(({ said, file, currency, event }) => compact({ via: file ? 'file' : 'postback', currency, event, ...said }));

const terms: fc.Arbitrary<Terms> = fc.oneof(
  fc.record({
    kind: fc.constant('percent' as const),
    rate: fc.constantFrom('100', '50', '7.5', '33.333'),
    exchangeRate: fc.constantFrom('1', '1000', '0.37'),
  }),
  fc.record({
    kind: fc.constant('fixed' as const),
    rate: fc.constantFrom('4.00', '0.01', '3.33'),
    exchangeRate: fc.constantFrom('1', '1000'),
  }),
);

/** A person decides about a conversion. If a click converts once, its conversion is not that of a transaction. */
const ofPlace =
  (repeat: Story['repeat']) =>
  ({ transaction, ...one }: Telling): Telling =>
    transaction === undefined || (one.via === 'hand' && repeat === 'once') ? one : { ...one, transaction };

/** If a network's take-backs have ids of their own, they name no original (contract 1.8). */
const withOwnId = ({ original: _original, ...one }: Telling): Telling =>
  one.via !== 'hand' && one.transaction !== undefined && (one.status === 'reversed' || one.status === 'rejected')
    ? { ...one, ownId: true }
    : one;

export const story = (choice: Choice, length = 9): fc.Arbitrary<Story> =>
  fc
    .record({
      repeat: fc.constantFrom<Story['repeat']>('once', 'per_transaction'),
      terms,
      /** All rejections of a network are chargebacks, or none. */
      chargebacks: fc.boolean(),
      /** All of its take-backs have ids of their own, or none. */
      ownIds: few({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      defaultCurrency: fc.constantFrom('USD', 'EUR'),
      tellings: fc.array(telling(choice), { minLength: 1, maxLength: length }),
    })
    .map(({ chargebacks, ownIds, tellings, ...rest }) => ({
      ...rest,
      tellings: tellings
        .map(ofPlace(rest.repeat))
        .map((one) => (ownIds ? withOwnId(one) : one))
        .map((one) => (one.status === 'rejected' && one.via !== 'hand' && chargebacks ? { ...one, chargeback: true as const } : one)),
    }));
