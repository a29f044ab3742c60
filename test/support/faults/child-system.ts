import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..', '..', '..');
const readyWithinMs = 60_000;

/** `npm start` as a group of processes of its own, which can be killed all at once. */
export class ChildSystem {
  readonly url: string;
  private readonly process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.process = process;
  }

  static async start(dataDir: string, adminToken: string): Promise<ChildSystem> {
    const child = spawn(process.execPath, ['bin/local.ts'], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: '0', DATA_DIR: dataDir, ADMIN_TOKEN: adminToken, RATE_PER_KEY: '1000000', NODE_OPTIONS: '' },
    });
    const said: string[] = [];
    child.stderr.on('data', (chunk) => said.push(String(chunk)));
    const timer = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      const [, url] = /^ready (\S+)$/.exec(line) ?? [];
      if (url === undefined) continue;
      clearTimeout(timer);
      child.stdout.resume();
      return new ChildSystem(url, child);
    }
    clearTimeout(timer);
    throw new Error(`the system does not start:\n${said.join('\n')}`);
  }

  /** Ends every process of the group at once, whatever they are doing. */
  async killNow(): Promise<void> {
    const ended = once(this.process, 'exit');
    if (this.process.pid !== undefined) process.kill(-this.process.pid, 'SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGINT');
    await ended;
  }
}
