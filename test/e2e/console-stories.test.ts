import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { ConsoleBrowser, goTo, settled, signIn } from '../support/console-browser.ts';
import { LocalStack } from '../support/local-stack.ts';

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

const dialog = (page: Page, name: string): Locator => page.getByRole('dialog', { name });
const fact = (scope: Page | Locator, name: string): Locator => scope.locator(`dl.facts > div:has(> dt:text-is("${name}")) > dd`);

/** Reloads until the page shows the result of work in the background. */
async function reloadUntil(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  await stack.eventually(async () => {
    if (await isThere()) return;
    await page.reload();
    await settled(page);
    if (!(await isThere())) throw new Error(`not there yet: ${await page.locator('main').innerText()}`);
  });
}

describe('signing in', () => {
  test('says what is wrong with a wrong token, and lets a right one in', async () => {
    const page = await browser.tab();
    await signIn(page, 'pbt_wrong');
    expect(await page.getByRole('alert').innerText()).toContain('Unknown or revoked token');
    await signIn(page, stack.system.adminToken);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    expect(await page.getByText('Signed in as admin').isVisible()).toBe(true);
    await page.close();
  });

  test('lasts through a reload of the tab, is shared by the tabs of the browser, and ends in all of them at once', async () => {
    const page = await browser.signedIn('#/offers');
    await page.reload();
    await page.getByRole('heading', { name: 'Offers', level: 1 }).waitFor();
    const other = await browser.tab('#/publishers');
    await other.getByRole('heading', { name: 'Publishers', level: 1 }).waitFor();
    // Nothing is kept after the tabs are closed.
    expect(await page.evaluate('[localStorage.length, document.cookie]')).toEqual([0, '']);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await other.getByLabel('Admin token').waitFor();
    expect([await page.evaluate('sessionStorage.length'), await other.evaluate('sessionStorage.length')]).toEqual([0, 0]);
    await signIn(other, stack.system.adminToken);
    await page.getByRole('heading', { name: 'Offers', level: 1 }).waitFor();
    await Promise.all([page.close(), other.close()]);
    const later = await browser.tab('#/offers');
    await later.getByLabel('Admin token').waitFor();
    await later.close();
  });

  test('is needed again when the token is revoked meanwhile', async () => {
    const { token } = await stack.adminOk('POST', '/tokens', { name: 'Leaver', role: 'viewer' });
    const page = await browser.signedIn('#/partners', token.token);
    await settled(page);
    await stack.admin('DELETE', `/tokens/${token.token_id}`);
    await page.getByRole('link', { name: 'Offers' }).click();
    await page.getByText('Your token is no longer valid').waitFor();
    await page.close();
  });
});

