import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { storeRecords } from '../bench/stored-records.ts';
import { ConsoleBrowser, goTo, settled } from '../support/console-browser.ts';
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

/** Opens the console and counts a person's clicks from then on; key presses do not count. */
async function startCounting(): Promise<Page> {
  const page = await browser.signedIn('#/overview');
  await settled(page);
  await page.evaluate(`
    window.clicks = 0;
    addEventListener('click', (event) => { if (event.detail > 0) window.clicks += 1; }, true);
  `);
  return page;
}
const clicks = (page: Page) => page.evaluate<number>('window.clicks');

async function paste(page: Page, text: string): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /^(?:Find|Click|Held postback|Conversion|Delivery|Received postback)$/ }).waitFor();
  await settled(page);
}

const main = (page: Page) => page.locator('main').innerText();

describe('why a user was not paid for a transaction', () => {
  let campaign: Campaign;
  let page: Page;
  beforeAll(async () => {
    campaign = await stack.campaign({ userId: 'user-quoted' });
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5.00', transaction_id: 'TX-REFUSED-1', status: 'perhaps' });
    page = await startCounting();
  });
  afterAll(() => page?.close());

  test('is found in one click by pasting the sentence that support sends, with what to do about it', async () => {
    await paste(page, 'user-quoted was not paid for transaction TX-REFUSED-1');
    expect(await page.getByRole('table', { name: 'conversions' }).innerText()).toContain('unknown_status');
    await page.getByRole('table', { name: 'conversions' }).getByRole('link').first().click();
    await page.getByText('Nobody is paid until you decide').waitFor();
    expect(await main(page)).toContain('Unknown status word for this partner');
    expect(await clicks(page)).toBeLessThanOrEqual(2);
  });

  test('is said plainly when no postback came, with what that means', async () => {
    await paste(page, 'TX-NEVER-SENT');
    expect(await main(page)).toMatch(/None received.*We found no click.*with TX-NEVER-SENT.*has not reached us/s);
  });

  test('is said for a click that no postback named', async () => {
    await paste(page, await campaign.newClick());
    expect(await main(page)).toMatch(/None received\. No postback has named this click.*Ask the partner about this click id/s);
  });

  test('is visible on the page of the user, which also shows what has moved no points', async () => {
    await goTo(page, `#/users/${campaign.publisherId}/user-quoted`);
    expect(await page.getByRole('table', { name: 'conversions' }).innerText()).toContain('held');
  });

  test('a delivery is found by its webhook-id, a partner by a part of its name', async () => {
    const { publisherId, key, clickId, partnerId } = await stack.campaign({ partner: { partner_name: 'Zanzibar Surveys' } });
    await stack.postback(key, { click_id: clickId, payout: '1.00' });
    const id = await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisherId}`);
      return String(logs[0].delivery_id);
    });
    await paste(page, `webhook-id: ${id}`);
    await page.getByRole('heading', { name: 'Delivery', level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.insertText('zanzibar');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Zanzibar Surveys', level: 1 }).waitFor();
    expect(page.url()).toContain(partnerId);
  });

  test('a pasted postback URL is found by its ids, and its key leaves no trace in the URL of the page', async () => {
    await paste(page, `${stack.url}/postback/${campaign.key}?click_id=${campaign.clickId}&transaction_id=TX-REFUSED-1`);
    expect(await main(page)).toContain('TX-REFUSED-1');
    expect(page.url()).not.toContain(campaign.key);
  });
});

describe('a held postback', () => {
  test('is decided in six clicks together with all thirty that are held for the same reason, and every user is paid', async () => {
    const { key, newClick, publisherId, partnerId } = await stack.campaign();
    const holdOne = async (index: number) => {
      const about = { payout: '5.00', event: 'mystery', transaction_id: `HELD-${index}` };
      await stack.postback(key, { click_id: await newClick(`held-${index}`), ...about });
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => holdOne(index)));
    const page = await startCounting();
    await page.getByRole('link', { name: 'To do' }).click();
    const row = page.getByRole('table', { name: 'Held postbacks' }).getByRole('row').filter({ hasText: partnerId });
    expect(await row.innerText()).toContain('30');
    await row.getByRole('link', { name: 'This event is not a goal of the offer' }).click();
    await page.getByLabel('Select all that match').click();
    await page.getByRole('button', { name: 'Decide…' }).click();
    await page.getByRole('dialog').getByText('30 match').waitFor();
    await page.getByRole('dialog').getByLabel('Reason').fill('The partner confirmed all of them');
    await page.getByRole('button', { name: 'Change 30' }).click();
    await page.getByText('30 of 30 done.').waitFor();
    expect(await clicks(page)).toBeLessThanOrEqual(6);
    await stack.eventually(async () => {
      for (const index of [0, 29]) expect((await stack.points(publisherId, `held-${index}`)).balance).toBe('4.00');
    });
    await page.close();
  });

  test('with an unknown status word is repaired with one click: the word is remembered, and everything that was held for it is accepted', async () => {
    const { key, newClick, publisherId, partnerId } = await stack.campaign();
    for (const user of ['done-1', 'done-2']) await stack.postback(key, { click_id: await newClick(user), payout: '5.00', status: 'Done' });
    const page = await browser.signedIn();
    await goTo(page, `#/conversions?status=held&partner_id=${partnerId}`);
    await page.getByRole('table', { name: 'conversions' }).getByRole('link').first().click();
    await page.getByText('1 of 2').waitFor();
    await page.getByRole('button', { name: 'Remember the word and reprocess' }).click();
    await page.getByText('2 postbacks were reprocessed').waitFor();
    await stack.eventually(async () => {
      for (const user of ['done-1', 'done-2']) expect((await stack.points(publisherId, user)).balance).toBe('4.00');
    });
    expect((await stack.adminOk('GET', `/partners/${partnerId}`)).partner.status_mapping).toEqual({ done: 'approved' });
    await page.close();
  });

  test('leads to the next one after the decision, and by keyboard', async () => {
    const { key, newClick, partnerId } = await stack.campaign();
    for (const user of ['a', 'b', 'c'])
      await stack.postback(key, { click_id: await newClick(user), payout: '5.00', status: `what-${user}` });
    const page = await browser.signedIn();
    await goTo(page, `#/conversions?status=held&partner_id=${partnerId}`);
    await page.getByRole('table', { name: 'conversions' }).getByRole('link').first().click();
    await page.getByText('1 of 3').waitFor();
    await page.getByRole('button', { name: 'Change status' }).click();
    const form = page.getByRole('dialog', { name: 'Change status' });
    await form.getByLabel('Reason').fill('Confirmed');
    await form.getByRole('button', { name: 'Change status' }).click();
    await page.getByText('1 of 2').waitFor();
    await page.keyboard.press('j');
    await page.getByText('2 of 2').waitFor();
    await page.keyboard.press('k');
    await page.getByText('1 of 2').waitFor();
    await page.close();
  });
});

