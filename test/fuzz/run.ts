/**
 * `npm run test:fuzz -- [--runs 100000] [--seed n]`: sends requests to the receiver, the tracker and the admin API until something breaks.
 */
import { parseArgs } from 'node:util';
import { shootAtEveryAddress } from './hostile.ts';
import { shootAtPureWorld, tellStoriesToPureWorld } from './pure.ts';
import { shootAtSystem } from './system.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' }, seed: { type: 'string' } } });
const runs = Number(values.runs);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) throw new Error('--runs and --seed are whole numbers');

/** Most runs only need this process; some use the whole system on its emulators. */
const parts: [name: string, share: number, run: (options: { seed: number; runs: number }) => Promise<void>][] = [
  ['postbacks to the whole system', 0.02, shootAtSystem],
  ['anything to every address of it', 0.08, shootAtEveryAddress],
  ['stories in any order', 0.15, tellStoriesToPureWorld],
  ['postbacks in this process', 0.75, shootAtPureWorld],
];

console.log(`seed ${seed}, ${runs} runs`);
for (const [name, share, run] of parts) {
  const own = Math.max(1, Math.round(runs * share));
  const began = Date.now();
  try {
    await run({ seed, runs: own });
  } catch (error) {
    console.error(`${name}: failed. Repeat it with: npm run test:fuzz -- --runs ${runs} --seed ${seed}`);
    throw error;
  }
  console.log(`${name}: ${own} runs, ${((Date.now() - began) / 1000).toFixed(1)} s, nothing found`);
}
