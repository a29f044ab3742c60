import type { LocalStack } from './local-stack.ts';

/** The pages of the console that somebody may see: their URLs by name. */
interface Visit {
  readonly token: string;
  readonly pages: Readonly<Record<string, string>>;
}

/** URLs of the console's pages on a system where something of every kind has happened. */
export interface Scene {
  /** The pages of an admin. */
  readonly pages: Visit['pages'];
  /** The pages of those who see only their own data. */
  readonly bound: Readonly<Record<'publisher' | 'partner', Visit>>;
  /** A partner's file with a row of every kind. */
  readonly report: string;
}

/** Markup that would do harm if a page treated it as anything other than text. */
const hostileMarkup = `"><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>{{7*7}}`;

/** The same with a character that turns the direction of reading. Partners and publishers may send that, but no name may contain it. */
export const hostile = `${hostileMarkup}\u202Egnp.exe`;

/** Every page by name, with the token of somebody who may see it. */
export function everyPage({ pages, bound }: Scene, adminToken: string): readonly Visit[] {
  const named = Object.entries(bound).map(([role, { token, pages: own }]) => ({
    token,
    pages: Object.fromEntries(Object.entries(own).map(([name, address]) => [`${role}-${name}`, address])),
  }));
  return [{ token: adminToken, pages }, ...named];
}

/** Text that partners and publishers send and names that admins give, beside the usual ones. */
interface Texts {
  readonly sent: string;
  readonly named: string;
}

/** Only ordinary text, for pictures that readers see. */
export const plain: Texts = { sent: '', named: '' };

