import { describe, expect, test } from '@jest/globals';
import { partnerChange as sentOfPartner } from '../../../functions/admin/console/core/partner-change.ts';
import type { Offer, Partner, Placement, Publisher } from '../../../functions/admin/console/core/types.ts';
import { newOfferFields, offerFields, offerTexts } from '../../../functions/admin/console/pages/setup/offer-fields.ts';
import { newPartnerFields, partnerFields, partnerTexts } from '../../../functions/admin/console/pages/setup/partner-fields.ts';
import { newPlacementFields, placementFields, placementTexts } from '../../../functions/admin/console/pages/setup/placement-fields.ts';
import {
  newPublisherFields,
  ownPublisherFields,
  ownPublisherTexts,
  publisherFields,
  publisherTexts,
} from '../../../functions/admin/console/pages/setup/publisher-fields.ts';
import type { Field } from '../../../functions/admin/console/parts/field.ts';
import { newOffer, offerChange } from '../../../functions/admin/schemas/offer.ts';
import { newPartner, partnerChange } from '../../../functions/admin/schemas/partner.ts';
import { newPlacement, placementChange } from '../../../functions/admin/schemas/placement.ts';
import { newPublisher, ownPublisherChange, publisherChange } from '../../../functions/admin/schemas/publisher.ts';

const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' };

const partner: Partner = {
  ...times,
  partner_id: 'acme',
  partner_name: 'Acme',
  status: 'inactive',
  mode: 'forward_only',
  forward_to: ['one', 'two'],
  preset: 'bitlabs',
  network_settings: {
    signing: {
      in: 'header:x-sign',
      algorithm: 'hmac-sha256',
      encoding: 'base64',
      message: { GET: '{target}', POST: '{body}' },
      timestamp: { in: 'header:x-time', unit: 'ms', max_age_seconds: 300 },
      prefix: 'v1=',
      exclude: ['x'],
      skip_empty: ['y'],
      covers: ['payout'],
      one_text: true,
    },
    names: { click_id: ['sub'], country: null },
    answer: { held: null },
    statuses: null,
    paste: ['?a={b}'],
  },
  parameter_mapping: { aff_tx: 'transaction_id', note: null },
  parameter_defaults: { currency: 'EUR' },
  status_mapping: { '7': 'approved' },
  signing: { configured: true, secrets: 2 },
  public_base_url: 'https://track.example.com',
  allowed_ips: ['192.0.2.0/24'],
  ip_policy: 'enforce',
  fallback_matching: 'latest',
  repeat: 'per_transaction',
  match_by_transaction: false,
  negative_payout: 'reverses',
  response: { success: 'OK', duplicate: 'DUP', content_type: 'text/plain' },
  currency: 'EUR',
};

const offer: Omit<Offer, 'fallback_url'> & { readonly fallback_url: string } = {
  ...times,
  offer_id: 'survey',
  partner_id: 'acme',
  campaign_id: 'VBFS6',
  name: 'Survey',
  target_url: 'https://partner.example/start?sub={click_id}',
  fallback_url: 'https://publisher.example/other',
  payout: '2.50',
  revenue_share_percent: '0',
  currency: 'EUR',
  conversion_window_days: 7,
  repeat: 'once',
  hold_hours: '72',
  caps: [
    { per: 'week', of: 'payout', limit: '100.50', publisher_id: 'rewards-app', timezone: 'Europe/Berlin' },
    { per: 'total', of: 'conversions', limit: '5', publisher_id: null, timezone: null },
  ],
  goals: [
    { event: 'purchase', payout: '2.50', revenue_share_percent: '0', hold_hours: '48' },
    { event: 'deposit', payout: null, revenue_share_percent: '85', hold_hours: null },
    { event: 'install', payout: null, revenue_share_percent: null, hold_hours: null },
    { event: 'late', payout: null, revenue_share_percent: null, hold_hours: '1' },
  ],
  status: 'inactive',
};

const placement: Placement = {
  ...times,
  placement_id: 'main-wall',
  publisher_id: 'rewards-app',
  name: 'Main wall',
  postback_url: 'https://publisher.example/p?c={click_id}',
  postback_method: 'POST',
  exchange_rate: '100',
};

const publisher: Publisher = {
  ...times,
  publisher_id: 'rewards-app',
  name: 'Rewards',
  postback_url: 'https://publisher.example/p?c={click_id}',
  postback_method: 'POST',
  forward_statuses: ['approved', 'reversed'],
  payout_overrides: { one: { percent: '85', hold_hours: '72' }, two: { fixed: '1.5' }, three: { hold_hours: '1' } },
  signing: { secrets: 1 },
  endpoint: { state: 'active', reason: null, since: null, consecutive_failures: 0 },
  postbacks: [],
};