describe('from nothing to a first paid postback', () => {
  let page: Page;
  let url = '';
  let clickId = '';

  beforeAll(async () => {
    page = await browser.signedIn('#/partners');
  });
  afterAll(() => page.close());

  test('a partner is created and gets a key, which is shown once', async () => {
    await page.getByRole('button', { name: 'New partner' }).click();
    await dialog(page, 'New partner').getByLabel('Name').fill('Bright Surveys');
    await dialog(page, 'New partner').getByLabel('Id').fill('bright');
    await page.getByRole('button', { name: 'Create partner' }).click();
    await page.getByRole('heading', { name: 'Bright Surveys', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    const key = await dialog(page, 'The new key').getByLabel('key', { exact: true }).first().inputValue();
    expect(key).toMatch(/^[\w-]{32}$/);
    await page.keyboard.press('Escape');
    await dialog(page, 'The new key').waitFor({ state: 'detached' });
    await page.getByRole('table', { name: 'keys' }).getByText('production').waitFor();
    expect(await page.getByRole('table', { name: 'keys' }).innerText()).not.toContain(key);
    url = await page.getByLabel('postback URL to paste', { exact: true }).inputValue();
    expect(url).toBe(`${stack.url}/postback/${key}?click_id={click_id}&status={status}&payout={payout}&transaction_id={transaction_id}`);
  });

  test('a publisher with a placement is created, and its signing secret is shown once', async () => {
    await page.getByRole('link', { name: 'Publishers' }).click();
    await page.getByRole('button', { name: 'New publisher' }).click();
    const form = dialog(page, 'New publisher');
    await form.getByLabel('Name').fill('Happy Rewards');
    await form.getByLabel('Id').fill('happy');
    await form.getByLabel('Postback URL').fill(`${stack.publisher.url}/happy?click={click_id}&points={points}&oops={unknown_macro}`);
    await page.getByRole('button', { name: 'Create publisher' }).click();
    const created = dialog(page, 'Publisher created');
    expect(await created.getByLabel('signing secret', { exact: true }).inputValue()).toMatch(/^whsec_/);
    expect(await created.innerText()).toContain('unknown_macro');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Happy Rewards', level: 1 }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Placements' }).click();
    await page.getByRole('button', { name: 'New placement' }).click();
    const placement = dialog(page, 'New placement');
    expect(await placement.getByLabel('Publisher').inputValue()).toBe('happy');
    await placement.getByLabel('Id', { exact: true }).fill('happy-wall');
    await placement.getByLabel('Name').fill('Wall');
    await placement.getByLabel('Points per currency unit').fill('100');
    await page.getByRole('button', { name: 'Create placement' }).click();
    await page.getByRole('table', { name: 'placements' }).getByText('happy-wall').waitFor();
  });

  test('an offer is created, and a click on it recorded', async () => {
    await page.getByRole('link', { name: 'Offers' }).click();
    await page.getByRole('button', { name: 'New offer' }).click();
    const form = dialog(page, 'New offer');
    await form.getByLabel('Partner', { exact: false }).first().fill('bright');
    await form.getByLabel('Name').fill('Coffee survey');
    await form.getByLabel('Target URL').fill('https://example.com/?c={click_id}');
    await form.getByLabel('Revenue share').fill('200');
    await page.getByRole('button', { name: 'Create offer' }).click();
    expect(await form.getByRole('alert').innerText()).toMatch(/invalid_body.*revenue_share_percent/s);
    await form.getByLabel('Revenue share').fill('80');
    await page.getByRole('button', { name: 'Create offer' }).click();
    await page.getByRole('heading', { name: 'Coffee survey', level: 1 }).waitFor();
    await page.getByLabel('Placement').fill('happy-wall');
    await page.getByLabel('User', { exact: false }).last().fill('user-7');
    await page.getByRole('button', { name: 'Record click' }).click();
    clickId = await page.getByLabel('click id', { exact: true }).inputValue();
    expect(clickId).toMatch(/^CLK-/);
  });

  test('the tester shows what a postback would do and stores nothing', async () => {
    await goTo(page, '#/partners/bright');
    const tester = page.getByRole('form', { name: 'Try the postback' });
    await tester.getByLabel('click_id').fill(clickId);
    await tester.getByLabel('payout').fill('47.33');
    await tester.getByRole('button', { name: 'Test' }).click();
    const result = page.getByLabel('Result of the test');
    await result.waitFor();
    expect(await fact(result, 'To publisher').innerText()).toBe('37.86 USD');
    expect(await fact(result, 'To user').innerText()).toBe('3,786.00 points');
    expect(await result.innerText()).toContain(`${stack.publisher.url}/happy?click=${clickId}&points=3786.00&oops=`);
    expect((await stack.points('happy', 'user-7')).entries).toEqual([]);
    expect(stack.publisher.requests).toEqual([]);
  });

  test('the real postback arrives, and its timeline shows everything from the request to the delivery', async () => {
    const sent = url
      .replace('{click_id}', clickId)
      .replace('{status}', 'approved')
      .replace('{payout}', '47.33')
      .replace('{transaction_id}', 'TX-1');
    expect((await fetch(sent)).status).toBe(200);
    await goTo(page, `#/received?click_id=${clickId}`);
    await page.getByRole('table', { name: 'received postbacks' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Request', exact: true }).waitFor();
    await reloadUntil(page, () => page.getByRole('heading', { name: 'Delivered', exact: true }).isVisible());
    expect(await page.getByLabel('Request line').innerText()).toContain('GET /postback/{key}?click_id=');
    expect(await fact(page, 'Publisher gets').innerText()).toBe('37.86 USD');
    expect(await fact(page, 'Balance after').innerText()).toBe('3,786.00 points');
    expect(await page.getByRole('table', { name: 'attempts' }).innerText()).toContain('points=3786.00');
    await fact(page, 'Conversion').getByRole('link').click();
    await page.getByText('80% of what the partner pays').waitFor();
    await fact(page, 'User').getByRole('link').click();
    await page.getByText('3,786.00 points').first().waitFor();
    expect(await page.getByRole('table', { name: 'ledger entries' }).innerText()).toContain('approved');
  });

  test('the overview shows it in numbers and charts', async () => {
    await goTo(page, '#/overview');
    await page.getByText('47.33').first().waitFor();
    const money = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Money' }) });
    expect(await money.locator('.money').innerText()).toBe('USD 47.33 from partners, 37.86 to publishers');
    expect(
      await money
        .locator('rect.look-blue')
        .last()
        .evaluate((bar) => bar.getBoundingClientRect().height),
    ).toBeGreaterThan(50);
  });

  test('a revoked key stops paying', async () => {
    await goTo(page, '#/partners/bright');
    await page.getByRole('button', { name: /^Revoke the key/ }).click();
    await dialog(page, 'Revoke this key?').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('table', { name: 'keys' }).getByText('revoked').waitFor();
    await stack.eventually(async () => expect((await fetch(url)).status).toBe(404));
    await goTo(page, '#/audit?kind=key');
    expect(await page.getByRole('table', { name: 'audit entries' }).innerText()).toContain('key.revoked');
  });
});

describe('what needs a person', () => {
  test('a held postback is settled by hand, with a reason that the audit keeps', async () => {
    const { key, clickId, publisherId, userId } = await stack.campaign();
    await stack.postback(key, { click_id: clickId, status: 'perhaps', payout: '5.00' });
    const page = await browser.signedIn('#/conversions?status=held');
    await page.getByRole('table', { name: 'conversions' }).getByRole('link').first().click();
    await page.getByText('Unknown status word for this partner').waitFor();
    await page.getByRole('button', { name: 'Change status' }).click();
    const form = dialog(page, 'Change status');
    await form.getByLabel('Reason').fill('The partner confirmed it by mail');
    await form.getByRole('button', { name: 'Change status' }).click();
    await form.waitFor({ state: 'detached' });
    await stack.eventually(async () => expect((await stack.points(publisherId, userId)).balance).toBe('4.00'));
    await goTo(page, '#/audit?kind=conversion');
    await page.getByRole('table', { name: 'audit entries' }).locator('summary').first().click();
    expect(await page.getByLabel('After').first().innerText()).toContain('The partner confirmed it by mail');
    await page.close();
  });

  test('the attempts show a failing publisher, and a resend reaches it', async () => {
    stack.publisher.answerWith((request, response) => {
      response.writeHead(request.path === '/shaky' ? 503 : 200).end('out of order');
    });
    const { key, clickId, publisherId } = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/shaky?p={points}` } });
    await stack.postback(key, { click_id: clickId, payout: '5.00' });
    const page = await browser.signedIn();
    await goTo(page, `#/deliveries?publisher_id=${publisherId}&status=failing`);
    await reloadUntil(page, () => page.getByRole('table', { name: 'deliveries' }).isVisible());
    await page.getByRole('table', { name: 'deliveries' }).getByRole('link').first().click();
    await page.getByRole('table', { name: 'attempts' }).getByText('http 503').first().waitFor();
    expect(await page.getByRole('table', { name: 'attempts' }).innerText()).toContain('out of order');
    stack.publisher.answerStatus(200);
    await page.getByRole('button', { name: 'Resend' }).click();
    await reloadUntil(page, () => fact(page, 'Status').getByText('delivered').isVisible());
    await page.close();
  });

  test('a dry run counts many deliveries, which are then sent again', async () => {
    stack.publisher.answerStatus(200);
    const { key, newClick, publisherId } = await stack.campaign();
    for (const payout of ['1.00', '2.00', '3.00']) await stack.postback(key, { click_id: await newClick(), payout });
    await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisherId}&status=delivered`);
      expect(logs).toHaveLength(3);
    });
    const before = stack.publisher.requests.length;
    const page = await browser.signedIn(`#/deliveries?publisher_id=${publisherId}&status=delivered`);
    await page.getByLabel('Select all that match').check();
    await page.getByRole('button', { name: 'Resend…' }).click();
    await page.getByRole('dialog').getByText('3 match').waitFor();
    expect(stack.publisher.requests).toHaveLength(before);
    await page.getByRole('button', { name: 'Resend 3', exact: true }).click();
    await page.getByText('3 of 3 done.').waitFor();
    await stack.eventually(() => expect(stack.publisher.requests).toHaveLength(before + 3));
    await page.close();
  });

  test('a publisher is tested, paused and resumed', async () => {
    stack.publisher.answerStatus(200);
    const { publisherId } = await stack.campaign();
    const page = await browser.signedIn(`#/publishers/${publisherId}`);
    await page.getByRole('button', { name: 'Send a test delivery' }).click();
    await page.getByLabel('Result of the test delivery').getByText('Delivered').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await fact(page, 'State').getByText('paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await fact(page, 'State').getByText('active').waitFor();
    await page.getByRole('button', { name: 'Rotate secret' }).click();
    expect(await page.getByLabel('signing secret', { exact: true }).inputValue()).toMatch(/^whsec_/);
    await page.keyboard.press('Escape');
    await fact(page, 'Valid signing secrets').getByText('2').waitFor();
    await page.close();
  });

  test('a viewer sees everything and can change nothing', async () => {
    const { partnerId, publisherId, offerId } = await stack.campaign();
    const { token } = await stack.adminOk('POST', '/tokens', { name: 'Guest', role: 'viewer' });
    const page = await browser.signedIn('#/overview', token.token);
    expect(await page.getByText('Signed in as viewer').isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: /^(?:Tokens|Import)$/ }).count()).toBe(0);
    for (const address of [
      'partners',
      `partners/${partnerId}`,
      'offers',
      `offers/${offerId}`,
      'publishers',
      `publishers/${publisherId}`,
      'placements',
      'queues',
      'deliveries',
      'received',
      'conversions',
      'networks',
      'import',
    ]) {
      await goTo(page, `#/${address}`);
      const changing = page.locator('main').getByRole('button', {
        name: /new|create|save|revoke|pause|rotate|edit|redrive|resend|reprocess|decide|record|send|delete|import|dry run/i,
      });
      expect([address, await changing.count()]).toEqual([address, 0]);
    }
    await page.close();
  });
});

