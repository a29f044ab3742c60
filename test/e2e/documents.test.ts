import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { readPages } from '../../lib/documents.ts';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { learningPaths } from '../support/documents/suite.ts';
import { LocalStack } from '../support/local-stack.ts';

/** The documents for partners and publishers at `/docs`, in a browser. */

let stack: LocalStack;
let browser: ConsoleBrowser;
let page: Page;
beforeAll(async () => {
  stack = await LocalStack.start();
  browser = await ConsoleBrowser.start(stack);
  page = await browser.tab();
});
afterAll(async () => {
  await browser?.stop();
  await stack?.stop();
});

const open = (path: string) => page.goto(`${stack.url}${path}`);

/** Paths and anchors of the page's links into the system itself. */
const linksOf = (place: string): Promise<string[]> =>
  page.evaluate(
    `[...document.querySelectorAll('${place} a[href]')].map((a) => a.href).filter((href) => href.startsWith(location.origin)).map((href) => href.slice(location.origin.length))`,
  );

test('the start page leads to the documents, the API reference and the console', async () => {
  await open('/');
  for (const link of await linksOf('main')) expect([link, (await stack.request(link)).status]).toEqual([link, 200]);
  expect(await linksOf('main')).toEqual(['/docs', '/docs/api', '/openapi.json', '/admin']);
});

test('every page is in the menu, and no link of any page is dead', async () => {
  await open('/docs');
  const menu = await linksOf('nav');
  expect(menu).toHaveLength(readPages().length + 1);
  const dead: string[] = [];
  for (const path of menu) {
    await open(path);
    for (const link of new Set(await linksOf('main'))) {
      const [target = '', anchor] = link.split('#');
      const answer = await stack.request(target);
      const isThere = answer.status === 200 && (anchor === undefined || String(answer.body).includes(`id="${decodeURIComponent(anchor)}"`));
      if (!isThere && path !== '/docs/api') dead.push(`${path} leads to ${link}`);
    }
  }
  expect(dead).toEqual([]);
});

describe.each([...learningPaths])('the path "$title"', ({ title, steps }) => {
  test('can be walked from the index, and each page says how long it takes', async () => {
    for (const [index, step] of steps.entries()) {
      if (!('page' in step)) continue;
      await open('/docs');
      const heading = page.getByRole('heading', { name: title });
      await heading.locator('xpath=following-sibling::ol[1]').locator('li').nth(index).getByRole('link').click();
      await page.waitForURL(`**/docs/${step.page}`);
      await page.locator('.length', { hasText: 'min read' }).waitFor();
    }
  });
});

test('the search finds a section and leads to it', async () => {
  await open('/docs');
  await page.getByLabel('Search', { exact: true }).fill('unreplaced_macro');
  await page.locator('#results a').first().waitFor();
  await page.getByLabel('Search', { exact: true }).fill('taking back a part');
  const result = page.getByRole('link', { name: 'Taking back a part' });
  await result.click();
  await page.waitForURL('**/docs/examples#taking-back-a-part');
  await page.getByLabel('Search', { exact: true }).fill('no such word anywhere');
  await page.getByText('Nothing found for').waitFor();
});

test('the API reference shows every operation with an example', async () => {
  await open('/docs/api');
  const { paths } = (await stack.request('/openapi.json')).body;
  const operations = Object.values<object>(paths).flatMap((methods) => Object.keys(methods));
  await page.locator('#createPartner').waitFor();
  expect(await page.locator('.operation').count()).toBe(operations.length);
  await page.locator('#createPartner summary').click();
  await page.locator('#createPartner').getByText('"partner_name"').first().waitFor();
});

test('no page has a serious accessibility violation, scrolls sideways on a phone, or complains', async () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.setViewportSize({ width: 390, height: 844 });
  const found: string[] = [];
  for (const path of ['/', '/docs', '/docs/integration-guide', '/docs/codes', '/docs/console', '/docs/api']) {
    await open(path);
    if (path === '/docs/api') await page.locator('#createPartner').waitFor();
    await page.evaluate(source);
    const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as axe.AxeResults;
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical') found.push(`${path} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (excess > 0) found.push(`${path} scrolls sideways by ${excess}`);
  }
  expect(found).toEqual([]);
  expect([browser.complaints, browser.strayRequests]).toEqual([[], []]);
});

test.each(['/', '/docs', '/docs/codes', '/docs/codes.md', '/docs/search.json', '/llms.txt'])(
  '%s may run nothing from elsewhere',
  async (path) => {
    const { status, headers } = await stack.request(path);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  },
);

test('the page about the console shows its pictures, each served as an image', async () => {
  await open('/docs/console');
  const images = page.locator('main img');
  expect(await images.count()).toBeGreaterThanOrEqual(6);
  for (const [index, image] of (await images.all()).entries()) {
    await image.scrollIntoViewIfNeeded();
    const width = `document.querySelectorAll('main img')[${index}].naturalWidth`;
    await stack.eventually(async () => expect(await page.evaluate(width)).toBe(1_280));
    const { status, headers } = await stack.request(String(await image.getAttribute('src')));
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(headers.get('content-security-policy')).toContain("img-src 'self'");
  }
  expect(browser.complaints).toEqual([]);
});

test('llms.txt leads to the pages as Markdown', async () => {
  const links = [...String((await stack.request('/llms.txt')).body).matchAll(/\]\((\S+)\)/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(readPages().length);
  for (const link of links) expect([link, (await stack.request(link)).status]).toEqual([link, 200]);
});

test('a page that does not exist is not found, whatever its name', async () => {
  for (const path of ['/docs/nothing', '/docs/../index.mjs', '/docs/%2e%2e/index.mjs', '/docs/constructor'])
    expect([path, (await stack.request(path)).status]).toEqual([path, 404]);
});
