import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Instance } from '../support/faults/instance.ts';
import type { Random } from '../support/faults/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What can happen to a call to the outside. The published table uses these words. */
export const faultKinds = {
  refused: 'the service refuses it (throttling)',
  failed: 'the service fails (500)',
  lost: 'the request is lost',
  unheard: 'it is done, and the answer is lost',
  late: 'it takes seconds',
  straggler: 'it is given up after three seconds, and done up to twenty seconds later',
  twice: 'it is done twice',
  conflict: 'the transaction meets another one',
  'crash before': 'the function dies before it',
  'crash after': 'it is done, and the function dies before it hears of it',
} as const;
export type FaultKind = keyof typeof faultKinds;

const weights: readonly (readonly [FaultKind, number])[] = [
  ['refused', 20],
  ['failed', 12],
  ['lost', 8],
  ['unheard', 12],
  ['late', 8],
  ['straggler', 4],
  ['twice', 8],
  ['conflict', 8],
  ['crash before', 8],
  ['crash after', 12],
];
const total = weights.reduce((sum, [, weight]) => sum + weight, 0);

/** The clients of the functions try so often and wait so long for an answer. */
const mostTries = 3;
const answerMs = 3_000;
const longestStragglerMs = 20_000;

/**
 * Each caller gets a promise of its own: a single promise that all wait for would keep all of them, with their worlds, in memory as long as
 * the process runs.
 */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** How many faults of each kind there were, and at which awaits. */
export type FaultCounts = Map<FaultKind | 'timed out' | 'everything dies', { times: number; awaits: Set<string> }>;

function serviceError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** For a while, calls whose names begin like this are refused with this probability. */
interface Outage {
  readonly calls: string;
  readonly ms: number;
  readonly rate: number;
}

/** A call to AWS with all its tries. */
interface Call {
  readonly operation: () => string;
  readonly perform: () => unknown;
  /** Whether one of its tries has been carried out. */
  wasDone: boolean;
}

/** Every call to the outside passes through here. The seed decides what goes wrong with it. */
export class Faults {
  readonly counts: FaultCounts = new Map();
  /** The probability of a fault for each call; 0: nothing goes wrong any more. */
  rate: number;
  /** Whether the only faults are conflicts of transactions. */
  private readonly onlyConflicts: boolean;
  private readonly time: VirtualTime;
  private readonly random: Random;
  private readonly trace: (line: string) => void;
  private outages: readonly (Outage & { readonly until: number })[] = [];

  constructor(
    time: VirtualTime,
    random: Random,
    { rate, onlyConflicts }: { readonly rate: number; readonly onlyConflicts: boolean },
    trace: (line: string) => void,
  ) {
    this.time = time;
    this.random = random;
    this.rate = rate;
    this.onlyConflicts = onlyConflicts;
    this.trace = trace;
  }

  note(kind: FaultKind | 'timed out' | 'everything dies', await_: string): void {
    const count = this.counts.get(kind) ?? { times: 0, awaits: new Set<string>() };
    count.times += 1;
    count.awaits.add(await_);
    this.counts.set(kind, count);
    this.trace(`fault: ${kind}, at ${await_}`);
  }

  /** Refuses certain calls for a while. */
  refuse(outage: Outage): void {
    const { now } = this.time;
    this.outages = [...this.outages, { ...outage, until: now + outage.ms }];
  }

  /** A call to AWS, which is tried again in the way of the SDK. */
  async aws(instance: () => Instance, operation: () => string, perform: () => unknown): Promise<unknown> {
    const call: Call = { operation, wasDone: false, perform };
    for (let tried = 1; ; tried += 1) {
      await this.time.sleep(this.latency());
      if (instance().wasKilled) return never();
      const error = await this.tryOnce(instance, call);
      if ('answer' in error) return error.answer;
      if (tried === mostTries || !error.again) throw error.thrown;
      await this.time.sleep(this.random.whole(20, 100) * tried);
      if (instance().wasKilled) return never();
    }
  }