describe('deleting', () => {
  test('removes an offer and then its partner', async () => {
    const { partnerId, offerId, key, clickId } = await stack.campaign({ offer: { name: 'Old survey' } });
    const page = await browser.signedIn(`#/offers/${offerId}`);
    await page.getByRole('button', { name: 'Delete offer' }).click();
    expect(await dialog(page, 'Delete this offer?').innerText()).toContain('Old survey');
    await dialog(page, 'Delete this offer?').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'Offers', level: 1 }).waitFor();
    await page.getByText('Offer deleted.').waitFor();
    expect((await stack.admin('GET', `/offers/${offerId}`)).status).toBe(404);

    await goTo(page, `#/partners/${partnerId}`);
    await page.getByRole('button', { name: 'Delete partner' }).click();
    const asked = dialog(page, 'Delete this partner?');
    expect(await asked.innerText()).toContain('all of its keys are revoked');
    await asked.getByRole('button', { name: 'Keep it' }).click();
    expect((await stack.admin('GET', `/partners/${partnerId}`)).status).toBe(200);
    await page.getByRole('button', { name: 'Delete partner' }).click();
    await asked.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'Partners', level: 1 }).waitFor();
    expect((await stack.admin('GET', `/partners/${partnerId}`)).status).toBe(404);
    await stack.eventually(async () => expect((await stack.postback(key, { click_id: clickId })).status).toBe(404));
    await page.close();
  });
});

