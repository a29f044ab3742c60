import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds on a processor by the name of the thread; threads with the same name are added up. */
export type ThreadCpu = ReadonlyMap<string, number>;

/**
 * The processor time that the threads of a process, and the processes that it has started, have used so far. This time is the same on a
 * busy machine as on a quiet one.
 *
 * @returns nothing on systems other than Linux, which do not provide it.
 */
export async function threadCpu(pid: number): Promise<ThreadCpu> {
  const used = new Map<string, number>();
  for (const one of [pid, ...(await descendantsOf(pid))]) {
    for (const [name, milliseconds] of await threadsOf(one)) used.set(name, (used.get(name) ?? 0) + milliseconds);
  }
  return used;
}

/** The time that was used between two readings. */
export function usedSince(before: ThreadCpu, after: ThreadCpu): ThreadCpu {
  return new Map([...after].map(([name, milliseconds]) => [name, milliseconds - (before.get(name) ?? 0)]));
}

async function threadsOf(pid: number): Promise<[string, number][]> {
  const directory = `/proc/${pid}/task`;
  const tasks = await readdir(directory).catch(() => []);
  const read = async (task: string): Promise<[string, number][]> => {
    try {
      const [name, schedule] = await Promise.all(['comm', 'schedstat'].map((file) => readFile(join(directory, task, file), 'utf8')));
      return [[shortName(name ?? ''), Number(schedule?.split(' ')[0]) / 1e6]];
    } catch {
      // The thread has ended meanwhile.
      return [];
    }
  };
  return (await Promise.all(tasks.map(read))).flat();
}

/** Node puts a thread's number before its name, and Linux keeps only fifteen characters. */
function shortName(comm: string): string {
  return comm.trim().replace(/^\[worker \d+\] ?/, '');
}

async function descendantsOf(ancestor: number): Promise<number[]> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const parents = new Map(
    await Promise.all(
      processes.map(async (pid): Promise<[number, number]> => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        // After the program's name, which may contain anything, come its state and then its parent.
        return [Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
      }),
    ),
  );
  const descends = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || descends(parent));
  };
  return [...parents.keys()].filter(descends);
}
