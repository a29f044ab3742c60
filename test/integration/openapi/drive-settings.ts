import { newId } from '../../../functions/adapters/ids.ts';
import type { Caller } from './caller.ts';

/** Requests a list as JSON, as CSV, and from a cursor on. */
export async function driveList(api: Caller, operation: string, path: Readonly<Record<string, string>> = {}): Promise<void> {
  const { next_cursor: cursor } = await api.admin(operation, 200, { path, query: { limit: '1' } });
  if (typeof cursor === 'string') await api.admin(operation, 200, { path, query: { cursor, limit: '200', format: 'json' } });
  await api.admin(operation, 200, { path, query: { format: 'csv' } });
  await api.admin(operation, 200, { path, headers: { accept: 'text/csv' } });
}

/** Every part of a network that a partner can override. */
const networkSettings = {
  names: { click_id: ['their_click', 'data.click'], survey_id: null },
  signing: { in: 'query:sig', algorithm: 'hmac-sha256', encoding: 'hex', message: '{their_click}{usd?}{secret}', covers: ['their_click'] },
  amount: { unit: 'minor', negative: 'reverses' },
  statuses: { words: { good: 'approved', info: 'log', changed: null }, absent: 'held' },
  reversal: { when: { chargeback: ['1'] }, events: ['refund'], id_prefix: 'r-', own_id: false, rejected_is_chargeback: false },
  events: { names: { '12': 'install' }, unknown: 'hold', zero_payout: 'log' },
  answer: { accepted: 'YES', error: null, content_type: 'text/plain' },
  custom: ['their_own'],
  shared_secret: null,
  test: { debug: ['1'] },
  repeat: 'per_transaction',
  match_by_transaction: true,
  paste: ['?their_click={click}'],
  wall: 'https://wall.example.com/?user={click_id}',
  addresses: ['192.0.2.0/24'],
};

export async function drivePartners(api: Caller): Promise<void> {
  const { publisher } = await api.admin('POST /publishers', 201, { body: { name: 'Told' } });
  const full = {
    partner_id: `full-${newId()}`,
    partner_name: 'Full',
    preset: 'generic_hmac',
    network_settings: networkSettings,
    parameter_mapping: { their_click: 'click_id' },
    parameter_defaults: { currency: 'EUR' },
    status_mapping: { '7': 'approved' },
    signing: { secret: 'hush' },
    public_base_url: 'https://track.example.com',
    allowed_ips: ['192.0.2.0/24'],
    ip_policy: 'enforce',
    fallback_matching: 'latest',
    response: { content_type: 'text/xml', success: 'YES', duplicate: 'AGAIN' },
    currency: 'EUR',
    status: 'inactive',
  };
  await api.admin('POST /partners', 201, { body: full });
  await api.admin('POST /partners', 201, { body: { partner_name: 'Plain' } });
  await api.admin('POST /partners', 409, { body: full });
  const forwarding = { partner_name: 'Passes on', mode: 'forward_only', forward_to: [publisher.publisher_id] };
  const { partner } = await api.admin('POST /partners', 201, { body: forwarding });
  await api.admin('POST /partners', 404, { body: { ...forwarding, forward_to: ['nobody'] } });
  await driveList(api, 'GET /partners');
  await api.admin('GET /partners', 200, { query: { status: 'inactive', preset: 'generic_hmac', partner_name: 'Full' } });

  const path = { partner_id: full.partner_id };
  await api.admin('GET /partners/{partner_id}', 200, { path });
  await api.admin('PATCH /partners/{partner_id}', 200, { path, body: { signing: { secret: 'newer', replace: true }, currency: null } });
  await driveKeys(api, full.partner_id);
  await api.admin('DELETE /partners/{partner_id}', 204, { path: { partner_id: partner.partner_id } });
}

async function driveKeys(api: Caller, partnerId: string): Promise<void> {
  const path = { partner_id: partnerId };
  const { key_id } = await api.admin('POST /postback-receiver/generate-key', 201, { body: { partner_id: partnerId } });
  const rotation = { partner_id: partnerId, label: 'production', grace_seconds: 60 };
  await api.admin('POST /postback-receiver/generate-key', 201, { body: rotation });
  await api.admin('POST /postback-receiver/generate-key', 404, { body: { partner_id: 'nobody' } });
  await driveList(api, 'GET /partners/{partner_id}/keys', path);
  await api.admin('DELETE /partners/{partner_id}/keys/{key_id}', 204, { path: { ...path, key_id } });
  const quick = { partner_name: 'Quick', custom_params: ['survey_name'], parameter_mappings: { click_id: 'aff_sub' } };
  await api.admin('POST /postback-receiver/generate-quick', 200, { body: quick });
  await api.admin('POST /postback-receiver/generate-quick', 200, { body: { ...quick, parameters: ['click_id', 'payout'] } });
}

