import { expect, test } from '@jest/globals';
import { shootAtPureWorld, tellStoriesToPureWorld } from '../../fuzz/pure.ts';

/** The short form of `npm run test:fuzz`, which is the same every time. A failure prints the shortest request that shows it. */
const seed = 20_261_124;

test('no request causes a crash, a hang, a 5xx, or a payment that no rule allows', async () => {
  await expect(shootAtPureWorld({ seed, runs: 1_000 })).resolves.toBeUndefined();
});

test('any order and repetition of the postbacks of a conversion ends in the same balance', async () => {
  await expect(tellStoriesToPureWorld({ seed, runs: 300 })).resolves.toBeUndefined();
});