  /** A request to a publisher. The function may die before the request, or before it gets the answer. */
  async publisher<T>(instance: () => Instance, operation: string, perform: () => Promise<T>): Promise<T> {
    const kind = this.onlyConflicts ? undefined : this.draw();
    if (kind === 'crash before') return this.die(instance, kind, operation);
    const answer = await perform();
    if (kind === 'crash after') return this.die(instance, kind, operation);
    return answer;
  }

  private async tryOnce(
    instance: () => Instance,
    call: Call,
  ): Promise<{ readonly answer: unknown } | { readonly thrown: unknown; readonly again: boolean }> {
    const perform = (): unknown => {
      call.wasDone = true;
      return call.perform();
    };
    const kind = this.isOut(call) ? 'refused' : this.draw();
    const operation = kind === undefined ? '' : call.operation();
    // A transaction that is done conflicts with no other: when it is sent again with its token, the answer is that it is done.
    const usable = kind === 'conflict' && (call.wasDone || !operation.includes('TransactWrite')) ? undefined : kind;
    if (usable !== undefined && usable !== 'crash before' && usable !== 'crash after') this.note(usable, operation);
    switch (usable) {
      case undefined:
        return this.answered(perform);
      case 'refused':
        return { thrown: serviceError('ThrottlingException', 'Rate exceeded'), again: true };
      case 'failed':
        return { thrown: serviceError('InternalServerError', 'Internal server error'), again: true };
      case 'lost':
        await this.time.sleep(answerMs);
        return { thrown: serviceError('TimeoutError', 'no answer'), again: true };
      case 'unheard':
        attempt(perform);
        await this.time.sleep(answerMs);
        return { thrown: serviceError('TimeoutError', 'no answer'), again: true };
      case 'late':
        await this.time.sleep(this.random.whole(500, answerMs - 100));
        return this.answered(perform);
      case 'straggler':
        this.time.at(this.time.now + answerMs + this.random.whole(0, longestStragglerMs), () => attempt(perform));
        await this.time.sleep(answerMs);
        return { thrown: serviceError('TimeoutError', 'no answer'), again: this.random.next() < 0.5 };
      case 'twice':
        attempt(perform);
        return this.answered(perform);
      case 'conflict':
        return {
          thrown: new TransactionCanceledException({
            message: 'Transaction cancelled',
            CancellationReasons: [{ Code: 'TransactionConflict' }],
            $metadata: {},
          }),
          again: false,
        };
      case 'crash before':
        return this.die(instance, usable, operation);
      case 'crash after':
        attempt(perform);
        return this.die(instance, usable, operation);
      default:
        return usable satisfies never;
    }
  }

  private async answered(
    perform: () => unknown,
  ): Promise<{ readonly answer: unknown } | { readonly thrown: unknown; readonly again: boolean }> {
    const done = attempt(perform);
    await this.time.sleep(this.latency());
    return 'answer' in done ? done : { ...done, again: false };
  }

  private die(instance: () => Instance, kind: FaultKind, operation: string): Promise<never> {
    this.note(kind, operation);
    instance().kill();
    return never();
  }

  private isOut({ operation }: Call): boolean {
    if (this.outages.length === 0) return false;
    this.outages = this.outages.filter(({ until }) => until > this.time.now);
    const name = operation();
    return this.outages.some(({ calls, rate }) => name.startsWith(calls) && this.random.next() < rate);
  }

  private draw(): FaultKind | undefined {
    if (this.rate === 0 || this.random.next() >= this.rate) return undefined;
    if (this.onlyConflicts) return 'conflict';
    let place = this.random.next() * total;
    for (const [kind, weight] of weights) {
      place -= weight;
      if (place < 0) return kind;
    }
    return undefined;
  }

  private latency(): number {
    return this.random.whole(1, 8);
  }
}

function attempt(perform: () => unknown): { readonly answer: unknown } | { readonly thrown: unknown } {
  try {
    return { answer: perform() };
  } catch (error) {
    return { thrown: error };
  }
}
