import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { clickId } from '../../functions/adapters/dynamo/click-store.ts';
import type { Click } from '../../functions/domain/click.ts';
import type { Postback } from '../../functions/domain/postback/postback.ts';
import { factsOf } from '../../functions/domain/receiving/rule-facts.ts';
import { applies } from '../../functions/domain/receiving/ruling.ts';
import type { Offer, Rule } from '../../functions/domain/settings.ts';
import { offerId, partnerId, publisherId } from '../../functions/runtime/ids.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const click: Click = {
  click_id: clickId.parse('CLK-1'),
  offer_id: offerId.parse('off'),
  partner_id: partnerId.parse('par'),
  publisher_id: publisherId.parse('pub'),
  user_id: 'ann',
  sub_ids: { sub_id1: 'wall' },
  ip: '192.0.2.1',
  country: 'DE',
  clicked_at: '2026-03-01T11:59:50.500Z',
};
const offer: Offer = {
  offer_id: click.offer_id,
  partner_id: click.partner_id,
  name: 'Offer',
  target_url: 'https://partner.example/',
  payout: new Big(4),
  conversion_window_days: 30,
  goals: [{ event: 'purchase', payout: new Big(2) }],
  status: 'active',
};
const postback: Postback = {
  status: 'approved',
  payout: new Big('6.00'),
  currency: 'USD',
  offerReferences: ['VBFS6'],
  eventSent: false,
  unknownEvent: 'hold',
  matchByTransaction: false,
  event: 'complete',
  subIds: {},
  country: 'de',
  ip: '192.0.2.2',
  customData: { quality: 7, nested: { a: 1 }, nothing: null, payout: 'theirs' },
  identity: '',
  flags: [],
};

describe('what a rule can ask about', () => {
  const facts = factsOf({ postback, click, offer, now });

  test.each([
    ['payout', '6'],
    ['status', 'approved'],
    ['offer_id', 'VBFS6'],
    ['user_id', 'ann'],
    ['sub_id1', 'wall'],
    ['quality', '7'],
    ['nested', '{"a":1}'],
    ['nothing', undefined],
    ['click_age_seconds', '9'],
    ['click_country', 'DE'],
    ['postback_country', 'de'],
    ['country_mismatch', 'false'],
    ['ip_mismatch', 'true'],
    ['offer_payout_ratio', '1.5'],
    ['user_conversions_today', undefined],
  ])('%s is %s', (field, value) => {
    expect(facts[field]).toBe(value);
  });

  test('a value that is unknown on one side is neither a match nor a mismatch', () => {
    expect(factsOf({ postback: { ...postback, country: undefined }, click, offer, now })['country_mismatch']).toBeUndefined();
  });

  test("the partner's payout is compared with the goal's own payout", () => {
    expect(factsOf({ postback: { ...postback, event: 'purchase' }, click, offer, now })['offer_payout_ratio']).toBe('3');
  });
});

describe('a rule is asked', () => {
  const rule: Rule = { rule_id: 'r', name: 'Rule', priority: 1, scope: {}, when: { all: [] }, action: 'hold', status: 'active' };

  test.each<[string, Partial<Rule>, boolean]>([
    ['of everybody', {}, true],
    ['not while it is inactive', { status: 'inactive' }, false],
    ['of its publisher', { scope: { publisher_id: click.publisher_id } }, true],
    ['of no other', { scope: { publisher_id: publisherId.parse('other') } }, false],
    ['of its partner and offer', { scope: { partner_id: click.partner_id, offer_id: click.offer_id } }, true],
    ['from its beginning', { from: '2026-03-01T12:00:00.000Z' }, true],
    ['not before', { from: '2026-03-01T12:00:00.001Z' }, false],
    ['until its end', { to: '2026-03-01T12:00:00.001Z' }, true],
    ['not after', { to: '2026-03-01T12:00:00.000Z' }, false],
  ])('%s', (_when, change, asked) => {
    expect(applies({ ...rule, ...change }, click, now)).toBe(asked);
  });
});
