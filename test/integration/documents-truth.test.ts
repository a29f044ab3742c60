import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Example, exampleOf } from '../support/documents/examples.ts';
import { type Document, readDocument, sectionsOf } from '../support/documents/markdown.ts';
import { play } from '../support/documents/play.ts';
import { LocalStack } from '../support/local-stack.ts';

/**
 * Shows that a false promise in the documents is found: each case changes a promise in memory, and playing the example must fail exactly
 * there.
 */

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

const examples = readDocument('docs/partners/examples.md');
const publishers = readDocument('docs/partners/publishers.md');
const presets = readDocument('docs/partners/network-presets.md');

function sectionWith(document: Document, title: string, before: string, after: string): Example {
  const lines = document.text.split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === title);
  const changed = lines.findIndex((line, index) => index > start && line.includes(before));
  expect([start, changed]).not.toContain(-1);
  const text = lines.map((line, index) => (index === changed ? line.replace(before, after) : line)).join('\n');
  const example = sectionsOf({ ...document, text }).flatMap((section) => (section.title === title ? (exampleOf(section) ?? []) : []))[0];
  if (example === undefined) throw new Error(`no example in ${title}`);
  return example;
}

test.each([
  ['another HTTP status', examples, 'No click id', 'answer   400', 'answer   200'],
  ['another code', examples, 'A wrong or old key', 'invalid_key', 'click_not_found'],
  ['another message', examples, 'A click that nobody made', 'Click not found', 'No such click'],
  ['another result', examples, '10. A test that changes nothing', 'result     test', 'result     accepted'],
  ['more points', examples, '1. A user completes a survey', 'points     4.00', 'points     5.00'],
  ['points of another user', examples, '9. A batch, one after another', 'points of anna  5.00', 'points of ben   5.00'],
  ['another field of the notification', examples, '1. A user completes a survey', 'payout=4.00', 'payout=5.00'],
  ['a notification that is not sent', examples, '10. A test that changes nothing', 'publisher  nothing', 'publisher  status=approved'],
  ['no notification where one is sent', examples, '8. Euros', 'publisher  payout=42.50 currency=EUR', 'publisher  nothing'],
  ['a positive amount for a chargeback', examples, 'A chargeback', 'points=-4.00', 'points=4.00'],
  ['another value in the log', examples, '3. JSON, with data of your own', 'custom_data.user_age=28', 'custom_data.user_age=29'],
  ['another header', publishers, 'Sending users to an offer', 'header cache-control  no-store', 'header cache-control  max-age=60'],
  ['a healthy endpoint', publishers, 'Pausing', 'state=paused', 'state=active'],
  ['a delivery that arrived', publishers, 'Pausing', 'status=held', 'status=delivered'],
  ['another body', presets, 'cpx', 'body    1', 'body    OK'],
  ['another text that is signed', presets, 'torox', '123-CLICK_ID-tx-key', 'CLICK_ID-123-tx-key'],
])('a document that promises %s is found out', async (_, document, title, before, after) => {
  await expect(play(stack, sectionWith(document, title, before, after), { patienceMs: 500 })).rejects.toThrow(/^line \d+ promises /);
});

test('a request that promises nothing is no example', () => {
  const text = '# A\n```http\nGET /postback/YOUR_KEY\n```\n';
  expect(() => sectionsOf({ path: 'a.md', text }).map(exampleOf)).toThrow('the request promises nothing');
});

test('a promise that cannot be read is an error', () => {
  const text = '# A\n```http\nGET /postback/YOUR_KEY\n```\n```effect\nanswer\n```\n';
  expect(() => sectionsOf({ path: 'a.md', text }).map(exampleOf)).toThrow('no promise: answer');
});

test('a placeholder without a value is not sent', async () => {
  const text = '# A\n```http\nGET /postback/YOUR_KYE?click_id=CLICK_ID\n```\n```effect\nanswer 404\n```\n';
  const [example] = sectionsOf({ path: 'a.md', text }).flatMap((section) => exampleOf(section) ?? []);
  if (example === undefined) throw new Error('no example');
  await expect(play(stack, example)).rejects.toThrow('YOUR_KYE stands for nothing');
});
