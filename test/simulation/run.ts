/**
 * `npm run simulate -- [--conversions 1000000] [--seed n] [--workers 2] [--clicks 800] [--no-shrink]`: plays episodes until there are so
 * many conversions. `npm run simulate -- --seed n --episode i [--trace]` plays one of them again, step by step. A failure names its seed
 * and episode, and prints the shortest story that still fails.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Told } from './episode-worker.ts';
import { writeSimulated } from './published.ts';
import { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    conversions: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    workers: { type: 'string', default: '2' },
    episode: { type: 'string' },
    clicks: { type: 'string', default: '800' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
    publish: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const wanted = Number(values.conversions);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const workers = values.episode === undefined ? Number(values.workers) : 1;
if (![wanted, seed, workers].every((number) => Number.isSafeInteger(number) && number >= 0))
  throw new Error('--conversions, --seed and --workers are whole numbers');

const began = Date.now();
const tally = new Tally();
let next = values.episode === undefined ? 0 : Number(values.episode);
let shown = began;
let failed = false;

/** The seed of an episode follows from the run's, so that each episode can be played again on its own. */
function runWorker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(new URL('./episode-worker.ts', import.meta.url), [], {
      env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'SILENT' },
    });
    const give = (): void => {
      if (failed || tally.conversions >= wanted || (values.episode !== undefined && next > Number(values.episode))) {
        worker.disconnect();
        return;
      }
      worker.send({ seed, episode: next, clicks: Number(values.clicks), trace: values.trace, shrink: values.shrink });
      next += 1;
    };
    worker.on('message', (told: Told) => {
      if (told.kind === 'line') {
        console.log(told.text);
        return;
      }
      if (told.kind === 'failed') {
        failed = true;
        console.error(`seed ${seed}, episode ${told.episode}: ${told.violation}`);
        console.error(`found after ${tally.conversions + told.conversions} conversions`);
        if (values.shrink) console.error(`the shortest story that fails, of ${told.of} things that were done:\n${told.story.join('\n')}`);
        console.error(`again: npm run simulate -- --seed ${seed} --episode ${told.episode} --clicks ${values.clicks} --trace`);
      } else tally.add(told.report);
      if (Date.now() - shown > 10_000) {
        shown = Date.now();
        console.log(progress());
      }
      give();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    give();
  });
}

function progress(): string {
  const seconds = (Date.now() - began) / 1_000;
  return `${tally.conversions} conversions in ${tally.episodes} episodes, ${tally.faults} faults, ${seconds.toFixed(0)} s, ${(tally.conversions / seconds).toFixed(0)} a second`;
}

console.log(`seed ${seed}`);
await Promise.all(Array.from({ length: workers }, runWorker));
console.log(progress());
if (!failed) console.log(tally.table());
// A few episodes may not come to everything.
if (!failed && tally.conversions >= 5_000 && tally.undone.length > 0) {
  failed = true;
  console.error(`never done, however often it was asked for: ${tally.undone.join(', ')}`);
}
if (values.publish && !failed) await writeSimulated(tally, seed, (Date.now() - began) / 1_000);
process.exitCode = failed ? 1 : 0;