/** A document that an admin could write. */
const wall = {
  title: 'A wall',
  names: { click_id: ['user'], transaction_id: ['tx'], payout: ['usd'], status: ['state'] },
  signing: { in: 'query:sig', algorithm: 'md5', message: '{user}{tx}{secret}' },
  statuses: { words: { good: 'approved', bad: 'reversed', info: 'log' }, absent: 'held' },
  paste: ['?user={user}&tx={tx}&usd={usd}&state={state}&sig={sig}'],
};

export async function driveNetworks(api: Caller): Promise<void> {
  const network_id = `wall-${newId().toLowerCase()}`;
  const path = { network_id };
  await api.admin('POST /networks', 201, { body: { network_id, ...wall } });
  await api.admin('POST /networks', 409, { body: { network_id, ...wall } });
  await driveList(api, 'GET /networks');
  await api.admin('GET /networks/{network_id}', 200, { path });
  await api.admin('PUT /networks/{network_id}', 200, { path, body: { ...wall, title: 'The wall' } });
  await api.admin('PUT /networks/{network_id}', 409, { path: { network_id: 'bitlabs' }, body: wall });
  const request = { url: 'https://postback.example.com/postback/KEY?user=C&tx=T&usd=1&state=good&sig=x' };
  await api.admin('POST /networks/check', 200, { body: { network: network_id, secret: 's3cret', request } });
  await api.admin('POST /networks/check', 404, { body: { network: 'nobody', request } });
  await api.admin('DELETE /networks/{network_id}', 409, { path: { network_id: 'bitlabs' } });
  await api.admin('DELETE /networks/{network_id}', 204, { path });
}

export async function driveOffers(api: Caller): Promise<void> {
  const { partner } = await api.admin('POST /partners', 201, { body: { partner_name: 'Offers' } });
  const offer = {
    offer_id: `offer-${newId()}`,
    partner_id: partner.partner_id,
    campaign_id: 'C-1',
    name: 'Offer',
    target_url: 'https://example.com/?c={click_id}&x={unknown}',
    payout: '2.50',
    currency: 'EUR',
    conversion_window_days: 7,
    repeat: 'per_transaction',
    goals: [
      { event: 'purchase', payout: 1.25 },
      { event: 'deposit', revenue_share_percent: '50' },
    ],
    caps: [{ per: 'day', of: 'conversions', limit: '100', publisher_id: null, timezone: null }],
    status: 'active',
  };
  await api.admin('POST /offers', 201, { body: offer });
  await api.admin('POST /offers', 409, { body: offer });
  await api.admin('POST /offers', 404, { body: { ...offer, offer_id: undefined, partner_id: 'nobody' } });
  await driveList(api, 'GET /offers');
  await api.admin('GET /offers', 200, { query: { partner_id: partner.partner_id, campaign_id: 'C-1', status: 'active' } });
  const path = { offer_id: offer.offer_id };
  await api.admin('GET /offers/{offer_id}', 200, { path });
  await api.admin('PATCH /offers/{offer_id}', 200, { path, body: { payout: null, revenue_share_percent: 80, goals: null } });
  await api.admin('DELETE /offers/{offer_id}', 204, { path });
}

export async function drivePublishers(api: Caller): Promise<void> {
  const url = `${api.stack.publisher.url}/driven?id={delivery_id}&x={unknown}`;
  const full = {
    publisher_id: `publisher-${newId()}`,
    name: 'Publisher',
    postback_url: url,
    postback_method: 'POST',
    postbacks: [
      {
        postback_id: 'driven',
        url,
        offer_ids: ['survey-100'],
        when: { any: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }, { all: [{ field: 'payout', op: 'gt', value: '1' }] }] },
        headers: { 'X-Token': 'secret', 'X-Team': 'blue' },
        basic_auth: { username: 'user', password: 'secret' },
        success_when: { body_contains: 'OK' },
        rate_per_second: 5,
        sign: { algorithm: 'hmac-sha256', message: '{user_id}', secret: 'secret' },
      },
      { url, method: 'POST', content_type: 'form', success_when: { body_equals: 'OK' } },
    ],
    forward_statuses: ['approved', 'reversed'],
    payout_overrides: { 'survey-100': { percent: '85' }, 'survey-200': { fixed: '1.50' } },
  };
  await api.admin('POST /publishers', 201, { body: full });
  await api.admin('POST /publishers', 409, { body: full });
  const path = { publisher_id: full.publisher_id };
  await driveList(api, 'GET /publishers');
  await api.admin('GET /publishers/{publisher_id}', 200, { path });
  await api.admin('PATCH /publishers/{publisher_id}', 200, { path, body: { name: 'Renamed', postback_method: null } });
  await drivePlacements(api, full.publisher_id, url);
  await api.admin('POST /publishers/{publisher_id}/test-delivery', 200, { path });
  api.stack.publisher.answerStatus(500);
  await api.admin('POST /publishers/{publisher_id}/test-delivery', 200, { path, body: {} });
  await api.admin('POST /publishers/{publisher_id}/test-delivery', 200, { path, body: { postback_id: 'driven' } });
  api.stack.publisher.answerStatus(200);
  await api.admin('POST /publishers/{publisher_id}/rotate-secret', 200, { path });
  await api.admin('POST /publishers/{publisher_id}/rotate-secret', 200, { path, body: { replace: true } });
  await api.admin('POST /publishers/{publisher_id}/pause', 200, { path, body: { postback_id: 'driven' } });
  await api.admin('POST /publishers/{publisher_id}/pause', 200, { path });
  await api.admin('GET /publishers/{publisher_id}', 200, { path });
  await api.admin('POST /publishers/{publisher_id}/resume', 200, { path });
}

