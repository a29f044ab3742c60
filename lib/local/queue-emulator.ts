import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';

const readySchema = z.tuple([z.object({ endpoint: z.url() })]);

/** An SQS on this machine. */
export interface QueueEmulator {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts SQS's emulator.
 *
 * @param options.dataDir where messages are kept, including those in flight and those delayed; absent: in memory.
 */
export async function startQueueEmulator(options: { readonly dataDir?: string; readonly region: string }): Promise<QueueEmulator> {
  const worker = new Worker(new URL('./queue-emulator-worker.ts', import.meta.url), { workerData: options, execArgv: [] });
  const exited = once(worker, 'exit').catch(() => undefined);
  const [{ endpoint }] = readySchema.parse(await once(worker, 'message'));
  return {
    endpoint,
    stop: async () => {
      worker.postMessage('stop');
      const force = setTimeout(() => void worker.terminate(), 2000);
      await exited;
      clearTimeout(force);
    },
  };
}
