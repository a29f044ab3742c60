import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '..', '..');
const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Links are looked after by test/integration/documents-tables.test.ts. */
describe.each(documents)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  test('names no file that is not there', () => {
    const named = [...text.matchAll(/`((?:bin|lib|functions|test|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names no command that is not there', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

test('the index leads to every document', () => {
  const index = readFileSync(join(root, 'docs', 'README.md'), 'utf8');
  const documented = documents.filter((file) => file.startsWith('docs/') && !file.startsWith('docs/adr/') && file !== 'docs/README.md');
  expect(documented.filter((file) => !index.includes(`](${file.slice('docs/'.length)})`))).toEqual([]);
});