describe('a partner that wants an answer of its own', () => {
  test('gets it, and JSON again when it is taken away', async () => {
    const { partnerId, key, clickId, newClick } = await stack.campaign();
    const page = await browser.signedIn(`#/partners/${partnerId}`);
    const form = page.getByRole('form', { name: 'Settings' });
    const save = async (response: unknown): Promise<void> => {
      await form.getByRole('button', { name: 'Save' }).click();
      await stack.eventually(async () => {
        expect((await stack.adminOk('GET', `/partners/${partnerId}`)).partner.response).toEqual(response);
      });
    };
    await form.getByText('More settings').click();
    await form.getByLabel('Response body for accepted postbacks').fill('TAKEN');
    await form.getByLabel('Response body for duplicates').fill('SEEN');
    await save({ success: 'TAKEN', duplicate: 'SEEN' });
    const sent = { click_id: clickId, payout: '1.00', transaction_id: 'T-1' };
    expect((await stack.postback(key, sent)).body).toBe('TAKEN');
    expect((await stack.postback(key, sent)).body).toBe('SEEN');

    await page.reload();
    await form.getByText('More settings').click();
    await form.getByLabel('Response body for accepted postbacks').fill('');
    await form.getByLabel('Response body for duplicates').fill('');
    await save(null);
    expect((await stack.postback(key, { click_id: await newClick(), payout: '1.00' })).body).toMatchObject({ result: 'accepted' });
    await page.close();
  });
});