describe('who is failing', () => {
  test('two clicks show which partner takes money back, with the rate and its change', async () => {
    const [good, bad] = [
      await stack.campaign({ partner: { partner_name: 'Steady' } }),
      await stack.campaign({ partner: { partner_name: 'Shaky' } }),
    ];
    for (const { key, newClick } of [good, bad])
      for (let index = 0; index < 4; index += 1)
        await stack.postback(key, { click_id: await newClick(), payout: '5.00', transaction_id: `T-${index}` });
    const { clickId, key } = bad;
    await stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 'T-9' });
    await stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 'T-9', status: 'reversed' });
    await stack.eventually(async () => {
      const { by_partner } = await stack.adminOk('GET', '/postback-pipeline/stats?days=1');
      const shaky = by_partner.find((one: { partner_id: string }) => one.partner_id === bad.partnerId);
      expect(shaky?.by_status).toMatchObject({ approved: 5, reversed: 1 });
    });
    const page = await startCounting();
    await page.getByRole('link', { name: 'Performance' }).click();
    await page.getByRole('button', { name: 'Reversal rate' }).click();
    const first = page.getByRole('table', { name: 'performance by partner' }).locator('tbody tr').first();
    await first.getByText('Shaky').waitFor();
    expect(await first.innerText()).toContain('20.0%');
    expect(await clicks(page)).toBeLessThanOrEqual(2);
    await page.close();
  });

  test('three clicks show which publisher fails, and what it answers', async () => {
    stack.publisher.answerWith((request, response) => {
      response.writeHead(request.path === '/sick' ? 503 : 200).end('database is down');
    });
    const { key, clickId } = await stack.campaign({
      publisher: { name: 'Sick Games', postback_url: `${stack.publisher.url}/sick?p={points}` },
    });
    await stack.postback(key, { click_id: clickId, payout: '5.00' });
    await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', '/forwarded-postbacks?status=failing');
      expect(logs.length).toBeGreaterThan(0);
    });
    const page = await startCounting();
    await page.getByRole('link', { name: 'To do' }).click();
    const row = page.getByRole('table', { name: 'Undelivered notifications' }).getByRole('row').filter({ hasText: 'Sick Games' });
    expect(await row.innerText()).toContain('http 503');
    await row.getByRole('link', { name: 'failing' }).click();
    await page.getByRole('table', { name: 'deliveries' }).getByRole('link').first().click();
    await page.getByText('database is down').first().waitFor();
    expect(await clicks(page)).toBeLessThanOrEqual(3);
    stack.publisher.answerStatus(200);
    await page.close();
  });
});

