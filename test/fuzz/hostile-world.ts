import { newId } from '../../functions/adapters/ids.ts';
import type { Campaign, LocalStack } from '../support/local-stack.ts';
import { type Operation, operationsOf } from '../support/openapi/document.ts';

/** What an attacker knows: one thing of every kind, so that the requests are nearly right. */
export interface HostileWorld {
  readonly campaign: Campaign;
  /** The operations of the admin API, by method and path. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** A correct body, by operation. */
  readonly bodies: ReadonlyMap<string, unknown>;
  /** Ids of things that stay, by their name in the path. */
  readonly ids: Readonly<Record<string, string>>;
  /** Ids of things that may be deleted. */
  readonly spare: Readonly<Record<string, string>>;
  /** Cursors of lists: each is right for one list and wrong for the others. */
  readonly cursors: readonly string[];
}

/** Creates a world of its own, with something in every list. */
export async function hostileWorld(stack: LocalStack): Promise<HostileWorld> {
  const operations = new Map(
    [...operationsOf((await stack.request('/openapi.json')).body)].filter(([name]) => name.includes(' /api/admin/')),
  );
  const campaign = await stack.campaign();
  const kept = await idsOf(stack, campaign);
  const ids = { ...kept, ...(await recordsOf(stack, campaign)) };
  const bodies = await bodiesOf(stack, operations, ids);
  return {
    campaign,
    operations,
    bodies,
    ids,
    spare: await idsOf(stack, await stack.campaign()),
    cursors: await cursorsOf(stack, operations),
  };
}

async function idsOf(stack: LocalStack, campaign: Campaign): Promise<Record<string, string>> {
  const { partnerId, publisherId, offerId, placementId, clickId, userId } = campaign;
  const name = 'hostile';
  const { key_id } = await stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id: partnerId, label: name });
  const { token } = await stack.adminOk('POST', '/tokens', { name, role: 'viewer' });
  const { network } = await stack.adminOk('POST', '/networks', { network_id: `w-${newId().toLowerCase()}`, title: name, names: {} });
  const when = { all: [{ field: 'country', op: 'eq', value: 'ZZ' }] };
  // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
  const { rule } = await stack.adminOk('POST', '/rules', { name, when, then: 'log' });
  const url = `${stack.publisher.url}/alerts`;
  const { alert } = await stack.adminOk('POST', '/alerts', { name, url, events: ['cap.reached'] });
  return {
    partner_id: partnerId,
    publisher_id: publisherId,
    offer_id: offerId,
    placement_id: placementId,
    click_id: clickId,
    user_id: userId,
    key_id,
    token_id: token.token_id,
    network_id: network.network_id,
    rule_id: rule.rule_id,
    alert_id: alert.alert_id,
    name: 'deliveries',
  };
}

