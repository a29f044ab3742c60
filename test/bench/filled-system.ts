import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { type Amounts, type Stored, storeRecords } from './stored-records.ts';

/** Small enough that a page is as full with 100 stored conversions as with many, filtered or not. */
const limit = 10;
const settings = 30;

/** Lists that search for what few rows have. No index answers them directly, so they read more when more is stored (docs/data-model.md). */
export const searches: ReadonlySet<string> = new Set([
  'received postbacks of a partner and a transaction',
  'conversions of a partner and a transaction',
]);

/** A system with stored records, and the lists to request from it. */
export class FilledSystem {
  readonly stack: LocalStack;
  /** The name of the request, and its URL. */
  readonly lists: Readonly<Record<string, string>>;

  private constructor(stack: LocalStack, lists: Readonly<Record<string, string>>) {
    this.stack = stack;
    this.lists = lists;
  }

  static async start(amounts: Amounts, options: Parameters<typeof LocalStack.startOwn>[0] = {}): Promise<FilledSystem> {
    const stack = await LocalStack.startOwn({ poll: false, ...options });
    try {
      const campaigns = [await stack.campaign(), await stack.campaign()] as const;
      const [mine] = campaigns;
      const keys = await keysOf(stack, mine);
      await storeSettings(stack, mine);
      const stored = await storeRecords(stack.system, { campaigns, keyIds: keys.map(({ id }) => id) }, amounts);
      return new FilledSystem(stack, { ...listsOf(mine, keys[0]?.text ?? '', stored), ...(await furtherPages(stack)) });
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  async time(what: string): Promise<{ readonly milliseconds: number; readonly rows: number }> {
    const from = performance.now();
    const { status, body } = await this.stack.admin('GET', this.lists[what] ?? '');
    const milliseconds = performance.now() - from;
    if (status !== 200) throw new Error(`${what} answered ${status}: ${JSON.stringify(body)}`);
    const rows = Object.values(body).find((member) => Array.isArray(member));
    return { milliseconds, rows: Array.isArray(rows) ? rows.length : 0 };
  }
}

/** Two keys of the campaign's partner. */
async function keysOf(stack: LocalStack, { partnerId }: Campaign): Promise<{ readonly id: string; readonly text: string }[]> {
  const issue = async (label: string) => stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id: partnerId, label });
  const issued = [await issue('production'), await issue('backup')];
  return issued.map(({ key_id, unique_key }) => ({ id: key_id, text: unique_key }));
}

async function storeSettings(stack: LocalStack, { partnerId, publisherId }: Campaign): Promise<void> {
  for (let index = 0; index < settings; index += 1) {
    await stack.adminOk('POST', '/partners', { partner_name: `Partner ${index}` });
    await stack.adminOk('POST', '/offers', { partner_id: partnerId, name: `Offer ${index}`, target_url: 'https://example.com/' });
    await stack.adminOk('POST', '/publishers', { name: `Publisher ${index}` });
    await stack.adminOk('POST', '/placements', { publisher_id: publisherId, name: `Placement ${index}` });
  }
}

function listsOf(campaign: Campaign, key: string, { clickId, transaction }: Stored): Record<string, string> {
  const { partnerId, publisherId, offerId } = campaign;
  const page = `limit=${limit}`;
  const received = `/received-postbacks?${page}`;
  const conversions = `/conversions?${page}`;
  const forwarded = `/forwarded-postbacks?${page}`;
  return {
    'received postbacks': received,
    'received postbacks of a partner': `${received}&partner_id=${partnerId}`,
    'received postbacks by result': `${received}&result=duplicate`,
    'received postbacks of a partner by result': `${received}&partner_id=${partnerId}&result=duplicate`,
    'received postbacks by code': `${received}&code=conflict`,
    'received postbacks of a key': `${received}&unique_key=${key}`,
    'received postbacks of a click': `${received}&click_id=${clickId}`,
    'received postbacks of a partner and a user': `${received}&partner_id=${partnerId}&user_id=often`,
    'received postbacks of a partner and a transaction': `${received}&partner_id=${partnerId}&transaction_id=${transaction}`,
    conversions,
    'conversions of a partner': `${conversions}&partner_id=${partnerId}`,
    'conversions of a publisher': `${conversions}&publisher_id=${publisherId}`,
    'conversions by status': `${conversions}&status=approved`,
    'conversions of an offer': `${conversions}&offer_id=${offerId}`,
    'conversions of a user': `${conversions}&user_id=often`,
    'conversions of a partner and a transaction': `${conversions}&partner_id=${partnerId}&transaction_id=${transaction}`,
    'forwarded postbacks': forwarded,
    'forwarded postbacks of a publisher': `${forwarded}&publisher_id=${publisherId}`,
    'forwarded postbacks by status': `${forwarded}&status=dead`,
    'points of a user': `/publishers/${publisherId}/users/often/points?${page}`,
    audit: `/audit?${page}&kind=conversion`,
    'audit by action': `/audit?${page}&action=delivery.resent`,
    statistics: '/postback-pipeline/stats',
    queues: '/queues',
    partners: `/partners?${page}`,
    offers: `/offers?${page}`,
    publishers: `/publishers?${page}`,
    placements: `/placements?${page}`,
  };
}

async function furtherPages(stack: LocalStack): Promise<Record<string, string>> {
  const lists = { 'received postbacks': '/received-postbacks', conversions: '/conversions', 'forwarded postbacks': '/forwarded-postbacks' };
  const pages = Object.entries(lists).map(async ([name, path]) => {
    const { next_cursor } = await stack.adminOk('GET', `${path}?limit=${limit}`);
    return [`${name}, second page`, `${path}?limit=${limit}&cursor=${next_cursor}`];
  });
  return Object.fromEntries(await Promise.all(pages));
}
