import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exampleOf } from '../support/documents/examples.ts';
import { documentsIn, readDocument, sectionsOf } from '../support/documents/markdown.ts';
import { play } from '../support/documents/play.ts';
import { LocalStack } from '../support/local-stack.ts';

const documents = [...documentsIn('docs/partners'), readDocument('docs/managing-keys.md')].map((document) => ({
  document,
  examples: sectionsOf(document).flatMap((section) => exampleOf(section) ?? []),
}));

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

describe.each(documents.filter(({ examples }) => examples.length > 0))('$document.path', ({ examples }) => {
  test.each(examples)('$title', (example) => play(stack, example));
});

test('the ten scenarios and the common mistakes are among the examples that are played', () => {
  const titles = documents.flatMap(({ examples }) => examples.map(({ title }) => title));
  for (let scenario = 1; scenario <= 10; scenario += 1) expect(titles.filter((title) => title.startsWith(`${scenario}. `))).toHaveLength(1);
  expect(titles).toEqual(
    expect.arrayContaining(['No click id', 'A macro that was never filled', 'A wrong or old key', 'A click that nobody made']),
  );
});
