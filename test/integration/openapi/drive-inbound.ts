import type { Campaign } from '../../support/local-stack.ts';
import type { Call, Caller } from './caller.ts';

const large = 'x'.repeat(70_000);

interface Address {
  readonly path: string;
  readonly with: (key: string) => Pick<Call, 'path' | 'headers'>;
}

const addresses: readonly Address[] = [
  { path: '/postback/{key}', with: (key) => ({ path: { key } }) },
  { path: '/postback/{key}/{event}', with: (key) => ({ path: { key, event: 'complete' } }) },
  { path: '/api/analytics/postback', with: (key) => ({ headers: { 'x-postback-key': key } }) },
];

/** Every path for postbacks, with all of its possible answers. */
export async function drivePostbacks(api: Caller): Promise<void> {
  const json = await api.stack.campaign();
  const own = await api.stack.campaign({ partner: { response: { success: '<ok/>', content_type: 'text/xml' } } });
  const silent = await api.stack.campaign({ partner: { status: 'inactive' } });
  for (const { path, with: at } of addresses) {
    for (const method of ['GET', 'POST']) await drivePostback(api, `${method} ${path}`, at, { json, own, silent });
    await api.call(`HEAD ${path}`, 200, at(json.key));
  }
  await driveRates(api);
}

async function drivePostback(
  api: Caller,
  operation: string,
  at: Address['with'],
  { json, own, silent }: Readonly<Record<'json' | 'own' | 'silent', Campaign>>,
): Promise<void> {
  const sent = { click_id: await json.newClick(), payout: '5.00', country: 'DE', their_own: 'thing' };
  await api.call(operation, 200, { ...at(json.key), query: sent });
  await api.call(operation, 200, { ...at(json.key), query: sent });
  await api.call(operation, 200, { ...at(json.key), query: { ...sent, payout: '6.00' } });
  await api.call(operation, 200, { ...at(own.key), query: { click_id: await own.newClick(), payout: '5.00' } });
  // A ping contains nothing, but an event in the path is content.
  await api.call(operation, operation.endsWith('/{event}') ? 400 : 200, at(json.key));
  await api.call(operation, 400, { ...at(json.key), query: { payout: '5.00' } });
  await api.call(operation, 403, { ...at(silent.key), query: { click_id: silent.clickId } });
  await api.call(operation, 404, { ...at('k'.repeat(32)), query: sent });
  await api.call(operation, 404, { ...at(json.key), query: { click_id: 'CLK-NOBODY' } });
  if (!operation.startsWith('POST')) return;
  await api.call(operation, 200, { ...at(json.key), body: { click_id: await json.newClick(), payout: '5.00', more: { of: ['this'] } } });
  await api.call(operation, 413, { ...at(json.key), raw: { type: 'text/plain', body: large } });
  const unread = { ...at(json.key), raw: { type: 'application/xml', body: '<click_id/>' } };
  await api.call(operation, 415, unread);
  await api.call(operation, 200, { ...unread, query: sent });
}

/** Whoever guesses keys is slowed down. */
async function driveRates(api: Caller): Promise<void> {
  for (const { path, with: at } of addresses) {
    for (const method of ['GET', 'POST']) await untilRefused(api, `${method} ${path}`, at('g'.repeat(32)));
  }
}

async function untilRefused(api: Caller, operation: string, call: Call): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.send(operation, call)));
    if (answers.some(({ status }) => status === 429)) return;
  }
  throw new Error(`${operation} was never answered 429`);
}

export async function driveTracking(api: Caller, { offerId, placementId, publisherId }: Campaign): Promise<void> {
  const path = { offer_id: offerId };
  const query = { placement_id: placementId, user_id: 'follows', sub1: 'one', sub5: 'five', country: 'DE', device_id: 'd', username: 'U' };
  await api.call('GET /track/{offer_id}', 302, { path, query });
  await api.call('GET /track/{offer_id}', 302, {
    path,
    query: { publisher_id: publisherId, user_id: 'follows', sub2: large.slice(0, 300) },
  });
  await api.call('GET /track/{offer_id}', 400, { path, query: { placement_id: placementId } });
  await api.call('GET /track/{offer_id}', 404, { query });
  await api.call('GET /track/{offer_id}', 404, { path, query: { ...query, placement_id: 'none' } });
}

export async function driveService(api: Caller): Promise<void> {
  await api.call('GET /health', 200);
  await api.call('GET /openapi.json', 200);
  await api.call('GET /api/analytics/postback/test', 200);
}
