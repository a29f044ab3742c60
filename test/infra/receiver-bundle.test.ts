import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildReceiver } from '../../lib/bundles.ts';

describe('the receiver as it is deployed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postback-receiver-'));
  let code: string;
  beforeAll(() => {
    buildReceiver(directory);
    code = readFileSync(join(directory, 'index.mjs'), 'utf8');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('is a module of at most 450 KB', () => {
    expect(Buffer.byteLength(code) / 1024).toBeLessThanOrEqual(450);
  });

  test('has the document of every network beside it, and reads each when it is needed', () => {
    const read = [...code.matchAll(/import\("\.\/built-in\/([^"]+)"/g)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(0);
    expect(readdirSync(join(directory, 'built-in')).sort()).toEqual(read.sort());
  });
});
