import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errorCodes, heldCodes } from '../../functions/domain/codes.ts';
import { deliveryMacros } from '../../functions/domain/delivery/fields.ts';
import { builtInNetworks } from '../../functions/domain/networks/built-in.ts';
import { pasteUrls } from '../../functions/domain/networks/paste.ts';
import { aliases, standardOf } from '../../functions/domain/postback/standard-names.ts';
import { statusOfWord, words } from '../../functions/domain/postback/status-words.ts';
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

  test('are each in one document, once', () => {
    const used = partners.flatMap(({ text }) => [...text.matchAll(generatedPart)].map(([, name]) => name));
    expect(used.sort()).toEqual(Object.keys(tables).sort());
  });

  test('differ from a table that was changed by hand', () => {
    const { text } = readDocument('docs/partners/integration-guide.md');
    const lie = text.replace('`click_not_found`', '`click_missing`');
    expect(lie).not.toBe(text);
    expect(withTables(lie, generatedPart)).not.toBe(lie);
  });

  test('contain every alias, status word and macro that the code accepts', () => {
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

describe.each([...builtInNetworks.values()])('the URLs to paste for $network_id', (network) => {
  const section = sectionsOf(readDocument('docs/partners/network-presets.md')).find(({ title }) => title === network.network_id);

  test('are in the document', () => {
    const written = section?.blocks.filter(({ file }) => file === 'paste').map(({ text }) => text);
    expect(written).toEqual(pasteUrls(network, 'https://postback.example.com/postback/YOUR_KEY'));
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

  test('closes every block that it opens', () => {
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

/** The anchors that GitHub makes of headings. */
function anchorsOf(document: Document): string[] {
  return sectionsOf(document).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
