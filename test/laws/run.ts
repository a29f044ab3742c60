/** `npm run test:laws -- [--stories 1000000] [--seed n]`: checks the laws of contract 1.5 with as many stories as you have time for. */
import { parseArgs } from 'node:util';
import { guesses } from './guesses.ts';
import { check, laws } from './laws.ts';
import { clicks, races } from './races.ts';

const { values } = parseArgs({ options: { stories: { type: 'string', default: '1000000' }, seed: { type: 'string' } } });
const stories = Number(values.stories);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(stories) || stories < 1 || !Number.isSafeInteger(seed)) throw new Error('--stories and --seed are whole numbers');

/** The number of stories between two lines of progress. */
const most = 20_000;

console.log(`seed ${seed}, ${stories} stories`);
for (const law of [...laws, clicks, guesses, races]) {
  const began = Date.now();
  const own = Math.max(1, Math.round(stories * law.share));
  for (let told = 0; told < own; told += most) {
    const next = Math.min(most, own - told);
    const of = seed + told / most;
    try {
      await check(law, { stories: next, seed: of });
    } catch (error) {
      console.error(`${law.name}: broken. Seed ${of} of this law`);
      throw error;
    }
    console.log(`${law.name}: ${told + next} of ${own} stories, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}