/** Creates a conversion with its delivery, a held postback, and a refused postback, which can be processed again. */
async function recordsOf(stack: LocalStack, { key, clickId, newClick, publisherId }: Campaign): Promise<Record<string, string>> {
  await stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 'T-1' });
  await stack.postback(key, { click_id: await newClick(), payout: '5.00', status: 'unheard of' });
  const { body } = await stack.postback(key, { click_id: 'CLK-NOBODY' });
  return stack.eventually(async () => {
    const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisherId}`);
    return { log_id: body.log_id, conversion_id: `${clickId}.complete`, delivery_id: logs[0].delivery_id };
  });
}

/**
 * The bodies of the document's examples, with existing ids. They are written by hand if an example contains too little or would destroy the
 * world.
 */
async function bodiesOf(
  stack: LocalStack,
  operations: HostileWorld['operations'],
  ids: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, unknown>> {
  const { partner_id, publisher_id, offer_id, click_id, user_id, conversion_id, network_id } = ids;
  const url = `${stack.publisher.url}/hostile?c={click_id}`;
  const when = { any: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }, { all: [{ field: 'payout', op: 'gt', value: '1000' }] }] };
  const postbacks = [
    {
      postback_id: 'other',
      url,
      offer_ids: [offer_id],
      when,
      headers: { 'X-Team': 'blue' },
      success_when: { body_contains: 'OK' },
      sign: { algorithm: 'hmac-sha256', message: '{user_id}', secret: 'a secret of the two' },
    },
  ];
  const partner = {
    parameter_mapping: { a: 'payout' },
    parameter_defaults: { currency: 'EUR' },
    status_mapping: { a: 'approved' },
    allowed_ips: ['192.0.2.1'],
    response: { success: 'OK' },
    network_settings: { names: { click_id: ['their.click'] }, statuses: { words: { good: 'approved' }, absent: 'held' } },
  };
  const days = { from: '2026-01-01', to: '2120-01-31' };
  const rows = [{ click_id, transaction_id: 'T-9', payout: '5.00' }];
  const signing = { in: 'query:sig', algorithm: 'md5', message: '{user}{secret}' };
  const byHand: Record<string, unknown> = {
    'POST /partners': { partner_name: 'x', currency: 'EUR', ...partner },
    'PATCH /partners/{partner_id}': partner,
    'POST /networks': { network_id: `${network_id}-2`, title: 'x', names: { click_id: ['user'], payout: ['usd'] }, signing },
    'POST /networks/check': {
      network: network_id,
      secret: 's',
      request: { method: 'POST', url: 'https://x.example/?user=C&sig=x', headers: { a: 'b' }, body: 'usd=1' },
    },
    'POST /offers': {
      partner_id,
      name: 'x',
      target_url: 'https://x.example/{click_id}',
      campaign_id: 'c',
      goals: [{ event: 'buy', payout: '1' }],
      caps: [{ per: 'day', of: 'conversions', limit: '100' }],
    },
    'PATCH /offers/{offer_id}': {
      name: 'x',
      payout: '1',
      caps: [{ per: 'total', of: 'payout', limit: '1000000', timezone: 'Asia/Kathmandu' }],
    },
    'POST /publishers': { name: 'x', postback_url: url, postbacks, payout_overrides: { constructor: { percent: '5' } } },
    'PATCH /publishers/{publisher_id}': { payout_overrides: { [String(offer_id)]: { fixed: '1.00' } }, postbacks },
    'POST /publishers/{publisher_id}/pause': { postback_id: 'other' },
    'POST /placements': { publisher_id, name: 'x', exchange_rate: '2' },
    // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
    'POST /rules': { name: 'x', when, then: 'hold', scope: { partner_id }, from: '2120-01-01T00:00:00Z' },
    'POST /alerts': { name: 'x', url, events: ['cap.reached'], partner_id },
    'PATCH /alerts/{alert_id}': { name: 'x', url },
    'POST /clicks': { offer_id, publisher_id, user_id, sub_id1: 's', country: 'DE' },
    'POST /tokens': { name: 'x', role: 'viewer', expires_at: '2120-01-01T00:00:00Z' },
    'POST /postback-receiver/generate-key': { partner_id, label: 'other', grace_seconds: 10 },
    'POST /postback-receiver/generate-quick': { partner_name: 'quick', custom_params: ['a'], parameter_mappings: { click_id: 's2' } },
    'POST /postback-receiver/test': { partner_id, params: { click_id, payout: '5.00', nested: { a: [1] } }, event: 'complete' },
    'POST /received-postbacks/reprocess': { ...days, partner_id, dry_run: true },
    'POST /conversions/{conversion_id}/status': { status: 'rejected', reason: 'hostile' },
    'POST /conversions/status': { ids: [conversion_id], status: 'rejected', reason: 'hostile', dry_run: true },
    'POST /conversions/import': { partner_id, rows, dry_run: true },
    'POST /forwarded-postbacks/resend': { ...days, publisher_id, dry_run: true },
    'POST /reconciliations': { ...days, partner_id, rows },
  };
  return new Map(
    [...operations].map(([name, { requestBody }]) => [
      name,
      byHand[name.replace(' /api/admin', ' ')] ?? aboutThese(requestBody?.content['application/json']?.example ?? {}, ids),
    ]),
  );
}

/** An example of the document, with existing ids. */
function aboutThese(example: unknown, ids: Readonly<Record<string, string>>): unknown {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return example;
  return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, ids[name] ?? value]));
}

async function cursorsOf(stack: LocalStack, operations: HostileWorld['operations']): Promise<string[]> {
  const lists = [...operations.keys()].filter((name) => /^GET [^{]*$/.test(name)).map((name) => name.replace('GET ', ''));
  const pages = await Promise.all(
    lists.map((path) => stack.request(`${path}?limit=1`, { headers: { authorization: `Bearer ${stack.system.adminToken}` } })),
  );
  return pages.map(({ body }) => body.next_cursor).filter((cursor) => typeof cursor === 'string');
}
