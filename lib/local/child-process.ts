import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/**
 * Runs the command until its standard input ends, and no longer. This process holds the other end of that input: when it exits, however
 * that happens, the shell reads the end of its input and ends the command.
 */
const untilInputEnds = 'exec 3<&0; "$@" </dev/null & command=$!; (cat <&3 >/dev/null; kill $command 2>/dev/null) & wait $command';

/** A program that lives no longer than this process, even if this process is killed. */
export class ChildProgram {
  private readonly shell: ChildProcess;
  private readonly ended: Promise<void>;
  private hasEnded = false;
  private output = '';

  constructor(command: readonly string[]) {
    // The program gets a process group of its own: Ctrl-C in the terminal must reach only this process, which then stops everything in
    // order.
    this.shell = spawn('/bin/sh', ['-c', untilInputEnds, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.hasEnded = true;
        resolve();
      };
      this.shell.once('close', end);
      this.shell.once('error', end);
    });
    const keep = (chunk: Buffer) => {
      this.output = `${this.output}${chunk.toString()}`.slice(-4000);
    };
    this.shell.stdout?.on('data', keep);
    this.shell.stderr?.on('data', keep);
    this.shell.stdin?.on('error', () => undefined);
  }

  get running(): boolean {
    return !this.hasEnded;
  }

  /** The last part of what the program has printed. */
  get lastOutput(): string {
    return this.output;
  }

  async stop(): Promise<void> {
    this.shell.stdin?.end();
    const { pid } = this.shell;
    const force = setTimeout(() => {
      if (pid !== undefined && !this.hasEnded) process.kill(-pid, 'SIGKILL');
    }, 3000);
    await this.ended;
    clearTimeout(force);
  }
}

/** A port on the loopback address that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
