import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lockDirectory } from '../../lib/local/directory-lock.ts';

const root = join(import.meta.dirname, '..', '..');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postback-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm start` writes before it gives up. */
function refusalOf(variables: Readonly<Record<string, string>>): string {
  const environment = { ...process.env, NODE_OPTIONS: '', PORT: '0', DATA_DIR: folder, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/local.ts'], { cwd: root, env: environment, timeout: 30_000 });
  expect([status, String(stdout)]).toEqual([1, '']);
  return String(stderr).trim();
}

describe('a start that cannot succeed says at once which variable is to blame and what to do', () => {
  test.each([
    [{ PORT: 'abc' }, 'PORT=abc is not a port. Set it to a number from 0 (any free port) to 65535.'],
    [{ PORT: '70000' }, 'PORT=70000 is not a port. Set it to a number from 0 (any free port) to 65535.'],
    [{ DATA_DIR: '/proc/x' }, /^DATA_DIR=\/proc\/x cannot be used: .+\. Set DATA_DIR to a folder that you may write to\.$/],
    [{ DATA_DIR: join(root, 'package.json') }, /package\.json cannot be used: it is a file, not a folder\./],
    [{ DATA_DIR: join(root, 'package.json', 'x') }, /cannot be used: a part of its path is a file, not a folder \(ENOTDIR\)\./],
    [{ DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' }, /^DYNAMODB_ENDPOINT=http:\/\/127\.0\.0\.1:9 does not answer .+nothing listens there/],
    [{ DYNAMODB_ENDPOINT: 'localhost' }, /^DYNAMODB_ENDPOINT=localhost is not a URL\. /],
    [
      { POWERTOOLS_LOG_LEVEL: 'loud' },
      'POWERTOOLS_LOG_LEVEL=loud is not a log level. Set it to one of TRACE, DEBUG, INFO, WARN, ERROR, CRITICAL, SILENT.',
    ],
    [{ ADMIN_TOKEN: 'with blanks' }, 'ADMIN_TOKEN cannot be used. Set it to 1 to 4096 characters without blanks.'],
  ])('%o', (variables: Readonly<Record<string, string>>, message: string | RegExp) => {
    expect(refusalOf(variables)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('a port that another program uses', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(refusalOf({ PORT: String(port) })).toBe(
      `PORT=${port} cannot be used: another program listens on it. Choose another, or 0 for any free port.`,
    );
    other.close();
  });

  test('a data directory that another run uses', () => {
    const release = lockDirectory(folder);
    expect(refusalOf({})).toBe(`DATA_DIR=${folder} is in use by another run of this system. Stop that one, or choose another DATA_DIR.`);
    release();
  });

  test.each(['lock.db', 'dynamodb.db', 'queues/fauxqs.db', 'secrets.json'])('a damaged %s', (name) => {
    mkdirSync(join(folder, 'queues'));
    writeFileSync(join(folder, name), 'this is not what should be here');
    const message = refusalOf({});
    expect(message.slice(0, folder.length + name.length + 18)).toBe(`${join(folder, name)} cannot be used: `);
    expect(message).toMatch(/ Move it away .+, or choose another DATA_DIR\.$/);
  });
});

/** Lines that `npm start` prints until it is ready; it is stopped then. */
async function linesOfStart(use: (url: string) => Promise<void> = async () => undefined): Promise<string> {
  const environment = { ...process.env, NODE_OPTIONS: '', PORT: '0', DATA_DIR: folder };
  const child = spawn(process.execPath, ['bin/local.ts'], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('ready ')) break;
  }
  await use(lines.at(-1)?.slice('ready '.length) ?? '');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
  return lines.join('\n');
}

test('the demo is shown and works on every start, and reaches the publisher at the port of this start', async () => {
  await linesOfStart();
  let page = '';
  const output = await linesOfStart(async (url) => {
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
  const curl = /curl "(\S+)"/.exec(output)?.[1] ?? '';
  expect(curl).toContain('/postback/');
  const third = await linesOfStart(async (url) => {
    // The key is the same on every start, and the click of the earlier start has not been used.
    const sent = new URL(curl);
    const answer = await fetch(`${url}${sent.pathname}${sent.search}`);
    expect(await answer.json()).toMatchObject({ result: 'accepted' });
    const deadline = Date.now() + 10_000;
    do page = await (await fetch(`${url}/demo/publisher`)).text();
    while (!page.includes('<b>points</b>=400') && Date.now() < deadline);
  });
  expect(third).toContain('Starting tables, queues and functions.');
  expect(page).toContain('<b>points</b>=400');
}, 90_000);
