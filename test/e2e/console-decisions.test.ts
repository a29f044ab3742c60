import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { ConsoleBrowser, goTo, settled } from '../support/console-browser.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';

let stack: LocalStack;
let browser: ConsoleBrowser;
let campaign: Campaign;
let page: Page;

beforeAll(async () => {
  stack = await LocalStack.start();
  browser = await ConsoleBrowser.start(stack);
  campaign = await stack.campaign({ partner: { partner_name: 'Acme Surveys' } });
  page = await browser.signedIn('#/rules');
});
afterAll(async () => {
  await browser?.stop();
  await stack?.stop();
});

const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const rows = (table: string): Locator => page.getByRole('table', { name: table }).locator('tbody tr');

/** Sends a form as a person does, and waits until its dialog has closed. */
async function send(form: Locator, button: string): Promise<void> {
  await form.getByRole('button', { name: button, exact: true }).click();
  await form.waitFor({ state: 'detached' });
  await settled(page);
}

test('a rule is written, its form shows errors at the fields, it decides, and it is changed and deleted', async () => {
  await stack.adminOk('POST', '/rules', {
    name: 'Asked last',
    when: { all: [{ any: [{ field: 'country', op: 'absent' }] }, { field: 'payout', op: 'gt', value: '1000' }] },
    // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and it is no function
    then: 'log',
    priority: 900,
  });
  await goTo(page, '#/rules');
  await page.getByRole('button', { name: 'New rule' }).click();
  const form = dialog('New rule');
  await form.getByLabel('Name').fill('Large ones');
  await form.getByLabel('Only this partner').fill(campaign.partnerId);
  await form.getByLabel('Field').fill('payout');
  await form.getByLabel('Comparison').selectOption('gte');
  await form.getByLabel('Value').fill('many');
  await form.getByRole('button', { name: 'Add' }).click();
  const second = form.getByRole('group', { name: 'Conditions, 2' });
  await second.getByLabel('Field').fill('country');
  await second.getByLabel('Comparison').selectOption('in');
  await second.getByLabel('Value').fill('DE, AT');
  await form.getByLabel('From').fill('2026-01-01T00:00');
  await form.getByRole('button', { name: 'Create rule' }).click();
  const first = form.getByRole('group', { name: 'Conditions, 1' });
  await first.getByText('must be a number').waitFor();
  expect(await second.getByText('must be').count()).toBe(0);
  await first.getByLabel('Value').fill('100');
  await send(form, 'Create rule');

  const [written, last] = await rows('rules').allInnerTexts();
  expect(written).toMatch(/100\s+Large ones\s+Acme Surveys.*payout ≥ 100 and country is one of DE, AT\s+hold/s);
  expect(last).toMatch(/Asked last\s+all\s+country is absent and payout > 1000\s+log/);
  const { body } = await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '250', country: 'DE' });
  expect((await stack.adminOk('GET', `/received-postbacks/${body.log_id}`)).log).toMatchObject({ result: 'held', code: 'rule' });

  await page.getByRole('button', { name: 'Edit Large ones' }).click();
  const change = dialog('Change this rule');
  expect(await change.getByLabel('From').inputValue()).toMatch(/^2026-01-01T00:00/);
  await change.getByLabel('When').selectOption('any');
  await change.getByLabel('Then').selectOption('reject');
  await change.getByLabel('To', { exact: true }).fill('2025-01-01T00:00');
  await change.getByRole('button', { name: 'Save' }).click();
  await change.locator('.wrong', { hasText: 'must be later than from' }).waitFor();
  await change.getByLabel('To', { exact: true }).fill('');
  await send(change, 'Save');
  expect(await rows('rules').first().innerText()).toMatch(/payout ≥ 100 or country is one of DE, AT\s+reject/);

  // A condition that rows cannot express is shown as JSON.
  await page.getByRole('button', { name: 'Edit Asked last' }).click();
  const nested = dialog('Change this rule').getByLabel('Condition', { exact: false }).last();
  expect(JSON.parse(await nested.inputValue())).toMatchObject({
    all: [{ any: [{ field: 'country', op: 'absent' }] }, { field: 'payout' }],
  });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Delete Large ones' }).click();
  await send(dialog('Delete Large ones?'), 'Delete');
  expect(await rows('rules').allInnerTexts()).toEqual([expect.stringContaining('Asked last')]);
});

