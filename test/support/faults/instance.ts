/** Something that an instance of a function is about to wait for. */
interface Await {
  /** `TransactWriteCommand`, `SendMessageCommand`, `publisher`, … */
  readonly operation: string;
  /** Counts from 1, in the order in which the instance reaches them. */
  readonly number: number;
}

/** Decides what happens to one call to the outside; `perform` makes the call. */
export type Gate = (call: Await, perform: () => Promise<unknown>) => Promise<unknown>;

/**
 * Each caller gets a promise of its own: a single promise that all wait for would keep all of them, with their worlds, in memory as long as
 * the process runs.
 */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/**
 * One running instance of a function. Everything that it waits for goes through its gate, so that an experiment can stop the world between
 * any two of its steps. A killed instance does nothing more, because what it waits for never comes.
 */
export class Instance {
  readonly awaits: string[] = [];
  private readonly gate: Gate;
  private dead = false;
  /** The ends of the runs that are under way. A promise of its death would keep the result of each run as long as the instance lives. */
  private readonly ends = new Set<() => void>();

  constructor(gate: Gate = (_, perform) => perform()) {
    this.gate = gate;
  }

  /**
   * An instance that is killed at the n-th thing that it waits for: before the call is made, or after it was made and before its answer
   * arrives.
   */
  static killedAt(number: number, when: 'before' | 'after'): Instance {
    const instance: Instance = new Instance(async (call, perform) => {
      if (call.number !== number) return perform();
      if (when === 'after') await perform().catch(() => undefined);
      instance.kill();
      return never();
    });
    return instance;
  }

  get wasKilled(): boolean {
    return this.dead;
  }

  kill(): void {
    this.dead = true;
    for (const end of this.ends) queueMicrotask(end);
  }

  /** Runs the work until it ends or the instance is killed. */
  async run<T>(work: () => Promise<T>): Promise<T | 'killed'> {
    const running = work();
    return new Promise((resolve, reject) => {
      const end = (): void => resolve('killed');
      this.ends.add(end);
      if (this.dead) queueMicrotask(end);
      running.then(resolve, reject).finally(() => this.ends.delete(end));
    });
  }

  /** Sends a call through the gate. */
  async wait<T>(operation: string, perform: () => Promise<T>): Promise<T> {
    if (this.dead) return never();
    this.awaits.push(operation);
    const result = (await this.gate({ operation, number: this.awaits.length }, perform)) as T;
    return this.dead ? never() : result;
  }

  /** An AWS client that sends every command through the gate. */
  client<Client extends { send(command: never): Promise<unknown> }>(client: Client): Client {
    return new Proxy(client, {
      get: (target, name) => {
        if (name !== 'send') return Reflect.get(target, name);
        return (command: object) => this.wait(command.constructor.name, () => target.send(command as never));
      },
    });
  }
}
