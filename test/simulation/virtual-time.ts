import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from '../support/faults/random.ts';

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

const realImmediate = setImmediate;
const RealDate = Date;
/**
 * The number of steps that the event loop gets at once. Between two of them it does everything that follows without waiting, and it does
 * not poll the system before the last one is done. If it got one step at a time, polling would take most of a simulation's time.
 */
const stepsAtOnce = 500;

/**
 * The time of a simulation. Nothing really waits, everything happens in the order of its time, and the same seed gives the same order. Code
 * that runs within `withClock` has a clock that is early or late.
 */
export class VirtualTime {
  now: number;
  /** Called after each step and everything that follows from it. */
  afterEach: () => void = () => undefined;
  private readonly heap: Waiting[] = [];
  private readonly skew = new AsyncLocalStorage<number>();
  private scheduled = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** The time that the current clock shows: the simulation's, or that of the surrounding `withClock`. */
  readonly shown = (): number => this.now + (this.skew.getStore() ?? 0);

  withClock<T>(skewMs: number, work: () => T): T {
    return this.skew.run(skewMs, work);
  }

  at(time: number, fire: () => void): Waiting {
    this.scheduled += 1;
    const waiting: Waiting = { at: Math.max(Math.ceil(time), this.now), order: this.scheduled, fire, cancelled: false };
    push(this.heap, waiting);
    return waiting;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.now + ms, resolve);
    });
  }

  /** Lets everything happen until a time, and then shows that time. */
  async runUntil(end: number): Promise<void> {
    await this.run(() => {
      const next = this.heap[0];
      return next !== undefined && next.at <= end;
    });
    this.now = end;
  }

  /** Lets everything happen until some work has ended. */
  async runWhile<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    await this.run(() => {
      if (!done && this.heap.length === 0) throw new Error('nothing happens any more, and the work has not ended');
      return !done;
    });
    return work;
  }

  /** Does one step after another, each with everything that follows from it without waiting, as long as there is a next one. */
  private run(isNext: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = 0;
      let ended = false;
      let hasFired = false;
      const step = (): void => {
        left -= 1;
        if (ended) return;
        try {
          if (hasFired) this.afterEach();
          hasFired = false;
          // What was cancelled needs no step of its own.
          while (this.heap[0]?.cancelled === true) pop(this.heap);
          if (isNext()) {
            hasFired = this.fireNext();
            if (left === 0) plan();
            return;
          }
          ended = true;
          resolve();
        } catch (error) {
          ended = true;
          reject(error);
        }
      };
      const plan = (): void => {
        left = stepsAtOnce;
        for (let planned = 0; planned < stepsAtOnce; planned += 1) realImmediate(step);
      };
      plan();
    });
  }

  private fireNext(): boolean {
    const next = pop(this.heap);
    if (next === undefined || next.cancelled) return false;
    this.now = next.at;
    next.fire();
    return true;
  }

  /** From now on the clocks, timers and randomness of this process are the simulation's. For a process that does nothing else. */
  install(random: Random): void {
    const { shown } = this;
    class SimulatedDate extends RealDate {
      constructor(...given: [] | [string | number | Date]) {
        super(...((given.length === 0 ? [shown()] : given) as [number]));
      }
      static override now(): number {
        return shown();
      }
    }
    Object.assign(globalThis, {
      Date: SimulatedDate,
      setTimeout: (fire: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => this.at(this.now + ms, () => fire(...given)),
      clearTimeout: (waiting: Waiting | undefined) => {
        if (waiting !== undefined) waiting.cancelled = true;
      },
    });
    Math.random = () => random.next();
    globalThis.crypto.getRandomValues = (bytes) => {
      if (bytes instanceof Uint8Array) for (let index = 0; index < bytes.length; index += 1) bytes[index] = random.whole(0, 255);
      return bytes;
    };
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Waiting[], added: Waiting): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(added, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = added;
}

function pop(heap: Waiting[]): Waiting | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const [one, other] = [heap[left], heap[left + 1]];
    if (one === undefined) break;
    const smaller = other !== undefined && isBefore(other, one) ? left + 1 : left;
    const child = heap[smaller];
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = smaller;
  }
  heap[at] = last;
  return first;
}
