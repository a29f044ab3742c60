import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { LocalFunction } from './deployment.ts';
import type { FunctionLog } from './function-log.ts';
import {
  type Invocable,
  InvocationError,
  type InvocationRequest,
  isWorkerMessage,
  largestEventBytes,
  type WorkerSettings,
} from './invocation.ts';
import type { AwsRules, Note } from './refusals/aws-calls.ts';

/**
 * The most invocations that run at once. Lambda would start a sandbox for each; here they share one thread, and in a burst of hundreds all
 * of them would run into their timeouts. An invocation that waits for its turn has not begun, so its time does not count.
 */
const mostAtOnce = 24;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: InvocationError) => void;
}

/** One function in a thread of its own, with its own environment and module state. A thread that dies is started again. */
export class FunctionHost implements Invocable {
  readonly definition: LocalFunction;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly log: FunctionLog;
  private readonly pending = new Map<string, Pending>();
  private worker: Worker | undefined;
  private ready: Promise<void> = Promise.resolve();
  private stopping = false;
  private deathsInARow = 0;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  private readonly rules: AwsRules;
  private readonly note: Note;

  /**
   * @param environment all of the function's variables; nothing is inherited.
   * @param rules what AWS would refuse this function.
   * @param note is called with the rights that the function uses and those that it lacks.
   */
  constructor(
    definition: LocalFunction,
    environment: Readonly<Record<string, string>>,
    log: FunctionLog,
    rules: AwsRules,
    note: Note = () => undefined,
  ) {
    this.definition = definition;
    this.environment = environment;
    this.log = log;
    this.rules = rules;
    this.note = note;
  }

  /** @throws Error when the bundle does not load, for example because a variable is missing. */
  async start(): Promise<void> {
    this.ready = this.launch();
    await this.ready;
  }

  /**
   * Runs the handler with the event.
   *
   * @throws InvocationError when it throws, takes longer than the function's timeout, its thread dies, or the event is too large.
   */
  async invoke(event: unknown): Promise<unknown> {
    const text = JSON.stringify(event);
    if (Buffer.byteLength(text) > largestEventBytes)
      throw new InvocationError('too-large', `Request must be smaller than ${largestEventBytes} bytes for the InvokeFunction operation`);
    if (this.running < mostAtOnce) this.running += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.run(text);
    } finally {
      // Hands the place on directly, so that no later invocation overtakes those that wait.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private async run(event: string): Promise<unknown> {
    await this.ready.catch(() => undefined);
    const { worker } = this;
    if (!worker) throw new InvocationError('crashed', `${this.definition.name} is not running`);
    const requestId = randomUUID();
    const timeout = this.definition.timeoutSeconds * 1000;
    return new Promise((resolve, reject) => {
      // Lambda would stop the whole sandbox. Here other invocations share it, so only this one fails.
      const timer = setTimeout(() => {
        this.settle(requestId)?.reject(new InvocationError('timed-out', `${this.definition.name} timed out after ${timeout} ms`));
      }, timeout);
      this.pending.set(requestId, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      const request: InvocationRequest = { requestId, event, deadline: Date.now() + timeout };
      worker.postMessage(request);
    });
  }

  /** The last lines that the function wrote. */
  get logLines(): readonly string[] {
    return this.log.lines;
  }

  /** Ends the thread at once, in the middle of whatever it does; it is then started again. */
  async kill(): Promise<void> {
    await this.worker?.terminate();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.worker?.terminate();
    await this.log.close();
  }

  private launch(): Promise<void> {
    const [fileName = '', exportName = ''] = this.definition.handler.split('.');
    const file = ['.mjs', '.js'].map((extension) => join(this.definition.bundle, `${fileName}${extension}`)).find(existsSync);
    if (file === undefined) throw new Error(`${this.definition.name} has no ${this.definition.handler} in its bundle`);
    const { name, arn, memoryMegabytes } = this.definition;
    const settings: WorkerSettings = { file, exportName, name, arn, memoryMegabytes, rules: this.rules };
    const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      name,
      env: { ...this.environment },
      workerData: settings,
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    this.worker = worker;
    this.keepLines(worker.stdout);
    this.keepLines(worker.stderr);
    return new Promise((resolve, reject) => {
      worker.on('message', (data: unknown) => this.receive(data, resolve));
      worker.on('error', (error) => {
        this.log.write(JSON.stringify({ level: 'ERROR', message: 'thread ended', error: String(error) }));
        reject(new Error(`${name} does not start: ${String(error)}`, { cause: error }));
      });
      worker.on('exit', () => {
        reject(new Error(`${name} ended`));
        this.ended(worker);
      });
    });
  }

  private receive(message: unknown, ready: () => void): void {
    if (!isWorkerMessage(message)) return;
    if (message.kind === 'ready') {
      this.deathsInARow = 0;
      ready();
      return;
    }
    if (message.kind === 'right') {
      this.note(message.use, message.right);
      return;
    }
    if (message.kind === 'done') this.settle(message.requestId)?.resolve(JSON.parse(message.result));
    else this.settle(message.requestId)?.reject(new InvocationError('threw', message.errorMessage));
  }

  private settle(requestId: string): Pending | undefined {
    const pending = this.pending.get(requestId);
    this.pending.delete(requestId);
    return pending;
  }

  private ended(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const requestId of [...this.pending.keys()]) {
      this.settle(requestId)?.reject(new InvocationError('crashed', `${this.definition.name} died`));
    }
    if (this.stopping) return;
    this.ready = this.launchAgain();
    this.ready.catch(() => undefined);
  }

  private async launchAgain(): Promise<void> {
    // The pause keeps a bundle that dies while it loads from keeping the machine busy.
    await sleep(Math.min(5000, 20 * 2 ** this.deathsInARow));
    this.deathsInARow += 1;
    if (!this.stopping) await this.launch();
  }

  private keepLines(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => this.log.write(line));
  }
}
