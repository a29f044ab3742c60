import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { encodings } from '../support/secret-search.ts';
import { clientOf, tableOf } from '../support/tables.ts';

/**
 * The search for live keys that ends every integration test (contract 1.3) would be worth nothing if it found none. So these tests plant a
 * key where none may be, and the system shows it like anything that it did not hide.
 */

let stack: LocalStack;
let campaign: Campaign;
beforeAll(async () => {
  stack = await LocalStack.start();
  campaign = await stack.campaign();
});
// It finds nothing any more, because everything that was planted has been removed by then.
afterAll(() => stack.stop());

/** Writes directly into the table, so that nothing hides the key. */
async function store(pk: string, name: string, text: string): Promise<void> {
  const client = clientOf(stack);
  await client.send(
    new UpdateCommand({
      TableName: tableOf(stack, 'Settings'),
      Key: { pk },
      UpdateExpression: 'SET #name = :text',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':text': text },
    }),
  );
  client.destroy();
}

const partner = () => `partner#${campaign.partnerId}`;
const offer = () => `offer#${campaign.offerId}`;
const target = (text = '') => `https://example.com/?click_id={click_id}&x=${encodeURIComponent(text)}`;

test('nothing is found where nothing was planted', async () => {
  await stack.adminOk('GET', `/partners/${campaign.partnerId}`);
  expect(await stack.takeLeaks()).toEqual([]);
});

test.each(Object.entries(encodings))(
  'a key that is written as %s is found in a table, a log, an answer, a header and a CSV',
  async (_, write) => {
    const text = write(campaign.key);
    const found = async (show: () => Promise<unknown>) => {
      await show();
      return stack.takeLeaks();
    };

    const log = stack.system.log('tracker') as string[];
    log.push(text);
    expect(await found(async () => undefined)).toEqual(['the log of the tracker']);
    log.pop();

    await store(partner(), 'partner_name', text);
    const table = 'the table Settings';
    expect(await found(async () => undefined)).toEqual([table]);
    const path = `/api/admin/partners/${campaign.partnerId}`;
    expect(await found(() => stack.admin('GET', `/partners/${campaign.partnerId}`))).toEqual([`the answer of ${path.slice(0, 40)}`, table]);
    expect(await found(() => stack.admin('GET', '/partners?format=csv'))).toEqual(['the answer of /api/admin/partners', table]);
    await store(partner(), 'partner_name', 'Partner');

    await store(offer(), 'target_url', target(text));
    const track = `/track/${campaign.offerId}`;
    const headers = `the headers of ${track.slice(0, 40)}`;
    expect(await found(() => stack.request(`${track}?publisher_id=${campaign.publisherId}&user_id=u`))).toEqual([headers, table]);
    await store(offer(), 'target_url', target());
    expect(await stack.takeLeaks()).toEqual([]);
  },
);

test("the search also finds the deployment's own token", async () => {
  await store(partner(), 'partner_name', stack.system.adminToken);
  expect(await stack.takeLeaks()).toEqual(['the table Settings']);
  await store(partner(), 'partner_name', 'Partner');
});