test('an alert shows its secret once, says which events it sends, and is changed and deleted', async () => {
  await goTo(page, '#/alerts');
  await page.getByRole('button', { name: 'New alert' }).click();
  const form = dialog('New alert');
  await form.getByLabel('Name').fill('Chat');
  await form.getByLabel('URL').last().fill(`${stack.publisher.url}/chat`);
  await form.getByRole('button', { name: 'Create alert' }).click();
  await form.getByRole('group', { name: 'Tell me when' }).locator('.wrong').waitFor();
  await form.getByLabel('A cap of an offer is full').check();
  await form.getByLabel('A delivery was given up').check();
  await form.getByLabel('Only about this partner').fill(campaign.partnerId);
  await send(form, 'Create alert');
  expect(await dialog('Saved').innerText()).toContain('will not be shown again');
  expect(await dialog('Saved').getByLabel('signing secret').first().inputValue()).toMatch(/^whsec_/);
  await page.keyboard.press('Escape');
  await page.getByText('Acme Surveys').waitFor();
  expect(await rows('alerts').innerText()).toMatch(/Chat.*\/chat.*cap\.reached, delivery\.dead/s);

  await page.getByRole('button', { name: 'Edit Chat' }).click();
  const change = dialog('Change this alert');
  await change.getByLabel('Goes to').selectOption('email');
  await change.getByLabel('Email').fill('ops@example.com');
  await change.getByLabel('A delivery was given up').uncheck();
  await send(change, 'Save');
  // A local run sends no email, and the page says so.
  expect(await dialog('Saved').innerText()).toMatch(/ops@example\.com/);
  await page.keyboard.press('Escape');
  const { alerts } = await stack.adminOk('GET', '/alerts');
  expect(alerts).toEqual([
    expect.objectContaining({ email: 'ops@example.com', url: null, events: ['cap.reached'], partner_id: campaign.partnerId }),
  ]);
  await page.getByRole('button', { name: 'Delete Chat' }).click();
  await send(dialog('Delete Chat?'), 'Delete');
  await page.getByText('No alerts yet.').waitFor();
});

test('an offer gets a hold period and caps, and keeps what its form does not change', async () => {
  const at = `/offers/${campaign.offerId}`;
  await stack.adminOk('PATCH', at, { goals: [{ event: 'purchase', payout: '2.50', hold_hours: '48' }] });
  await goTo(page, `#${at}`);
  const form = page.getByRole('form', { name: 'Settings' });
  await form.getByText('More settings').click();
  expect(await form.getByLabel('Goals').inputValue()).toBe('purchase = 2.50 after 48 h');
  await form.getByLabel('Hold period, hours').fill('0.5');
  await form.getByLabel('A click converts').selectOption('per_transaction');
  const caps = form.getByRole('group', { name: 'Caps', exact: true });
  await caps.getByRole('button', { name: 'Add' }).click();
  await caps.getByLabel('At most').fill('none at all');
  await caps.getByLabel('Of', { exact: true }).selectOption('payout');
  await caps.getByLabel('Per').selectOption('month');
  await caps.getByLabel('Only this publisher').fill(campaign.publisherId);
  await caps.getByLabel('Time zone').fill('Europe/Berlin');
  await form.getByRole('button', { name: 'Save' }).click();
  await caps.getByText('must be a plain decimal').waitFor();
  await caps.getByLabel('At most').fill('100');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. Conversions that are already settled').waitFor();
  const cap = { per: 'month', of: 'payout', limit: '100.00', publisher_id: campaign.publisherId, timezone: 'Europe/Berlin' };
  const { offer } = await stack.adminOk('GET', at);
  expect(offer).toMatchObject({
    hold_hours: '0.5',
    repeat: 'per_transaction',
    caps: [cap],
    goals: [{ event: 'purchase', payout: '2.50', hold_hours: '48' }],
  });

  await settled(page);
  await form.getByText('More settings').click();
  await caps.getByRole('button', { name: 'Remove' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await stack.eventually(async () => expect((await stack.adminOk('GET', at)).offer.caps).toEqual([]));
});

test('rows that have arrived since are counted, and are shown only on request', async () => {
  await page.clock.install();
  await goTo(page, '#/received');
  const before = await rows('received postbacks').count();
  const newer = page.getByRole('button', { name: /^\d+ new$/ });
  for (const payout of ['1.00', '2.00', '3.00'])
    await stack.postback(campaign.key, { click_id: await campaign.newClick(), payout, transaction_id: `NEW-${payout}` });
  expect(await newer.isVisible()).toBe(false);
  const place = (await rows('received postbacks').first().boundingBox())?.y;
  await page.clock.fastForward(31_000);
  await newer.filter({ hasText: '3 new' }).waitFor();
  expect([await rows('received postbacks').count(), (await rows('received postbacks').first().boundingBox())?.y]).toEqual([before, place]);
  await newer.click();
  await page.getByText('NEW-3.00').waitFor();
  expect(await rows('received postbacks').count()).toBe(before + 3);
  await newer.waitFor({ state: 'hidden' });
});