interface FormOfSettings {
  readonly what: string;
  readonly stored: object;
  readonly fields: readonly Field[];
  readonly texts: Readonly<Record<string, string>>;
  readonly sent?: (form: Readonly<Record<string, unknown>>) => object;
  readonly schema: { readonly shape: object; readonly parse: (body: unknown) => unknown };
  /** Settings that are changed elsewhere in the console, with the place, or that the API does not show. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

const otherPostbacks = { postbacks: 'the other postbacks have a form of their own' };

const forms: readonly FormOfSettings[] = [
  {
    what: 'a partner',
    stored: partner,
    fields: partnerFields,
    texts: partnerTexts(partner),
    sent: (form) => sentOfPartner(form, { ...partner, network_settings: null, response: null }),
    schema: partnerChange,
    elsewhere: { signing: 'a secret is never shown, so what is stored is not read again' },
  },
  { what: 'an offer', stored: offer, fields: offerFields, texts: offerTexts(offer), schema: offerChange, elsewhere: {} },
  {
    what: 'a placement',
    stored: placement,
    fields: placementFields,
    texts: placementTexts(placement),
    schema: placementChange,
    elsewhere: {},
  },
  {
    what: 'a publisher',
    stored: publisher,
    fields: publisherFields,
    texts: publisherTexts(publisher),
    schema: publisherChange,
    elsewhere: otherPostbacks,
  },
  {
    what: 'a publisher about itself',
    stored: publisher,
    fields: ownPublisherFields,
    texts: ownPublisherTexts(publisher),
    schema: ownPublisherChange,
    elsewhere: otherPostbacks,
  },
];

/** What a form sends when every field is filled in. */
const typed = (fields: readonly Field[], texts: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    fields.flatMap(({ name, read }) => {
      const text = texts[name] ?? '';
      return text === '' ? [] : [[name, read === undefined ? text : read(text)]];
    }),
  );

describe.each(forms)('the form of $what', ({ stored, fields, texts, sent = (form) => form, schema, elsewhere }) => {
  test('has every setting that the API accepts, and sends each as it is stored', () => {
    const settings = Object.keys(schema.shape).filter((name) => !(name in elsewhere));
    const body = sent(typed(fields, texts));
    expect(Object.keys(body).toSorted()).toEqual(settings.toSorted());
    const same = Object.fromEntries(Object.entries(stored).filter(([name]) => settings.includes(name)));
    expect(schema.parse(body)).toEqual(schema.parse(same));
  });

  test('shows the stored value in each of its fields, except those that only change something', () => {
    const shown = fields.flatMap(({ name }) => (name === 'secret' || name === 'old_secrets' ? [] : [name]));
    expect(Object.keys(texts).toSorted()).toEqual(shown.toSorted());
  });
});

test("a partner's form changes every member of signing and of its answers", () => {
  const members = (schema: typeof partnerChange.shape.signing | typeof partnerChange.shape.response): string[] =>
    Object.keys(schema.unwrap().unwrap().shape);
  const signing = {
    ...partner.network_settings?.signing,
    ...Object(sentOfPartner({ secret: 's', old_secrets: 'end' }, partner)['signing']),
  };
  expect(Object.keys(signing).toSorted()).toEqual(members(partnerChange.shape.signing).toSorted());
  expect(Object.keys(partner.response ?? {}).toSorted()).toEqual(members(partnerChange.shape.response).toSorted());
});

test("a partner's signing is refused among its network settings, where it would be set twice", () => {
  const overrides = partnerFields.find(({ name }) => name === 'network_settings');
  expect(() => overrides?.read?.('{"signing": null}')).toThrow('signing has a field of its own');
  expect(() => overrides?.read?.('[]')).toThrow('must be one JSON object');
});

test('the form shows that a partner does not sign although its network does', () => {
  expect(partnerTexts({ ...partner, network_settings: { signing: null } })['recipe']).toBe('none');
  expect(partnerTexts({ ...partner, network_settings: null })).toMatchObject({ recipe: '', network_settings: '' });
});

/** Settings that exist only after the creation; they are on the page of the thing. */
const later = {
  partner: Object.keys(partnerChange.shape).filter((name) => name !== 'partner_name' && name !== 'preset'),
  offer: ['status'],
  placement: [],
  publisher: ['postbacks', 'forward_statuses', 'payout_overrides'],
} as const;

test.each([
  ['partner', newPartnerFields, newPartner.shape, later.partner],
  ['offer', newOfferFields, newOffer.shape, later.offer],
  ['placement', newPlacementFields, newPlacement.shape, later.placement],
  ['publisher', newPublisherFields, newPublisher.shape, later.publisher],
] as const)('the form of a new %s has every setting but those that its page has', (_what, fields, shape, others) => {
  expect([...fields.map(({ name }) => name), ...others].toSorted()).toEqual(Object.keys(shape).toSorted());
});
