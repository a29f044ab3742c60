import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '..', '..');
const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** test/integration/documents-tables.test.ts checks the links. */
describe.each(documents)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  test('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:bin|lib|functions|test|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names only commands that exist', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

test('the index links to every document', () => {
  const index = readFileSync(join(root, 'docs', 'README.md'), 'utf8');
  const documented = documents.filter((file) => file.startsWith('docs/') && !file.startsWith('docs/adr/') && file !== 'docs/README.md');
  expect(documented.filter((file) => !index.includes(`](${file.slice('docs/'.length)})`))).toEqual([]);
});

/** One word for one thing: these pages do not use words that the glossary replaces. */
const otherWords: readonly (readonly [string, RegExp])[] = [
  ['address, for a URL, an IP address or a host', /(?<!IP |e-mail )\baddress(?:es)?\b/i],
  ['tell, where we deliver or notify', /\b(?:is|are|was|were|be|been) told\b/i],
  ['process again, for reprocess', /\bprocess(?:ed)? again\b/i],
  ['refusal words of a person for what a machine does', /\bturned? away\b/i],
];
const read = [
  'README.md',
  'CONTRIBUTING.md',
  ...['README', 'console', 'costs', 'deploying', 'forwarding', 'inbound', 'managing-keys', 'operations', 'runbooks', 'security'].map(
    (name) => `docs/${name}.md`,
  ),
  ...readdirSync(join(root, 'docs', 'partners'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/partners/${name}`),
];

describe.each(read)('%s', (file) => {
  const prose = readFileSync(join(root, file), 'utf8').replaceAll(/^(`{3,})[\s\S]*?^\1$|`[^`]*`|<!--[^>]*-->|\]\([^)\s]*\)/gm, '');

  test.each(otherWords)('does not say %s', (_, word) => {
    expect(prose.split('\n').filter((line) => word.test(line))).toEqual([]);
  });
});

test('the page for publishers shows no call that only an admin may make', () => {
  const text = readFileSync(join(root, 'docs', 'partners', 'publishers.md'), 'utf8');
  expect(text).not.toMatch(/ADMIN_TOKEN|\/(?:resume|pause|alerts|tokens)\b/);
});

test('the glossary is in alphabetical order and contains each word once', () => {
  const glossary = readFileSync(join(root, 'docs', 'partners', 'glossary.md'), 'utf8');
  const words = [...glossary.matchAll(/^\| ([a-z][\w ]*|IP address|URL) \|/gim)]
    .map(([, word = '']) => word)
    .filter((word) => word !== 'Word');
  expect(words.length).toBeGreaterThan(30);
  expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b, 'en')));
});