async function drivePlacements(api: Caller, publisherId: string, url: string): Promise<void> {
  const placement = {
    placement_id: `placement-${newId()}`,
    publisher_id: publisherId,
    name: 'Wall',
    postback_url: url,
    postback_method: 'GET',
    exchange_rate: 100,
  };
  await api.admin('POST /placements', 201, { body: placement });
  await api.admin('POST /placements', 409, { body: placement });
  await api.admin('POST /placements', 404, { body: { ...placement, placement_id: undefined, publisher_id: 'nobody' } });
  await driveList(api, 'GET /placements');
  await api.admin('GET /placements', 200, { query: { publisher_id: publisherId } });
  const path = { placement_id: placement.placement_id };
  await api.admin('GET /placements/{placement_id}', 200, { path });
  const sent = await api.admin('POST /publishers/{publisher_id}/test-delivery', 200, {
    path: { publisher_id: publisherId },
    body: { placement_id: placement.placement_id },
  });
  if (!sent.attempt.delivered) throw new Error(`the test delivery ended with ${sent.attempt.code}`);
  await api.admin('PATCH /placements/{placement_id}', 200, { path, body: { postback_url: null, exchange_rate: '0.5' } });
}

export async function driveRules(api: Caller): Promise<void> {
  const rule = {
    rule_id: `rule-${newId()}`,
    name: 'Too fast',
    priority: 5,
    scope: { partner_id: 'a', offer_id: 'o', publisher_id: 'p' },
    when: { any: [{ field: 'click_age_seconds', op: 'lt', value: 10 }, { all: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }] }] },
    // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
    then: 'hold',
    from: '2120-01-01T00:00:00Z',
    to: '2120-12-31T00:00:00+02:00',
    status: 'active',
  };
  await api.admin('POST /rules', 201, { body: rule });
  await api.admin('POST /rules', 409, { body: rule });
  await driveList(api, 'GET /rules');
  await api.admin('GET /rules', 200, { query: { status: 'active' } });
  const path = { rule_id: rule.rule_id };
  await api.admin('GET /rules/{rule_id}', 200, { path });
  await api.admin('PATCH /rules/{rule_id}', 200, { path, body: { name: 'Never', scope: null, from: null, status: 'inactive' } });
  await api.admin('DELETE /rules/{rule_id}', 204, { path });
}

export async function driveAlerts(api: Caller): Promise<void> {
  const wanted = { name: 'Ops', url: `${api.stack.publisher.url}/alerts`, events: ['delivery.dead'], partner_id: 'a', publisher_id: 'p' };
  const { alert } = await api.admin('POST /alerts', 201, { body: wanted });
  const path = { alert_id: alert.alert_id };
  await driveList(api, 'GET /alerts');
  await api.admin('POST /alerts', 201, { body: { name: 'By email', email: 'ops@example.com', events: ['cap.reached'] } });
  await api.admin('GET /alerts/{alert_id}', 200, { path });
  await api.admin('PATCH /alerts/{alert_id}', 200, { path, body: { name: 'Others', partner_id: null } });
  await api.admin('DELETE /alerts/{alert_id}', 204, { path });
}

export async function driveTokens(api: Caller): Promise<void> {
  const { token } = await api.admin('POST /tokens', 201, { body: { name: 'Driven', role: 'viewer' } });
  const { publisher } = await api.admin('POST /publishers', 201, { body: { name: 'Bound' } });
  const bound = { name: 'Bound', role: 'publisher', publisher_id: publisher.publisher_id, expires_at: '2120-01-01T00:00:00Z' };
  await api.admin('POST /tokens', 201, { body: bound });
  await api.admin('POST /tokens', 404, { body: { ...bound, publisher_id: 'nobody' } });
  await api.admin('GET /me', 200, {});
  await driveList(api, 'GET /tokens');
  await api.admin('DELETE /tokens/{token_id}', 204, { path: { token_id: token.token_id } });
  await driveList(api, 'GET /audit');
  const filters = { by: 'deployment', action: 'token.revoked', kind: 'token', id: token.token_id, from: '2020-01-01', to: '2120-01-01' };
  await api.admin('GET /audit', 200, { query: filters });
}
