import type { Page } from 'playwright-core';
import { goTo } from './console-browser.ts';
import type { Scene } from './console-scene.ts';

/** What the console only shows after a person has done something, by name. Each function leads the page to it, and changes nothing. */
export const moments: Readonly<Record<string, (page: Page, scene: Scene) => Promise<void>>> = {
  'import-tried': async (page, { pages, report }) => {
    await goTo(page, pages['import'] ?? '');
    await page.getByLabel('Or paste its text').fill(report);
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('table', { name: 'rows of the file' }).waitFor();
  },
  'import-asked': async (page, scene) => {
    await moments['import-tried']?.(page, scene);
    await page.getByRole('button', { name: /^Import \d/ }).click();
    await page.getByRole('dialog').waitFor();
  },
  'file-compared': async (page, { pages, report }) => {
    await goTo(page, pages['reconcile'] ?? '');
    const form = page.getByRole('form', { name: 'Compare' });
    await form.getByRole('button', { name: 'This month' }).click();
    await form.getByLabel('Or paste its text').fill(report);
    await form.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('table', { name: 'differences' }).waitFor();
  },
  'changing-a-postback': async (page, { pages }) => {
    await goTo(page, pages['publisher-detail'] ?? '');
    await page.getByRole('table', { name: 'other postbacks' }).getByRole('button', { name: 'Change' }).click();
    await page.getByRole('dialog').getByText('More settings').click();
    await page.getByRole('dialog').getByLabel('Success text (in the response)').fill('OK');
  },
  'partner-deletion': async (page, { pages }) => {
    await goTo(page, pages['partner-detail'] ?? '');
    await page.getByRole('button', { name: 'Delete partner' }).click();
    await page.getByRole('dialog').waitFor();
  },
  'url-tested': async (page, { pages }) => {
    await goTo(page, pages['partner-detail'] ?? '');
    await page.getByRole('form', { name: 'Try the postback' }).getByRole('button', { name: 'Test' }).click();
    await page.getByLabel('Result of the test').waitFor();
  },
  'publisher-tested': async (page, { pages }) => {
    await goTo(page, pages['publisher-detail'] ?? '');
    await page.getByText('Macros for the URL').click();
    await page.getByText('More settings').first().click();
    await page.getByRole('button', { name: 'Send a test delivery' }).click();
    await page.getByLabel('Result of the test delivery').waitFor();
  },
  'settling-by-hand': async (page, { pages }) => {
    await goTo(page, pages['conversion-held'] ?? '');
    await page.getByRole('button', { name: 'Change status' }).click();
    await page.getByRole('dialog').waitFor();
  },
  'deciding-about-many': async (page) => {
    await goTo(page, '#/conversions?status=held');
    await page.getByLabel('Select all that match').check();
    await page.getByRole('button', { name: 'Decide…' }).click();
    await page.getByRole('dialog').getByText('Nothing has been changed yet.').waitFor();
  },
  'rotating-a-key': async (page, { pages }) => {
    await goTo(page, pages['partner-detail'] ?? '');
    await page.getByRole('button', { name: /^Rotate the key/ }).click();
    await page.getByRole('dialog').waitFor();
  },
  'network-checked': async (page, { pages }) => {
    await goTo(page, pages['network-detail'] ?? '');
    await page
      .getByRole('form', { name: 'Check a request' })
      .getByLabel('URL')
      .fill('?userID=CLK-1&revenue=1.25&transactionID=T-1&type=credit&hash=00');
    await page.getByLabel('Signing secret').fill('guessed');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByLabel('Result of the check').waitFor();
  },
  'changing-a-rule': async (page, { pages }) => {
    await goTo(page, pages['rules'] ?? '');
    await page.getByRole('button', { name: /^Edit / }).click();
    await page.getByRole('dialog').waitFor();
  },
  'changing-an-alert': async (page, { pages }) => {
    await goTo(page, pages['alerts'] ?? '');
    await page.getByRole('button', { name: /^Edit / }).click();
    await page.getByRole('dialog').waitFor();
  },
  'new-offer': async (page, { pages }) => {
    await goTo(page, pages['offers'] ?? '');
    await page.getByRole('button', { name: 'New offer' }).click();
    await page.getByRole('dialog').waitFor();
  },
};
