import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findBrowser, type Machine } from '../../support/find-browser.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describe('the Node.js that runs the commands', () => {
  // The name is computed because the module is plain JavaScript without types.
  const whatIsMissing = async (version: string, installed: boolean): Promise<string | undefined> =>
    (await import(join(root, 'bin', 'require-node.mjs'))).whatIsMissing(version, installed);

  test('is missing without npm ci, which one sentence says', async () => {
    expect(await whatIsMissing('24.1.0', false)).toBe('The dependencies are not installed. Run: npm ci');
  });

  test('is too old with --ignore-scripts, and one sentence says how to get the right one', async () => {
    const message = await whatIsMissing('20.20.2', true);
    expect(message).toContain('needs Node.js 24 but is running on Node.js 20.20.2');
    expect(message).toMatch(/Run: npm rebuild node --ignore-scripts=false$/);
  });

  test('may be Node.js 24 or newer', async () => {
    expect([await whatIsMissing('24.0.0', true), await whatIsMissing('25.3.0', true)]).toEqual([undefined, undefined]);
  });
});

describe('the browser of the tests', () => {
  const machine = (platform: NodeJS.Platform, programs: string[], environment: Record<string, string> = {}): Machine => ({
    platform,
    arch: 'arm64',
    environment,
    isProgram: async (path) => programs.includes(path),
  });

  test('is the one that CHROMIUM names', async () => {
    const found = findBrowser(machine('linux', ['/my/chrome', '/usr/bin/chromium'], { CHROMIUM: '/my/chrome', PATH: '/usr/bin' }));
    await expect(found).resolves.toEqual({ executablePath: '/my/chrome' });
  });

  test('is never another than the one that CHROMIUM names', async () => {
    const found = findBrowser(machine('linux', ['/usr/bin/chromium'], { CHROMIUM: '/gone', PATH: '/usr/bin' }));
    await expect(found).rejects.toThrow('CHROMIUM=/gone is not a program');
  });

  test.each<[NodeJS.Platform, string]>([
    ['linux', '/usr/bin/chromium'],
    ['linux', '/usr/local/bin/google-chrome'],
    ['linux', '/snap/bin/chromium'],
    ['darwin', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['darwin', '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
  ])('is found on %s at %s', async (platform, path) => {
    const found = findBrowser(machine(platform, [path], { PATH: '/usr/local/bin:/usr/bin' }));
    await expect(found).resolves.toEqual({ executablePath: path });
  });

  test('is requested with an explanation if there is none and npm provides none', async () => {
    await expect(findBrowser(machine('linux', []))).rejects.toThrow('Install one of them, or set CHROMIUM');
  });
});

describe('package-lock.json', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string; inBundle?: boolean; optional?: boolean; os?: string[]; engines?: unknown }>;
  };

  test.each(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'])('has the DynamoDB emulator for %s', (platform) => {
    expect(packages).toHaveProperty([`node_modules/@dynoxide/${platform}`]);
  });

  test('has a checksum for every package except those for other platforms, which the registry of the last npm install lacked', () => {
    const unvouched = Object.entries(packages).filter(
      ([path, { integrity, inBundle, optional, os }]) => path !== '' && !integrity && !inBundle && !(optional && os),
    );
    expect(unvouched).toEqual([]);
  });

  test('demands no Node.js version about which npm would warn, since the package "node" provides the right one', () => {
    expect(Object.entries(packages).filter(([path, { engines }]) => path !== '' && engines !== undefined)).toEqual([]);
  });
});
