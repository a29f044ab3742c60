import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

/** 80% of it is 13.85. No answer to a publisher may contain the first amount, and none to a partner the second. */
const upward = '17.31';
const downward = '13.85';

interface Side {
  readonly campaign: Campaign;
  readonly publisherToken: string;
  readonly partnerToken: string;
  readonly ids: Readonly<Record<string, string>>;
}

let stack: LocalStack;
let mine: Side;
let theirs: Side;
let operations: readonly (readonly [method: string, path: string])[];
/** Every answer that a bound token has received, by the token's role. */
const seen: Record<'publisher' | 'partner', string[]> = { publisher: [], partner: [] };

async function side(name: string): Promise<Side> {
  const campaign = await stack.campaign({
    partner: { partner_name: `Partner of ${name}` },
    publisher: { payout_overrides: { [`offer-of-${name}`]: { percent: '83.17' } } },
  });
  const log = await stack.postback(campaign.key, { click_id: campaign.clickId, payout: upward, transaction_id: `tx-${name}` });
  const delivery = await stack.eventually(async () => {
    const [found] = (await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${campaign.publisherId}&status=delivered`)).logs;
    expect(found).toBeDefined();
    return found;
  });
  const issue = async (role: string, bound: object) =>
    (await stack.adminOk('POST', '/tokens', { name: `${role} of ${name}`, role, ...bound })).token;
  const forPublisher = await issue('publisher', { publisher_id: campaign.publisherId });
  const forPartner = await issue('partner', { partner_id: campaign.partnerId });
  const [key] = (await stack.adminOk('GET', `/partners/${campaign.partnerId}/keys`)).keys;
  return {
    campaign,
    publisherToken: forPublisher.token,
    partnerToken: forPartner.token,
    ids: {
      partner_id: campaign.partnerId,
      publisher_id: campaign.publisherId,
      placement_id: campaign.placementId,
      offer_id: campaign.offerId,
      click_id: campaign.clickId,
      conversion_id: `${campaign.clickId}.complete`,
      delivery_id: delivery.delivery_id,
      log_id: log.body.log_id,
      user_id: campaign.userId,
      token_id: forPublisher.token_id,
      key_id: key.key_id,
      name: 'conversions',
    },
  };
}

beforeAll(async () => {
  stack = await LocalStack.start();
  mine = await side('mine');
  theirs = await side('theirs');
  const { body } = await stack.request('/openapi.json');
  operations = Object.entries<AnyBody>(body.paths).flatMap(([path, methods]) =>
    path.startsWith('/api/admin')
      ? Object.keys(methods)
          .filter((method) => ['get', 'post', 'patch', 'put', 'delete'].includes(method))
          .map((method) => [method.toUpperCase(), path.replace('/api/admin', '')] as const)
      : [],
  );
});
afterAll(() => stack.stop());

const bodies: Readonly<Record<string, (ids: Side['ids']) => object>> = {
  'POST /postback-receiver/test': ({ partner_id, click_id }) => ({
    partner_id,
    params: { click_id, payout: upward, transaction_id: 'new' },
  }),
  'PATCH /publishers/{publisher_id}': () => ({ postback_method: 'GET' }),
};

/** Calls an operation with the ids of one side and the token of the other, or of the same side. */
async function call(role: 'publisher' | 'partner', method: string, path: string, of: Side): Promise<{ status: number; text: string }> {
  const filled = path.replace(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(of.ids[name] ?? 'x'));
  const body = method === 'GET' || method === 'DELETE' ? undefined : (bodies[`${method} ${path}`]?.(of.ids) ?? undefined);
  const answer = await stack.admin(method, filled, body, role === 'publisher' ? mine.publisherToken : mine.partnerToken);
  const text = JSON.stringify(answer.body);
  seen[role].push(`${method} ${filled} ${text}`);
  return { status: answer.status, text };
}

const allowed = {
  publisher: [
    'GET /forwarded-postbacks',
    'GET /forwarded-postbacks/{delivery_id}',
    'GET /me',
    'GET /placements',
    'GET /placements/{placement_id}',
    'GET /publishers/{publisher_id}',
    'GET /publishers/{publisher_id}/health',
    'GET /publishers/{publisher_id}/users/{user_id}/points',
    'GET /statements/{publisher_id}',
    'PATCH /publishers/{publisher_id}',
    'POST /forwarded-postbacks/resend',
    'POST /forwarded-postbacks/{delivery_id}/resend',
    'POST /publishers/{publisher_id}/rotate-secret',
    'POST /publishers/{publisher_id}/test-delivery',
  ],
  partner: [
    'GET /me',
    'GET /partners/{partner_id}/keys',
    'GET /received-postbacks',
    'GET /received-postbacks/{log_id}',
    'POST /postback-receiver/test',
  ],
} as const;

describe.each(['publisher', 'partner'] as const)('a token that is bound to a %s', (role) => {
  test('reaches what is its own, and is refused everything else', async () => {
    const reached: string[] = [];
    for (const [method, path] of operations) {
      const { status } = await call(role, method, path, mine);
      if (status === 403) continue;
      expect([method, path, Math.floor(status / 100)]).toEqual([method, path, 2]);
      reached.push(`${method} ${path}`);
    }
    expect(reached.sort()).toEqual([...allowed[role]].sort());
  });

  test('finds nothing that belongs to others, as if it did not exist', async () => {
    for (const [method, path] of operations) {
      const { status } = await call(role, method, path, theirs);
      const names = /\{\w+\+?\}/.test(path) || path === '/postback-receiver/test';
      const isOwn = !names && (allowed[role] as readonly string[]).includes(`${method} ${path}`);
      const asExpected = isOwn ? status === 200 : status === 403 || status === 404;
      expect([method, path, status, asExpected]).toEqual([method, path, status, true]);
    }
    const filter = role === 'publisher' ? ['/forwarded-postbacks', '/placements'] : ['/received-postbacks'];
    const token = role === 'publisher' ? mine.publisherToken : mine.partnerToken;
    for (const list of filter)
      expect((await stack.admin('GET', `${list}?${role}_id=${theirs.ids[`${role}_id`]}`, undefined, token)).body.code).toBe(
        `${role}_not_found`,
      );
  });

  test('never sees the other side: no amount, no party, nothing of others in any answer', () => {
    const answers = seen[role].map((line) => line.replace(/^\S+ \S+ /, '')).join('\n');
    expect(answers).toContain(mine.ids[`${role}_id`]);
    const others = [
      theirs.ids['publisher_id'],
      theirs.ids['placement_id'],
      theirs.ids['user_id'],
      theirs.ids['partner_id'],
      theirs.ids['delivery_id'],
      'tx-theirs',
    ];
    const hidden =
      role === 'publisher'
        ? [upward, '83.17', 'payout_overrides', mine.ids['partner_id'], 'Partner of']
        : [downward, mine.ids['publisher_id'], mine.ids['placement_id'], mine.ids['user_id'], stack.publisher.url, 'points'];
    for (const secret of [...others, ...hidden]) expect(answers).not.toContain(secret);
  });
});

describe('a publisher on its own', () => {
  test('changes where and how it is notified, and nothing else about itself', async () => {
    const path = `/publishers/${mine.campaign.publisherId}`;
    const own = (method: string, at: string, body?: object) => stack.admin(method, at, body, mine.publisherToken);
    for (const body of [{ name: 'Other' }, { payout_overrides: {} }]) expect((await own('PATCH', path, body)).status).toBe(400);
    const { body } = await own('PATCH', path, {
      postbacks: [
        {
          postback_id: 'deposits',
          url: `${stack.publisher.url}/own?c={click_id}&h={signature}`,
          offer_ids: [mine.campaign.offerId],
          sign: { algorithm: 'md5', message: '{click_id}{secret}', secret: 's' },
        },
      ],
    });
    expect(body.publisher.postbacks).toMatchObject([{ postback_id: 'deposits', endpoint: { state: 'active' } }]);
    expect(body.publisher).not.toHaveProperty('payout_overrides');
    expect((await own('POST', `${path}/test-delivery`, { postback_id: 'deposits' })).body.attempt).toMatchObject({ delivered: true });
    expect((await own('POST', `${path}/rotate-secret`)).body.secret).toMatch(/^whsec_/);
    const { entries } = await stack.adminOk('GET', `/audit?by=${encodeURIComponent(`publisher of mine (${mine.ids['token_id']})`)}`);
    expect(entries.map(({ action }: AnyBody) => action)).toEqual(expect.arrayContaining(['publisher.updated', 'publisher.secret_rotated']));
  });

  test('resends in bulk only its own deliveries', async () => {
    const { body } = await stack.admin('POST', '/forwarded-postbacks/resend', { status: 'delivered', dry_run: true }, mine.publisherToken);
    expect(body.count).toBeGreaterThan(0);
    for (const { publisher_id } of body.sample) expect(publisher_id).toBe(mine.campaign.publisherId);
    const foreign = { publisher_id: theirs.campaign.publisherId, status: 'delivered', dry_run: true };
    const answer = await stack.admin('POST', '/forwarded-postbacks/resend', foreign, mine.publisherToken);
    expect([answer.status, answer.body.code]).toEqual([404, 'publisher_not_found']);
    const named = { ...foreign, publisher_id: mine.campaign.publisherId };
    expect((await stack.admin('POST', '/forwarded-postbacks/resend', named, mine.publisherToken)).body.sample).toEqual(body.sample);
  });
});

test('a partner finds its postbacks by transaction, and neither sees nor finds users', async () => {
  const { partnerToken, campaign } = mine;
  const { body: sent } = await stack.postback(campaign.key, { click_id: campaign.clickId, transaction_id: 'own-1', payout: 'much' });
  const found = await stack.admin('GET', '/received-postbacks?transaction_id=own-1', undefined, partnerToken);
  expect(found.body.logs.map(({ log_id }: { log_id: string }) => log_id)).toEqual([sent.log_id]);
  expect(found.body.logs[0]).not.toHaveProperty('user_id');
  const asked = await stack.admin('GET', `/received-postbacks?user_id=${campaign.userId}`, undefined, partnerToken);
  expect([asked.status, asked.body.code]).toEqual([400, 'invalid_user_id']);
});

test('a partner sees why a postback was refused and what to do about it', async () => {
  const { body } = await stack.postback(mine.campaign.key, { click_id: 'CLK-UNKNOWN', payout: '1.00' });
  const { body: shown } = await stack.admin('GET', `/received-postbacks/${body.log_id}`, undefined, mine.partnerToken);
  expect(shown.log).toMatchObject({ code: 'click_not_found', cure: expect.stringContaining('click id') });
});

describe('a token', () => {
  const issue = (body: object) => stack.admin('POST', '/tokens', { name: 'x', ...body });

  test.each<[string, object, number, string]>([
    ['for a publisher without one', { role: 'publisher' }, 400, 'publisher_id: is required'],
    ['for a viewer with a publisher', { role: 'viewer', publisher_id: 'p' }, 400, 'publisher_id: is for the role publisher only'],
    [
      'for a partner with a publisher',
      { role: 'partner', partner_id: 'p', publisher_id: 'p' },
      400,
      'publisher_id: is for the role publisher only',
    ],
    ['for nobody we know', { role: 'publisher', publisher_id: 'nobody' }, 404, 'publisher_id'],
    ['that is over already', { role: 'viewer', expires_at: '2020-01-01T00:00:00Z' }, 400, 'expires_at: must be in the future'],
  ])('%s is refused', async (_what, body, status, message) => {
    const answer = await issue(body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  test('that expires lets nobody in afterwards, and is listed as expired', async () => {
    const { body } = await issue({
      role: 'publisher',
      publisher_id: mine.campaign.publisherId,
      expires_at: new Date(Date.now() + 1_500).toISOString(),
    });
    expect((await stack.admin('GET', '/me', undefined, body.token.token)).body).toMatchObject({
      role: 'publisher',
      publisher_id: mine.campaign.publisherId,
    });
    await stack.eventually(async () => expect((await stack.admin('GET', '/me', undefined, body.token.token)).status).toBe(401));
    const [listed] = (await stack.adminOk('GET', '/tokens?limit=1')).tokens;
    expect(listed).toMatchObject({ token_id: body.token.token_id, status: 'expired', publisher_id: mine.campaign.publisherId });
  });
});