test('a partner without a network says how it signs and what is different about it, and signs no longer when its secret is removed', async () => {
  const { partnerId } = await stack.campaign();
  const page = await browser.signedIn(`#/partners/${partnerId}`);
  const form = page.getByRole('form', { name: 'Settings' });
  const signing = { in: 'query:hash', algorithm: 'sha256', message: '{click_id}{payout}{secret}' };
  await form.getByText('More settings').click();
  await form.getByLabel('New signing secret').fill('s3cret');
  await form.getByLabel('How the partner signs').fill(JSON.stringify({ ...signing, algorithm: 'rot13' }));
  await form.getByLabel('Later postbacks without a click id').selectOption('true');
  await form.getByLabel('A click converts').selectOption('per_transaction');
  await form.getByLabel('Negative amounts').selectOption('reverses');
  await form.getByLabel('Overrides of the network').fill('{"amount": {"unit": "minor"}}');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText(/network_settings\.signing\.algorithm/).waitFor();
  await form.getByLabel('How the partner signs').fill(JSON.stringify(signing));
  await form.getByRole('button', { name: 'Save' }).click();
  const stored = async () => (await stack.adminOk('GET', `/partners/${partnerId}`)).partner;
  const settings = { match_by_transaction: true, repeat: 'per_transaction', negative_payout: 'reverses' };
  await stack.eventually(async () => {
    expect(await stored()).toMatchObject({
      ...settings,
      network_settings: { signing, amount: { unit: 'minor' } },
      signing: { secrets: 1 },
    });
  });

  await page.reload();
  await form.getByText('More settings').click();
  await form.getByLabel('Signing secrets so far').selectOption('end');
  await form.getByLabel('Overrides of the network').fill('');
  await form.getByRole('button', { name: 'Save' }).click();
  // Warnings about saved values are shown where they were saved.
  await page.getByText(/without its secret, anyone who knows the postback URL can send them/).waitFor();
  await stack.eventually(async () => {
    expect(await stored()).toMatchObject({ ...settings, network_settings: { signing }, signing: { configured: false } });
  });
  await page.close();
});

test('no page complained of anything, or called any other host', () => {
  expect(browser.complaints).toEqual([]);
  expect(browser.strayRequests).toEqual([]);
});