describe('settling up', () => {
  test("a publisher's statement is two clicks away, and its sum is the ledger's", async () => {
    const { key, newClick, publisherId } = await stack.campaign({ publisher: { name: 'Statement Games' } });
    const paid = ['5.00', '12.30', '0.75'];
    for (const [index, payout] of paid.entries())
      await stack.postback(key, { click_id: await newClick('s-1'), payout, transaction_id: `S-${index}` });
    const balance = await stack.eventually(async () => {
      const points = await stack.points(publisherId, 's-1');
      expect(points.entries).toHaveLength(3);
      return points.balance;
    });
    const page = await startCounting();
    await page.getByRole('link', { name: 'Statements' }).click();
    await page.getByRole('link', { name: 'Statement Games' }).click();
    await page.getByRole('heading', { name: 'Statement of Statement Games' }).waitFor();
    await page.getByRole('button', { name: 'This month' }).click();
    const closing = page.locator('dl.facts > div:has(> dt:text-is("Closing")) > dd');
    await closing.waitFor();
    expect(await closing.innerText()).toBe(`${balance} USD`);
    expect(await clicks(page)).toBeLessThanOrEqual(4);
    await page.close();
  });
});

describe("a partner's file of a thousand rows", () => {
  test('is compared with our records in four clicks: all twenty differences are found with their reasons, and nothing else', async () => {
    const [ours, others] = [await stack.campaign(), await stack.campaign()];
    const { partnerId } = ours;
    await storeRecords(stack.system, { campaigns: [ours, others], keyIds: ['key'] }, { conversions: 2_000, logs: 0 });
    const { conversions } = await stack.adminOk('GET', `/conversions?partner_id=${partnerId}&limit=5`);
    // Newest first: each status is stored for five of them in turn, and every other conversion is another partner's.
    const statuses = conversions.map(({ status }: { status: string }) => status).toReversed();
    expect(statuses.filter((status: string) => status === 'approved')).toHaveLength(3);
    const row = (index: number, payout = '5.00', status = statuses[index % 5]) => `${status},${payout},${nameOf(index)}`;
    const nameOf = (index: number) => `T-${2 * index}`;
    const approved = Array.from({ length: 1_000 }, (_, index) => index).filter((index) => statuses[index % 5] === 'approved');
    const [missing, dearer, takenBack] = [approved.slice(0, 5), approved.slice(5, 10), approved.slice(10, 14)];
    const [refused = 0, ...silent] = takenBack;
    const reversed = conversions.find(({ status }: { status: string }) => status === 'approved');
    const byHand = Number(reversed.transaction_id.slice(2)) / 2;
    // We have refused one reversal and two payments that are in the file, and a person has reversed a conversion that the file pays.
    await stack.postback(ours.key, { click_id: 'CLK-LOST', status: 'reversed', transaction_id: nameOf(refused) });
    await stack.postback(ours.key, { click_id: 'CLK-LOST', payout: '5.00', transaction_id: 'THEIRS-1' });
    await stack.postback(ours.key, { click_id: ours.clickId, payout: '5 dollars', transaction_id: 'THEIRS-2' });
    const decided = { status: 'reversed', reason: 'Fraud, says the publisher' };
    await stack.adminOk('POST', `/conversions/${encodeURIComponent(reversed.conversion_id)}/status`, decided);
    const file = ['status,payout,transaction_id'];
    for (let index = 0; index < 1_000; index += 1) {
      if (missing.includes(index)) continue;
      if (dearer.includes(index)) file.push(row(index, '6.00'));
      else if (takenBack.includes(index)) file.push(row(index, '5.00', 'reversed'));
      else file.push(row(index));
    }
    for (let number = 1; number <= 5; number += 1) file.push(`approved,5.00,THEIRS-${number}`);
    const page = await startCounting();
    await page.getByRole('link', { name: 'Compare a file' }).click();
    const form = page.getByRole('form', { name: 'Compare' });
    await form.getByLabel('Partner').fill(partnerId);
    await form.getByRole('button', { name: 'This month' }).click();
    await form.getByLabel('Or paste its text').fill(file.join('\n'));
    await form.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('button', { name: 'All differences: 20' }).waitFor();
    expect(await clicks(page)).toBeLessThanOrEqual(4);
    for (const choice of ['Only theirs: 5', 'Only ours: 5', 'Other amount: 5', 'Other status: 5', 'Agreed: 985'])
      expect(await page.getByRole('button', { name: choice }).count()).toBe(1);
    // The kind, the transaction and the reason.
    const found = await page.evaluate<string[]>(`
      [...document.querySelectorAll('table[aria-label="differences"] tbody tr')].map((row) => {
        const [, kind, transaction, , , why] = [...row.cells].map((cell) => cell.innerText.trim());
        return [kind, transaction.split(/\\s/)[0], why].join(' | ');
      })
    `);
    const nothingElse = 'We have it as we accepted it, and have received nothing that says the same as the file';
    expect(found.toSorted()).toEqual(
      [
        ...missing.map((index) => `Only ours | ${nameOf(index)} | We accepted it, but the file does not contain it`),
        ...dearer.map((index) => `Other amount | ${nameOf(index)} | ${nothingElse}`),
        `Other status | ${nameOf(byHand)} | deployment decided this: Fraud, says the publisher`,
        `Other status | ${nameOf(refused)} | click_not_found We refused it when we received it: Click not found`,
        ...silent.map((index) => `Other status | ${nameOf(index)} | ${nothingElse}`),
        'Only theirs | THEIRS-1 | click_not_found We refused it when we received it: Click not found',
        'Only theirs | THEIRS-2 | invalid_payout We refused it when we received it: payout must be a plain decimal such as 5.00',
        ...[3, 4, 5].map((number) => `Only theirs | THEIRS-${number} | We have received nothing with this transaction or click`),
      ].toSorted(),
    );
    await page.close();
  }, 300_000);
});

