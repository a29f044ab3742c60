import { describe, it } from '@jest/globals';
import { guesses } from './guesses.ts';
import { check, laws } from './laws.ts';
import { clicks, races } from './races.ts';

/** The short form; the long one is `npm run test:laws -- --stories 1000000 --seed 1`. */
describe('the laws of what a click earns', () => {
  it.each([...laws, clicks, guesses, races].map((law) => [law.name, law] as const))('%s', async (_, law) => {
    await check(law, { stories: Math.round(24_000 * law.share), seed: 1 });
  });
});
