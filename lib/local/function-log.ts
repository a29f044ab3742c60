import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

const keptLines = 2000;
const largestFileBytes = 50 * 2 ** 20;

/**
 * Keeps what a function writes: the last lines in memory and, if a path is given, everything in that file. It prints nothing on the
 * terminal.
 */
export class FunctionLog {
  private readonly recent: string[] = [];
  private readonly file: WriteStream | undefined;

  constructor(path?: string) {
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestFileBytes) renameSync(path, `${path}.old`);
    this.file = createWriteStream(path, { flags: 'a' });
  }

  get lines(): readonly string[] {
    return this.recent;
  }

  write(line: string): void {
    this.recent.push(line);
    if (this.recent.length > keptLines) this.recent.shift();
    this.file?.write(`${line}\n`);
  }

  async close(): Promise<void> {
    const { file } = this;
    if (file) await new Promise<void>((resolve) => file.end(() => resolve()));
  }
}
