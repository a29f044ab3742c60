import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildBundles } from '../../lib/bundles.ts';

interface Bom {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly properties: readonly { readonly name: string }[];
    readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  }[];
}

let directory: string;
/** The packages that are not only development tools. */
let shipped: Bom['components'];
let bundled: ReadonlySet<string>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postback-sbom-'));
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { maxBuffer: 2 ** 26 });
  const { components } = JSON.parse(stdout) as Bom;
  shipped = components.filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'));
  const files = buildBundles(directory);
  bundled = new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the list of shipped packages names every package that is in a bundle', () => {
  const listed = new Set(shipped.map(({ name }) => name));
  expect(bundled.size).toBeGreaterThan(10);
  expect([...bundled].filter((name) => !listed.has(name))).toEqual([]);
});

test('each of them has a version that the lockfile fixes, and a licence that only demands attribution', async () => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: Record<string, { version?: string }> };
  const locked = new Set(Object.entries(packages).map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`));
  const permissive = /^\(?(?:MIT|MIT-0|0BSD|ISC|Apache-2\.0|BSD-[23]-Clause|Unlicense)(?: OR .*)?\)?$/;
  for (const { name, version, licenses = [] } of shipped) {
    expect(locked).toContain(`${name}@${version}`);
    expect(licenses.map(({ license, expression }) => license?.id ?? expression)).toEqual([expect.stringMatching(permissive)]);
  }
});

test('the project names its packages with exact versions', async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>;
  for (const version of Object.values({ ...dependencies, ...devDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
