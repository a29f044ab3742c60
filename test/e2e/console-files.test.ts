import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ConsoleBrowser, goTo } from '../support/console-browser.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';

let stack: LocalStack;
let browser: ConsoleBrowser;

beforeAll(async () => {
  stack = await LocalStack.start();
  browser = await ConsoleBrowser.start(stack);
});
afterAll(async () => {
  await browser?.stop();
  await stack?.stop();
});

/** The file that a click on the button saves. */
async function download(page: Page): Promise<{ readonly name: string; readonly lines: string[] }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  expect(text.startsWith('\uFEFF')).toBe(true);
  return { name: file.suggestedFilename(), lines: text.slice(1).trimEnd().split('\r\n') };
}

describe("importing a partner's file", () => {
  let campaign: Campaign;
  let page: Page;
  let rows: readonly string[] = [];

  beforeAll(async () => {
    campaign = await stack.campaign();
    const [first, second] = [await campaign.newClick(), await campaign.newClick()];
    rows = ['click_id,status,payout,transaction_id', `${first},approved,5.00,R-1`, `${second},approved,2.00,R-2`];
    page = await browser.signedIn();
  });
  afterAll(() => page?.close());

  const balance = async (): Promise<string> => (await stack.points(campaign.publisherId, campaign.userId)).balance;
  const results = (): Promise<string[]> => page.getByRole('table', { name: 'rows of the file' }).locator('td:nth-child(2)').allInnerTexts();

  test('begins with a dry run, which says what would happen to each row and stores nothing', async () => {
    await page.getByRole('link', { name: 'Import' }).click();
    const partner = page.getByLabel('Partner');
    await partner.focus();
    // The console suggests the partner by its name.
    await page.locator(`datalist option[value="${campaign.partnerId}"]`).waitFor({ state: 'attached' });
    await partner.fill(campaign.partnerId);
    const report = [...rows, 'CLK-NOT-OURS,approved,1.00,R-3', `${campaign.clickId},perhaps,1.00,R-4`].join('\n');
    await page.getByLabel('CSV file').setInputFiles({ name: 'november.csv', mimeType: 'text/csv', buffer: Buffer.from(report) });
    await stack.eventually(async () => expect(await page.getByLabel('Or paste its text').inputValue()).toBe(report));
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('heading', { name: 'Dry run' }).waitFor();
    expect(await results()).toEqual(['accepted', 'accepted', 'error', 'held']);
    await page.getByText('1 row would be rejected.').waitFor();
    await page.getByLabel('Show').selectOption('rows that need attention');
    expect(await results()).toEqual(['error', 'held']);
    expect(await page.getByRole('table', { name: 'rows of the file' }).innerText()).toContain('click_not_found');
    expect((await stack.adminOk('GET', `/received-postbacks?partner_id=${campaign.partnerId}`)).logs).toEqual([]);
    expect(await balance()).toBe('0.00');
  });

  test('forgets what it tried when the file is changed', async () => {
    await page.getByLabel('Or paste its text').fill(rows.join('\n'));
    expect(await page.getByRole('heading', { name: 'Dry run' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
  });

  test('imports the tried file after a confirmation, and each row links to its postback', async () => {
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('Every row can be accepted.').waitFor();
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    const asked = page.getByRole('dialog', { name: 'Import these rows?' });
    expect(await asked.innerText()).toContain('users get or lose points');
    await asked.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByRole('heading', { name: 'Imported' }).waitFor();
    expect(await results()).toEqual(['accepted', 'accepted']);
    await stack.eventually(async () => expect(await balance()).toBe('5.60'));
    await page.getByRole('table', { name: 'rows of the file' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Request', exact: true }).waitFor();
    expect(await page.locator('main').innerText()).toContain('R-1');
  });

  test('accepts nothing twice when the file is sent again', async () => {
    await goTo(page, `#/import?partner_id=${campaign.partnerId}`);
    await page.getByLabel('Or paste its text').fill(rows.join('\n'));
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('heading', { name: 'Dry run' }).waitFor();
    expect(await results()).toEqual(['duplicate', 'duplicate']);
  });

  test('says what is wrong with a file that names a column twice, and with one that is not UTF-8', async () => {
    await page.getByLabel('Or paste its text').fill('click_id,click_id\n1,2');
    await page.getByRole('button', { name: 'Dry run' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('a column is named twice');
    const latin = Buffer.from('click_id,reason\nCLK-1,Storno f\xfcr Anna', 'latin1');
    await page.getByLabel('CSV file').setInputFiles({ name: 'latin.csv', mimeType: 'text/csv', buffer: latin });
    await page.getByText('The file is not UTF-8').waitFor();
  });
});

describe('downloading a list', () => {
  test('saves the rows of the current filters, with their header', async () => {
    const { key, newClick, partnerId } = await stack.campaign();
    await stack.postback(key, { click_id: await newClick(), payout: '5', transaction_id: 'D-1' });
    await stack.postback(key, { click_id: 'CLK-UNKNOWN', payout: '1', transaction_id: 'D-2' });
    const page = await browser.signedIn(`#/received?partner_id=${partnerId}&result=error`);
    await page.getByRole('table', { name: 'received postbacks' }).getByText('click_not_found').waitFor();
    const { name, lines } = await download(page);
    expect(name).toMatch(/^received-postbacks-\d{4}-\d\d-\d\d\.csv$/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^"log_id","received_at","partner_id",/);
    expect(lines[1]).toContain('D-2');
    await page.getByText('The file is saved.').waitFor();
    await page.close();
  });

  test('saves every page of a long list, under one header', async () => {
    await Promise.all(
      Array.from({ length: 230 }, (_, index) => stack.adminOk('POST', '/tokens', { name: `Number ${index}`, role: 'viewer' })),
    );
    const page = await browser.signedIn('#/tokens');
    const { lines } = await download(page);
    expect(lines).toHaveLength(231);
    expect(lines.filter((line) => line.startsWith('"token_id",'))).toHaveLength(1);
    expect(new Set(lines).size).toBe(231);
    await page.close();
  });

  test('is possible on every list', async () => {
    const { publisherId, userId } = await stack.campaign();
    const page = await browser.signedIn();
    for (const address of [
      'conversions',
      'deliveries',
      'partners',
      'offers',
      'publishers',
      'placements',
      'audit',
      `users/${publisherId}/${userId}`,
    ]) {
      await goTo(page, `#/${address}`);
      const { lines } = await download(page);
      expect([address, lines[0]]).toEqual([address, expect.stringMatching(/^"[\w.]+"(?:,"[\w.]+")+$/)]);
    }
    await page.close();
  });
});

test('no page complained of anything, or called any other host', () => {
  expect(browser.complaints).toEqual([]);
  expect(browser.strayRequests.filter((address) => !address.startsWith('blob:'))).toEqual([]);
});
