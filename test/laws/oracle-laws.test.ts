import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Story, tell } from './oracle.ts';
import { story } from './stories.ts';

const money = (told: Story) =>
  tell(told)
    .at(-1)
    ?.conversions.map(({ event, transaction, points, left }) => ({ event, transaction, points, left }))
    .filter(({ points, left }) => Number(points) !== 0 || Number(left) !== 0)
    .sort((a, b) => `${a.event}${a.transaction}`.localeCompare(`${b.event}${b.transaction}`));

describe('the oracle keeps its own laws', () => {
  it('telling any part of a story again changes nothing', () => {
    fc.assert(
      fc.property(
        story({ events: ['complete', 'goal'], currencies: true, hands: true }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 }),
        (told, again) => {
          const tellings = [...told.tellings];
          for (const [which, where] of again) {
            const from = which % tellings.length;
            const one = tellings[from];
            if (one && one.via !== 'hand') tellings.splice(from + 1 + (where % (tellings.length - from)), 0, one);
          }
          expect(money({ ...told, tellings })).toEqual(money(told));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('whatever is accepted of one transaction ends in the same balance in any order', () => {
    fc.assert(
      fc.property(
        story({ transaction: 'T1' }).chain((told) => {
          const outcomes = tell(told);
          const kept = told.tellings.filter((_, index) => outcomes[index]?.answer.kind === 'accepted');
          return fc.record({
            told: fc.constant({ ...told, tellings: kept }),
            other: fc.shuffledSubarray(kept, { minLength: kept.length, maxLength: kept.length }),
          });
        }),
        ({ told, other }) => {
          expect(money({ ...told, tellings: other })).toEqual(money(told));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
