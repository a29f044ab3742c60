import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errorCodes, heldCodes } from '../../functions/domain/codes.ts';
import { deliveryMacros } from '../../functions/domain/delivery/fields.ts';
import { isUnreplacedMacro } from '../../functions/domain/postback/macros.ts';
import { aliases, standardOf } from '../../functions/domain/postback/standard-names.ts';
import { statusOfWord, words } from '../../functions/domain/postback/status-words.ts';
import { namesOf } from '../../functions/domain/presets/preset.ts';
import { presets } from '../../functions/domain/presets/presets.ts';
import { stageConfig } from '../../lib/stage-config.ts';
import { type Document, documentsIn, generatedPart, readDocument, root, sectionsOf } from '../support/documents/markdown.ts';
import { tables, withTables } from '../support/documents/tables.ts';

const partners = documentsIn('docs/partners');
const readers = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map(readDocument);
const all = [...readers, ...documentsIn('docs'), ...partners];

describe('generated tables', () => {
  test.each(partners)('$path says what the code says (npm run documents makes it so)', ({ text }) => {
    expect(text).toBe(withTables(text, generatedPart));
  });

  test('are each in a document, once', () => {
    const used = partners.flatMap(({ text }) => [...text.matchAll(generatedPart)].map(([, name]) => name));
    expect(used.sort()).toEqual(Object.keys(tables).sort());
  });

  test('a table that was changed by hand is noticed', () => {
    const { text } = readDocument('docs/partners/integration-guide.md');
    const lie = text.replace('`click_not_found`', '`click_missing`');
    expect(lie).not.toBe(text);
    expect(withTables(lie, generatedPart)).not.toBe(lie);
  });

  test('hold every alias, status word and macro that the code accepts', () => {
    const written = partners.map(({ text }) => text).join('\n');
    for (const name of Object.values(aliases).flat())
      expect([standardOf(name) !== undefined, written]).toEqual([true, expect.stringContaining(`\`${name}\``)]);
    for (const word of Object.values(words).flatMap((text) => text.split(' '))) {
      expect([statusOfWord(word) !== undefined, written]).toEqual([true, expect.stringContaining(word)]);
    }
    for (const macro of deliveryMacros.keys()) expect(written).toContain(`{${macro}}`);
  });
});

test.each([...Object.keys(errorCodes), ...Object.keys(heldCodes)])('the integration guide explains the code %s', (code) => {
  expect(readDocument('docs/partners/integration-guide.md').text).toContain(`| \`${code}\` |`);
});

describe.each([...presets.values()])('the address to paste for $name', (preset) => {
  const section = sectionsOf(readDocument('docs/partners/network-presets.md')).find(({ title }) => title === preset.name);
  const address = new URL(section?.blocks.find(({ file }) => file === 'paste')?.text ?? 'missing:');
  const names = [...address.searchParams.keys()];
  /** Networks that append their parameters to the bare address. */
  const appendsAll = names.length === 0;

  test('leads to the postback address', () => {
    expect(address.origin + address.pathname).toBe('https://postback.example.com/postback/YOUR_KEY');
    expect(appendsAll).toBe(['tapjoy', 'theoremreach', 'inbrain'].includes(preset.name));
  });

  test('carries what the preset reads, and what it signs', () => {
    if (appendsAll) return;
    const read = Object.values(preset.parameters).flatMap(([first]) => first ?? []);
    // BitLabs appends its signature by itself.
    const [signature] = preset.signature === undefined || preset.name === 'bitlabs' ? [] : namesOf(preset.signature.carrier);
    expect(names).toEqual(expect.arrayContaining([...read, ...(signature === undefined ? [] : [signature])]));
  });

  test('has macros for values, which we would notice if the network left them in', () => {
    for (const value of address.searchParams.values()) expect([value, isUnreplacedMacro(value)]).toEqual([value, true]);
  });
});

describe('the README', () => {
  const { text } = readDocument('README.md');

  test('names every variable of npm start', () => {
    const names = readFileSync(join(root, 'bin', 'local.ts'), 'utf8').match(/\b[A-Z][A-Z]+(?:_[A-Z]+)+\b|\bPORT\b/g) ?? [];
    expect(names).toContain('DYNAMODB_ENDPOINT');
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });

  test.each(Object.keys(stageConfig('production')).filter((field) => field !== 'name'))('names the field %s of a stage', (field) => {
    expect(text).toContain(`\`${field}\``);
  });
});

test.each(all)('$path names only npm scripts that exist', ({ text }) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [command, name = ''] of text.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:-]+)/g)) {
    expect([command, Object.hasOwn(scripts, name)]).toEqual([command, true]);
  }
});

describe.each(all)('$path', (document) => {
  test('links to documents, headings and files that exist', () => {
    expect(brokenLinks(document)).toEqual([]);
  });

  test('closes what it opens', () => {
    expect(() => sectionsOf(document)).not.toThrow();
  });
});

function brokenLinks({ path, text }: Document): string[] {
  const prose = text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^https?:/.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(root, target))) return [link];
    return anchor === undefined || anchorsOf(readDocument(target)).includes(anchor) ? [] : [link];
  });
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(document: Document): string[] {
  return sectionsOf(document).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