describe('a list', () => {
  test('of hundreds has all its rows after going back, and shows the row that was opened', async () => {
    await Promise.all(
      Array.from({ length: 260 }, (_, index) => stack.adminOk('POST', '/tokens', { name: `Of many ${index}`, role: 'viewer' })),
    );
    const page = await browser.signedIn('#/tokens');
    await settled(page);
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText(/in all/).waitFor();
    const row = page.getByText('Of many 40', { exact: true });
    await page.evaluate('scrollTo(0, document.body.scrollHeight * 0.8)');
    await row.scrollIntoViewIfNeeded();
    await page.waitForFunction('document.querySelectorAll("tbody tr").length > 60');
    const top = async (): Promise<number> => Math.round((await row.boundingBox())?.y ?? Number.NaN);
    const before = await top();
    await page.evaluate(`location.hash = '#/queues'`);
    await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor();
    expect(await page.evaluate('scrollY')).toBe(0);
    const started = Date.now();
    await page.goBack();
    await row.waitFor();
    console.log(`Back to 262 rows took ${Date.now() - started} ms`);
    expect(await page.getByText(/in all/).count()).toBe(1);
    await stack.eventually(async () => expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(2));
    await page.close();
  });
});

describe('a key', () => {
  test('is rotated by its own button, which says what it replaces; the old one works for another day', async () => {
    const { partnerId, key, newClick } = await stack.campaign();
    await stack.postback(key, { click_id: await newClick(), payout: '1.00' });
    const page = await browser.signedIn(`#/partners/${partnerId}`);
    await page.getByRole('button', { name: `Rotate the key ${key.slice(0, 6)}…` }).click();
    const dialog = page.getByRole('dialog', { name: 'Rotate this key' });
    expect(await dialog.innerText()).toMatch(new RegExp(`production replaces ${key.slice(0, 6)}…, last used`));
    await dialog.getByRole('button', { name: 'Rotate key' }).click();
    const fresh = await page.getByRole('dialog', { name: 'The new key' }).getByLabel('key', { exact: true }).first().inputValue();
    for (const one of [key, fresh])
      expect((await stack.postback(one, { click_id: await newClick(), payout: '1.00' })).body).toMatchObject({ result: 'accepted' });
    await page.close();
  });

  test('that is in use never ends because of a new one', async () => {
    const { partnerId, key, newClick } = await stack.campaign();
    const page = await browser.signedIn(`#/partners/${partnerId}`);
    await page.getByRole('table', { name: 'keys' }).getByText('production').waitFor();
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('form', { name: 'New key' });
    expect(await form.getByLabel('Label').inputValue()).toBe('staging');
    await form.getByLabel('Label').fill('Production');
    await form.getByRole('button', { name: 'Create key' }).click();
    expect(await form.getByRole('alert').innerText()).toContain('production is the label of a key that is in use');
    expect((await stack.postback(key, { click_id: await newClick(), payout: '1.00' })).body).toMatchObject({ result: 'accepted' });
    await page.close();
  });
});

