import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds on a processor, by the name of the thread; threads of the same name together. */
export type ThreadCpu = ReadonlyMap<string, number>;

/**
 * What the threads of a process, and the processes that it has started, have used of the processors so far. Time on a processor says
 * the same on a busy machine as on a quiet one.
 *
 * @returns nothing where the system does not tell (anything but Linux).
 */
export async function threadCpu(pid: number): Promise<ThreadCpu> {
  const used = new Map<string, number>();
  for (const one of [pid, ...(await descendantsOf(pid))]) {
    for (const [name, milliseconds] of await threadsOf(one)) used.set(name, (used.get(name) ?? 0) + milliseconds);
  }
  return used;
}

/** What was used between two looks. */
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
      // It has ended meanwhile.
      return [];
    }
  };
  return (await Promise.all(tasks.map(read))).flat();
}

/** Node puts a thread's number before its name, and Linux keeps fifteen letters of it. */
function shortName(comm: string): string {
  return comm.trim().replace(/^\[worker \d+\] ?/, '');
}

async function descendantsOf(ancestor: number): Promise<number[]> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const parents = new Map(
    await Promise.all(
      processes.map(async (pid): Promise<[number, number]> => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        // After the program's name, which may hold anything: its state, then its parent.
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
