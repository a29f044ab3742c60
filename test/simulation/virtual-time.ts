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
 * So many steps are handed to the event loop at once: between two of them it does all that follows without waiting, and it asks the
 * system for nothing before the last one is done. One at a time, asking takes most of a simulation.
 */
const stepsAtOnce = 500;

/**
 * The time of a simulation: nothing waits, everything happens in the order of its time, and the same seed brings the same order.
 * Whoever has a clock of its own (`withClock`) is early or late by it, in all that runs within.
 */
export class VirtualTime {
  now: number;
  /** Called after all that follows from each thing that happens. */
  afterEach: () => void = () => undefined;
  private readonly heap: Waiting[] = [];
  private readonly skew = new AsyncLocalStorage<number>();
  private scheduled = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** What clocks show here: the time, or that of the clock that one is under. */
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

  /** Lets everything happen until a time, and shows that time then. */
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

  /** One thing after another, each with all that follows from it without waiting, for as long as there is one to come. */
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

  /** Clocks, timers and randomness of this process are the simulation's from now on. For a process that does nothing else. */
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
