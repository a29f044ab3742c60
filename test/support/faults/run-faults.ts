/**
 * `npm run test:faults` runs every experiment at its full size and writes docs/faults.md from their reports. With names of test files as
 * arguments it runs only those experiments.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { experimentsTable, writePart } from './document.ts';
import { runSeed } from './random.ts';
import { readOutcomes } from './results.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const only = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'postback-faults-'));
const report = join(directory, 'report.jsonl');
const started = Date.now();
console.log(`seed ${runSeed}`);
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--selectProjects',
    'faults',
    '--runInBand',
    '--forceExit',
    '--testTimeout=3600000',
    ...(only.length > 0 ? ['--testPathPatterns', ...only] : []),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FAULTS: 'full', FAULTS_REPORT: report, SEED: String(runSeed) } },
);
let shown = 0;
const progress = setInterval(async () => {
  const outcomes = await readOutcomes(report);
  for (const { experiment, acknowledged, lost, paidTwice } of outcomes.slice(shown)) {
    console.log(
      `${Math.round((Date.now() - started) / 1_000)} s: ${experiment}: ${acknowledged} acknowledged, ${lost} lost, ${paidTwice} paid twice`,
    );
  }
  shown = outcomes.length;
}, 1_000);
const [code] = await once(jest, 'exit');
clearInterval(progress);
const outcomes = await readOutcomes(report);
await rm(directory, { recursive: true, force: true });
if (outcomes.length > 0 && code === 0) {
  const command = ['npm run test:faults', ...(only.length > 0 ? ['--', ...only] : [])].join(' ');
  await writePart('experiments', await experimentsTable(outcomes, `SEED=${runSeed} ${command}`, (Date.now() - started) / 1_000));
}
process.exitCode = code === 0 ? 0 : 1;
