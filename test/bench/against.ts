import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { measureThroughput, type Throughput } from './throughput.ts';

/** Measures both revisions in turn, so that a busy moment of the machine affects both. */
export interface Against {
  readonly revision: string;
  readonly ours: Throughput;
  readonly theirs: Throughput;
}

const root = join(import.meta.dirname, '..', '..');
const rounds = 2;

/**
 * Runs an earlier revision of this program beside it, under the same load, with the packages of this checkout.
 *
 * @param revision anything that git knows.
 * @throws Error when git does not know the revision, or it does not run.
 */
export async function measureAgainst(revision: string): Promise<Against> {
  const directory = await mkdtemp(join(tmpdir(), 'postback-baseline-'));
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: root });
  try {
    await git('worktree', 'add', '--detach', '--force', directory, revision);
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    const [ours, theirs]: [Throughput[], Throughput[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await measureThroughput({ root: directory }));
      ours.push(await measureThroughput());
    }
    return { revision, ours: best(ours), theirs: best(theirs) };
  } finally {
    await git('worktree', 'remove', '--force', directory).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
}

/** The round that the machine disturbed least. */
function best(measured: readonly Throughput[]): Throughput {
  const [first, ...others] = measured;
  if (first === undefined) throw new Error('nothing was measured');
  return others.reduce((found, one) => (one.acceptedPerSecond > found.acceptedPerSecond ? one : found), first);
}