/** Makes something of every kind happen: good and bad postbacks, held ones, a publisher that fails, changes by hand. */
export async function playScene(stack: LocalStack, { sent, named }: Texts = { sent: hostile, named: hostileMarkup }): Promise<Scene> {
  const main = await stack.campaign({
    partner: { partner_id: 'acme-surveys', partner_name: 'Acme Surveys' },
    offer: { offer_id: 'ten-minutes', name: 'Ten-minute survey', goals: [{ event: 'purchase', payout: '2.50' }] },
    publisher: { publisher_id: 'rewards-app', name: 'Rewards App' },
    placement: { placement_id: 'main-wall', name: 'Main wall', exchange_rate: '100' },
    userId: 'user-42',
  });
  for (const [index, payout] of ['5.00', '12.30', '0.75', '47.33'].entries())
    await stack.postback(main.key, { click_id: await main.newClick(), payout, transaction_id: `TX-${index}`, survey_name: 'Coffee' });
  const { body: first } = await stack.postback(main.key, {
    click_id: main.clickId,
    payout: '5.00',
    transaction_id: 'TX-9',
    survey_name: sent || 'Coffee',
    country: 'DE',
  });
  await stack.eventually(async () => {
    const { entries } = await stack.points(main.publisherId, main.userId);
    if (entries.length < 5) throw new Error('not settled yet');
  });
  await stack.postback(main.key, { click_id: main.clickId, payout: '5.00', transaction_id: 'TX-9', status: 'reversed', reason: 'fraud' });
  await stack.postback(main.key, { click_id: await main.newClick(), payout: '8.00', currency: 'EUR', transaction_id: 'TX-EUR' });
  const { body: held } = await stack.postback(main.key, { click_id: await main.newClick(), status: 'maybe', payout: '3.00' });
  await stack.postback(main.key, { click_id: await main.newClick(), status: 'approved' });
  await stack.postback(main.key, { click_id: 'CLK-UNKNOWN', payout: '1.00' });
  await stack.postback(main.key, { payout: '1.00', click_id: '{click_id}' });
  await stack.postback(main.key, { click_id: main.clickId, payout: '-4' });
  await stack.adminOk('PATCH', '/publishers/rewards-app', {
    postbacks: [
      {
        postback_id: 'purchases',
        url: `${stack.publisher.url}/purchases?c={click_id}&p={points}&hash={signature}`,
        events: ['purchase'],
        placement_ids: [main.placementId],
        sign: { algorithm: 'sha256', message: '{click_id}{points}{secret}', secret: 'shared' },
      },
    ],
  });
  const failing = await stack.campaign({
    partner: { partner_id: 'torox-eu', partner_name: `Torox ${named}`.trim(), preset: 'torox' },
    publisher: { publisher_id: 'unlucky', name: 'Unlucky Games', postback_url: `${stack.publisher.url}/broken?c={click_id}&p={points}` },
  });
  stack.publisher.answerWith((request, response) => {
    if (request.path === '/broken') response.writeHead(500).end(`down for maintenance ${sent}`);
    else response.end('OK');
  });
  await stack.postback(failing.key, { user_id: failing.clickId, id: 'T-1', payout: '2.00' });
  await stack.admin('POST', '/tokens', { name: 'Ada', role: 'viewer' });
  await stack.adminOk('PATCH', `/offers/${main.offerId}`, {
    hold_hours: '0',
    caps: [{ per: 'day', of: 'conversions', limit: '1000', publisher_id: main.publisherId, timezone: 'Europe/Berlin' }],
  });
  await stack.adminOk('POST', '/rules', {
    name: `Too fast ${named}`.trim(),
    scope: { partner_id: 'torox-eu', offer_id: main.offerId, publisher_id: main.publisherId },
    when: {
      any: [
        { field: 'click_age_seconds', op: 'lt', value: '0' },
        { field: 'country', op: 'in', value: ['XX', named] },
      ],
    },
    // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and it is no function
    then: 'hold',
    from: '2026-01-01T00:00:00Z',
    status: 'inactive',
  });
  await stack.adminOk('POST', '/alerts', {
    name: 'Channel of operations',
    url: `${stack.publisher.url}/a-rather-long-address-of-an-incoming-webhook/T0123456789/B0123456789`,
    events: ['reconciliation.gap', 'cap.reached'],
    partner_id: 'acme-surveys',
  });
  const heldId = await stack.eventually(async () => {
    const { conversions } = await stack.adminOk('GET', '/conversions?status=held');
    return String(conversions.at(-1).conversion_id);
  });
  const deliveryOf = (publisherId: string): Promise<string> =>
    stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisherId}`);
      return String(logs[0].delivery_id);
    });
  const [deliveryId, ownDeliveryId] = [await deliveryOf('unlucky'), await deliveryOf('rewards-app')];
  const month = new Date().toISOString().slice(0, 7);
  const { log } = await stack.adminOk('GET', `/received-postbacks/${first.log_id}`);
  const quiet = await main.newClick('user-43');
  const report = [
    'click_id,status,payout,transaction_id,reason',
    `${await main.newClick()},approved,5.00,TX-20,`,
    `${main.clickId},approved,5.00,TX-9,`,
    `${await main.newClick()},whatever,2.50,TX-21,`,
    'CLK-NOT-OURS,approved,1.00,TX-22,',
    `${await main.newClick()},approved,5 dollars,TX-23,`,
    `${await main.newClick()},reversed,1.50,TX-24,reconciled in November`,
  ].join('\n');
  const tokenOf = async (role: 'publisher' | 'partner', id: string): Promise<string> => {
    const { token } = await stack.adminOk('POST', '/tokens', { name: `Somebody at ${id}`, role, [`${role}_id`]: id });
    return token.token;
  };
  return {
    report,
    bound: {
      publisher: {
        token: await tokenOf('publisher', 'rewards-app'),
        pages: {
          overview: '#/overview',
          deliveries: '#/deliveries',
          'delivery-detail': `#/deliveries/${ownDeliveryId}`,
          placements: '#/placements',
          statement: `#/statements?month=${month}`,
          'user-points': '#/users/rewards-app/user-42',
        },
      },
      partner: {
        token: await tokenOf('partner', 'acme-surveys'),
        pages: { overview: '#/overview', received: '#/received', 'received-detail': `#/received/${held.log_id}` },
      },
    },
    pages: {
      overview: '#/overview',
      work: '#/work',
      performance: '#/performance',
      'performance-publishers': '#/performance?by=publisher&sort=-Margin',
      statements: '#/statements',
      statement: `#/statements/rewards-app?month=${month}`,
      networks: '#/networks',
      'network-detail': '#/networks/timewall',
      'network-new': '#/networks/+?from=timewall',
      found: `#/find?q=${encodeURIComponent('user-42 and Acme')}`,
      'found-nothing': '#/find?q=TX-404',
      click: `#/clicks/${main.clickId}`,
      'click-without-postback': `#/clicks/${quiet}`,
      'click-unknown': '#/clicks/CLK-UNKNOWN',
      received: '#/received',
      'received-detail': `#/received/${first.log_id}`,
      'received-held': `#/received/${held.log_id}`,
      conversions: '#/conversions',
      'conversion-detail': `#/conversions/${encodeURIComponent(log.conversion_id)}`,
      'conversion-held': `#/conversions/${encodeURIComponent(heldId)}?status=held`,
      deliveries: '#/deliveries',
      'delivery-detail': `#/deliveries/${deliveryId}`,
      partners: '#/partners',
      'partner-detail': '#/partners/torox-eu',
      offers: '#/offers',
      'offer-detail': '#/offers/ten-minutes',
      publishers: '#/publishers',
      'publisher-detail': '#/publishers/rewards-app',
      placements: '#/placements',
      rules: '#/rules',
      alerts: '#/alerts',
      'user-points': '#/users/rewards-app/user-42',
      reconcile: '#/reconcile?partner_id=acme-surveys',
      import: '#/import?partner_id=acme-surveys',
      queues: '#/queues',
      audit: '#/audit',
      tokens: '#/tokens',
      nothing: '#/nowhere',
    },
  };
}