describe('a network of our own', () => {
  test('is copied from a built-in one, changed in its form, checked with what the network sent, and given to a partner', async () => {
    const page = await browser.signedIn('#/networks/timewall');
    await page.getByRole('link', { name: 'Copy', exact: true }).click();
    const form = page.getByRole('form', { name: 'Network' });
    await form.getByLabel('Id', { exact: false }).first().fill('my-wall');
    await form.getByLabel('Title').fill('My Wall');
    await form.getByLabel('Payout').fill('reward');
    await form.getByLabel('Text that is signed').fill('{userID}{reward}{secret}');
    const check = page.getByRole('form', { name: 'Check a request' });
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update('CLK-11.25s3cret').digest('hex');
    await check.getByLabel('URL').fill(`?userID=CLK-1&reward=1.25&transactionID=T-1&type=credit&hash=${hash}`);
    await check.getByLabel('Signing secret').fill('s3cret');
    await check.getByRole('button', { name: 'Check', exact: true }).click();
    const result = page.getByLabel('Result of the check');
    await result.waitFor();
    expect(await result.innerText()).toMatch(/The signature matches.*approved.*1\.25/s);
    await form.getByRole('button', { name: 'Create network' }).click();
    await page.getByRole('heading', { name: 'My Wall', level: 1 }).waitFor();
    const { network } = await stack.adminOk('GET', '/networks/my-wall');
    expect([network.names.payout, network.signing.message, network.built_in]).toEqual([['reward'], '{userID}{reward}{secret}', false]);
    await stack.adminOk('POST', '/partners', { partner_id: 'of-my-wall', partner_name: 'Of my wall', preset: 'my-wall' });
    await goTo(page, '#/partners/of-my-wall');
    expect(await page.getByLabel('postback URL to paste', { exact: true }).inputValue()).toContain('?userID={userID}');
    await page.close();
  });
});

test('no page complained of anything, or called any other host', () => {
  expect(browser.complaints).toEqual([]);
  expect(browser.strayRequests).toEqual([]);
});
