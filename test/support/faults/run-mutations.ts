/**
 * `npm run test:mutations` removes one guard at a time, in a copy of the project, and runs the tests that must notice. With parts of names
 * or files as arguments it runs only those mutations. With `--simulate 100000` the simulation must notice within so many conversions. A
 * mutation that no test catches shows a guard that no test proves.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { writePart } from './document.ts';
import { type Mutation, mutations } from './mutations.ts';
import { runSeed } from './random.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const copied = [
  'bin',
  'lib',
  'functions',
  'test',
  'docs',
  'cdk.json',
  'jest.config.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const { values, positionals: only } = parseArgs({
  options: { simulate: { type: 'string' }, seed: { type: 'string', default: String(runSeed) }, workers: { type: 'string', default: '2' } },
  allowPositionals: true,
});

const directory = await mkdtemp(join(tmpdir(), 'postback-mutations-'));
interface Caught {
  readonly caught: boolean;
  readonly by: string;
  /** The number of conversions after which the simulation noticed. */
  readonly conversions?: string | undefined;
}

const results: (Caught & { readonly mutation: Mutation })[] = [];
try {
  await copyProject();
  for (const mutation of mutations.filter(isMeant)) {
    if (values.simulate !== undefined && mutation.outside !== undefined) continue;
    const result = await tryMutation(mutation);
    results.push({ mutation, ...result });
    console.log(`${result.caught ? 'caught' : 'NOT CAUGHT'}: ${mutation.name}${result.caught ? `, ${shown(result)}` : ''}`);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
const missed = results.filter(({ caught }) => !caught).length;
console.log(`${results.length - missed} of ${results.length} mutations caught`);
if (only.length === 0)
  await (values.simulate === undefined ? writePart('mutations', table()) : writePart('simulated-mutations', simulated()));
process.exitCode = missed === 0 ? 0 : 1;

function shown({ by, conversions }: Caught): string {
  return `${conversions === undefined ? '' : `after ${conversions} conversions, `}by "${by}"`;
}

function isMeant({ name, file, tests }: Mutation): boolean {
  return only.length === 0 || only.some((part) => `${name} ${file} ${tests}`.includes(part));
}

async function copyProject(): Promise<void> {
  for (const name of copied) await cp(join(root, name), join(directory, name), { recursive: true });
  // The copy shares the packages, but not the caches beside them.
  await mkdir(join(directory, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  }
}

async function tryMutation({ file, remove, put, project, tests, named }: Mutation): Promise<Caught> {
  const path = join(directory, file);
  const original = await readFile(path, 'utf8');
  const found = original.split(remove).length - 1;
  if (found !== 1) throw new Error(`${file} has ${found} of: ${remove}`);
  await writeFile(
    path,
    original.replace(remove, () => put),
  );
  try {
    if (values.simulate !== undefined) return await simulate(values.simulate);
    const failed = await failingTests(project ?? 'faults', tests, named);
    return { caught: failed.length > 0, by: failed[0] ?? '' };
  } finally {
    await writeFile(path, original);
  }
}

/** What the simulation says about the copy, and after how many conversions. */
async function simulate(conversions: string): Promise<Caught> {
  const run = spawn(
    process.execPath,
    [
      'test/simulation/run.ts',
      '--conversions',
      conversions,
      '--seed',
      values.seed,
      '--workers',
      values.workers,
      '--clicks',
      '200',
      '--no-shrink',
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const [said] = await Promise.all([text(run.stderr), once(run, 'exit')]);
  const [, violation, found] = /episode \d+: (.*)[\s\S]*found after (\d+) conversions/.exec(said) ?? [];
  if (violation === undefined && run.exitCode !== 0) throw new Error(`the simulation failed for another reason: ${said.slice(0, 2_000)}`);
  return { caught: violation !== undefined, by: violation?.slice(0, 200) ?? '', conversions: found };
}

async function failingTests(project: string, tests: string, named: string | undefined): Promise<string[]> {
  const output = join(directory, 'results.json');
  await rm(output, { force: true });
  const args = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', join(directory, 'node_modules/jest/bin/jest.js')];
  const selection = [
    '--selectProjects',
    project,
    '--testPathPatterns',
    tests,
    ...(named === undefined ? [] : ['--testNamePattern', named]),
  ];
  const options = [
    '--runInBand',
    '--bail=1',
    '--forceExit',
    '--json',
    `--outputFile=${output}`,
    '--silent',
    '--testTimeout=120000',
    '--rootDir',
    directory,
  ];
  const jest = spawn(process.execPath, [...args, ...selection, ...options], {
    cwd: directory,
    stdio: 'ignore',
    env: { ...process.env, SEED: String(runSeed) },
  });
  await once(jest, 'exit');
  const { testResults } = JSON.parse(await readFile(output, 'utf8')) as {
    testResults: { assertionResults: { status: string; fullName: string }[]; message: string }[];
  };
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A run proves nothing if no test ran or the copy could not be loaded.
  if (!all.some(({ status }) => status === 'passed' || status === 'failed')) {
    throw new Error(
      `no test ran for ${tests} ${named}: ${testResults
        .map(({ message }) => message)
        .join('\n')
        .slice(0, 2_000)}`,
    );
  }
  return all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
}

function simulated(): string {
  const rows = results.map(
    ({ mutation, caught, by, conversions }) =>
      `| ${mutation.name} | ${caught ? `${conversions} | ${by.replaceAll('|', '\\|')}` : '**not found** |'} |`,
  );
  return `## Mutations in the simulation

\`npm run test:mutations -- --simulate ${values.simulate}\`, seed ${values.seed}: of ${results.length} guards taken away, the simulation notices
${results.length - missed} within ${values.simulate} conversions.

| taken away | conversions until it was seen | as what |
|---|---:|---|
${rows.join('\n')}

What no simulation can notice, so that only experiments of their own do:

${mutations.flatMap(({ name, outside }) => (outside === undefined ? [] : [`- ${name}: ${outside}.`])).join('\n')}
`;
}

function table(): string {
  const rows = results.map(({ mutation, caught, by }) => `| ${mutation.name} | \`${mutation.file}\` | ${caught ? by : '**nothing**'} |`);
  return `## Mutations

\`npm run test:mutations\` takes one guard away at a time and runs the experiments again: ${results.length - missed} of ${results.length} are caught.

| taken away | in | the first experiment that failed |
|---|---|---|
${rows.join('\n')}
`;
}
