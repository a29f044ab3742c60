import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ConsoleBrowser, goTo, settled } from '../support/console-browser.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';

let stack: LocalStack;
let browser: ConsoleBrowser;
let mine: Campaign;
let theirs: Campaign;

beforeAll(async () => {
  stack = await LocalStack.start();
  browser = await ConsoleBrowser.start(stack);
  [mine, theirs] = [await stack.campaign(), await stack.campaign()];
  await stack.postback(theirs.key, { click_id: theirs.clickId, payout: '17.31' });
});
afterAll(async () => {
  await browser?.stop();
  await stack?.stop();
});

/** Does what an admin does: issues a token as a link, which the admin passes on. */
async function linkFor(role: string, label: string, id: string): Promise<string> {
  const page = await browser.signedIn('#/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const form = page.getByRole('form', { name: 'New token' });
  await form.getByLabel('Issued to').fill(`Somebody at ${id}`);
  await form.getByLabel('Role').selectOption(role);
  await form.getByLabel(label, { exact: true }).fill(id);
  await form.getByLabel('As a link').selectOption('hour');
  await form.getByRole('button', { name: 'Issue token' }).click();
  const link = await page.getByRole('dialog', { name: 'New token' }).getByLabel('link', { exact: true }).inputValue();
  await page.close();
  return link;
}

async function arriveBy(link: string): Promise<Page> {
  const page = await browser.tab(link.slice(link.indexOf('#')));
  await page.locator('#main').waitFor();
  await settled(page);
  return page;
}

describe('a publisher', () => {
  let page: Page;
  let link: string;
  const secret = 'shared-with-us';

  beforeAll(async () => {
    link = await linkFor('publisher', 'Publisher', mine.publisherId);
    page = await arriveBy(link);
  });
  afterAll(() => page?.close());

  test('signs in by a link, which leaves no token in the URL, and sees only its own pages', async () => {
    expect(page.url()).not.toContain('token');
    expect(await page.getByText('Signed in as publisher').isVisible()).toBe(true);
    expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()).toEqual([
      'Overview',
      'Deliveries',
      'Statements',
      'Placements',
    ]);
  });

  test('signs in by a link in a tab that shows the console already, signed out or in as somebody else', async () => {
    const other = await browser.another();
    for (const before of ['', `#token=${stack.system.adminToken}`]) {
      const tab = await other.tab(before);
      await (before === '' ? tab.getByRole('form', { name: 'Sign in' }) : tab.getByText('Signed in as admin')).waitFor();
      await tab.goto(link);
      await tab.getByText('Signed in as publisher').waitFor();
      expect(tab.url()).not.toContain('token');
      await tab.goBack();
      expect(tab.url()).not.toContain('token');
      await tab.close();
    }
    await other.close();
  });

  test('adds a postback for one offer, with a signature in its URL, and tests it', async () => {
    await page.getByRole('button', { name: 'Add a postback' }).click();
    const form = page.getByRole('form', { name: 'Postback', exact: true });
    await form.getByLabel(/^URL/).fill(`${stack.publisher.url}/own?c={click_id}&p={points}&hash={signature}`);
    await form.getByLabel('Only these offers').fill(mine.offerId);
    await form.getByLabel('Signature', { exact: true }).selectOption('sha256');
    await form.getByLabel('Text that is signed').fill('{click_id}{points}{secret}');
    await form.getByLabel('Secret of the signature').fill(secret);
    await form.getByRole('button', { name: 'Save' }).click();
    const table = page.getByRole('table', { name: 'other postbacks' });
    await table.getByText('/own?c={click_id}').waitFor();
    await table.getByRole('button', { name: 'Test' }).click();
    const result = page.getByRole('status', { name: 'Result of the test delivery' });
    await result.waitFor();
    const hash = createHash('sha256').update(`TEST-CLICK1.00${secret}`).digest('hex');
    expect(await result.innerText()).toContain(`/own?c=TEST-CLICK&p=1.00&hash=${hash}`);
    expect(await page.locator('main').innerText()).not.toContain(secret);
  });

  test('sets everything about a postback: placements, basic auth, encoding, a secret header and its status; what it does not touch stays', async () => {
    const table = page.getByRole('table', { name: 'other postbacks' });
    const form = page.getByRole('form', { name: 'Postback', exact: true });
    const change = async (fill: () => Promise<unknown>): Promise<void> => {
      await table.getByRole('button', { name: 'Change' }).click();
      await form.getByText('More settings').click();
      await fill();
      await form.getByRole('button', { name: 'Save' }).click();
      await form.waitFor({ state: 'detached' });
      await settled(page);
    };
    await change(async () => {
      await form.getByLabel('Only these placements').fill(mine.placementId);
      await form.getByLabel('Signature is written in').selectOption('base64url');
      await form.getByLabel('Username for basic auth').fill('rewards');
      await form.getByLabel('Password for basic auth').fill('hunter-2');
      await form.getByLabel('Secret headers').fill('x-own = hidden-1');
      await form.getByLabel('Success text (in the response)').fill('OK');
      await form.getByLabel('The response must').selectOption('body_equals');
      await form.getByLabel('Status', { exact: true }).selectOption('inactive');
    });
    await table.getByText('inactive').waitFor();
    // A form that is opened again shows what the API returns. Secrets are kept if nobody touches their fields.
    await change(() => form.getByLabel('Status', { exact: true }).selectOption('active'));
    const { publisher } = await stack.adminOk('GET', `/publishers/${mine.publisherId}`);
    expect(publisher.postbacks).toEqual([
      expect.objectContaining({
        offer_ids: [mine.offerId],
        placement_ids: [mine.placementId],
        sign: { algorithm: 'sha256', encoding: 'base64url', message: '{click_id}{points}{secret}' },
        basic_auth: { username: 'rewards' },
        headers: { 'x-own': '***' },
        success_when: { body_equals: 'OK' },
        status: 'active',
      }),
    ]);
    await table.getByRole('button', { name: 'Test' }).click();
    const result = page.getByRole('status', { name: 'Result of the test delivery' });
    const hash = createHash('sha256').update(`TEST-CLICK1.00${secret}`).digest('base64url');
    await result.getByText(`hash=${hash}`).waitFor();
    const request = stack.publisher.requests.at(-1);
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('rewards:hunter-2').toString('base64')}`,
      'x-own': 'hidden-1',
    });
    expect(await page.locator('main').innerText()).not.toMatch(/hunter-2|hidden-1/);
  });

  test('chooses which statuses it is sent', async () => {
    const form = page.getByRole('form', { name: 'Plain postback' });
    await form.getByText('More settings').click();
    await form.getByLabel('Statuses to send').fill('approved, reversed');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. Takes effect within a minute.').last().waitFor();
    await stack.eventually(async () => {
      const { publisher } = await stack.adminOk('GET', `/publishers/${mine.publisherId}`);
      expect(publisher.forward_statuses).toEqual(['approved', 'reversed']);
      expect(publisher.postback_url).toContain(stack.publisher.url);
    });
  });

  test('finds why a delivery failed, sees what was sent, and resends it', async () => {
    stack.publisher.answerWith((_, response) => void response.writeHead(500).end('ERROR: unknown user'));
    await stack.postback(mine.key, { click_id: mine.clickId, payout: '5' });
    await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${mine.publisherId}&status=failing`);
      expect(logs).toHaveLength(1);
    });
    stack.publisher.answerWith((_, response) => void response.end('OK'));
    await goTo(page, '#/overview');
    await page.reload();
    await settled(page);
    const health = page.getByRole('table', { name: 'health of postbacks' });
    expect(await health.innerText()).toContain('1 failing');
    await health.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Delivery', level: 1 }).waitFor();
    await settled(page);
    const text = await page.locator('main').innerText();
    expect(text).toContain('ERROR: unknown user');
    expect(text).toContain('What we sent');
    expect(text).toContain(`/own?c=${mine.clickId}&p=4.00&hash=`);
    await page.getByRole('button', { name: 'Resend' }).click();
    await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${mine.publisherId}&status=delivered`);
      expect(logs).toHaveLength(1);
    });
  });

  test('sees nothing that belongs to others', async () => {
    const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${theirs.publisherId}`);
    await goTo(page, `#/deliveries/${logs[0].delivery_id}`);
    expect(await page.getByRole('alert').innerText()).toContain('No delivery has this delivery_id');
    for (const address of ['#/partners', '#/conversions', `#/publishers/${theirs.publisherId}`]) {
      await goTo(page, address);
      await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    }
    await goTo(page, '#/deliveries');
    expect(await page.locator('main').innerText()).not.toContain('17.31');
  });
});

describe('a partner', () => {
  test('signs in by a link, sees why a postback was refused and what to do, and tries another', async () => {
    await stack.postback(mine.key, { click_id: 'CLK-UNKNOWN', payout: '1' });
    const page = await arriveBy(await linkFor('partner', 'Partner', mine.partnerId));
    expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()).toEqual([
      'Overview',
      'Received postbacks',
    ]);
    const form = page.getByRole('form', { name: 'Try a postback' });
    await form.getByLabel('Parameters').fill('payout=5.00');
    await form.getByRole('button', { name: 'Try it' }).click();
    const result = page.getByRole('status', { name: 'Result of the try' });
    await result.waitFor();
    expect(await result.innerText()).toContain('Send click_id');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Received postbacks' }).click();
    await page.getByRole('table', { name: 'received postbacks' }).getByText('click_not_found').first().waitFor();
    expect(await page.locator('main').innerText()).toContain('Send back the click id exactly');
    expect(await page.locator('main').innerText()).not.toContain(mine.publisherId);
    await page.close();
  });
});

test('no page complained of anything, or called any other host', () => {
  expect([browser.complaints, browser.strayRequests]).toEqual([[], []]);
});
