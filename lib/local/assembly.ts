import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules', '.cache', 'postback-assemblies');
/**
 * Everything that decides what is synthesised. The local runner and the operators' commands are not part of it, so changing them needs no
 * new synthesis.
 */
const inputs = [
  'bin/postback.ts',
  'lib',
  'functions',
  'docs/partners',
  'docs/console.md',
  'docs/pictures',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];
const notInputs = new Set([join(root, 'lib', 'local'), join(root, 'lib', 'operators')]);
const keptAssemblies = 4;
/** How long an old assembly is kept: a running system may still restart its workers from it. */
const keptMs = 3_600_000;

const cdkConfig = z.object({ context: z.record(z.string(), z.unknown()) });

export interface SynthesisOptions {
  /** Whether the functions are bundled. A caller that only reads the templates needs no bundles. @default true */
  readonly bundle?: boolean;
  /** Called when the assembly has to be built. */
  readonly onBuild?: () => void;
}

/**
 * The directory of the app's cloud assembly: templates and bundles, as `cdk deploy` would upload them.
 *
 * Synthesis takes seconds, so an assembly is kept under the hash of all its inputs: it can be missing but never stale.
 *
 * @throws Error with the app's own output when it does not synthesise.
 */
export async function synthesise(stage: string, options: SynthesisOptions = {}): Promise<string> {
  const bundle = options.bundle ?? true;
  const directory = join(cache, `${stage}${bundle ? '' : '-templates'}-${hashInputs()}`);
  if (await exists(join(directory, 'manifest.json'))) return directory;
  options.onBuild?.();
  const draft = `${directory}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await runApp(draft, { ...(!bundle && { 'aws:cdk:bundling-stacks': [] }), stage });
  try {
    await rename(draft, directory);
  } catch (error) {
    // Another process was faster, and its assembly is the same.
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(join(directory, 'manifest.json')))) throw error;
  }
  await forgetOldAssemblies();
  return directory;
}

/** Runs the app in a process of its own, as the CDK CLI does, so that the memory that the CDK library uses is freed afterwards. */
async function runApp(outdir: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const { context } = cdkConfig.parse(JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
  const cdkContext = JSON.stringify({
    ...context,
    // The CLI asks for the asset metadata too: it tells which bundle belongs to which function.
    'aws:cdk:enable-asset-metadata': true,
    // Checking the templates against AWS's rules takes most of the time of a synthesis. `cdk synth` does it before a deployment.
    '@aws-cdk/core:validateAgainstDefaultRules': false,
    ...given,
  });
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: cdkContext, NODE_OPTIONS: '' };
  try {
    await promisify(execFile)(process.execPath, ['bin/postback.ts'], { cwd: root, env, maxBuffer: 2 ** 24 });
  } catch (error) {
    await rm(outdir, { recursive: true, force: true });
    const output = z.object({ stderr: z.string() }).safeParse(error);
    throw new Error(`the app does not synthesise:\n${output.success ? output.data.stderr : String(error)}`, { cause: error });
  }
}

/** Reads synchronously: with hundreds of small files that takes a twentieth of the time. */
function hashInputs(): string {
  const hash = createHash('sha256').update(process.version);
  for (const input of inputs) {
    for (const file of filesIn(join(root, input))) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 20);
}

function filesIn(path: string): string[] {
  if (notInputs.has(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

async function forgetOldAssemblies(): Promise<void> {
  const entries = await Promise.all(
    (await readdir(cache)).map(async (name) => ({ name, time: (await stat(join(cache, name))).mtimeMs, isDraft: /\.\d+$/.test(name) })),
  );
  const byAge = entries.sort((a, b) => b.time - a.time);
  const finished = byAge
    .filter(({ isDraft }) => !isDraft)
    .slice(keptAssemblies)
    .filter(({ time }) => Date.now() - time > keptMs);
  // A draft this old belongs to a process that was killed.
  const abandoned = byAge.filter(({ isDraft, time }) => isDraft && Date.now() - time > 600_000);
  await Promise.all([...finished, ...abandoned].map(({ name }) => rm(join(cache, name), { recursive: true, force: true })));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
