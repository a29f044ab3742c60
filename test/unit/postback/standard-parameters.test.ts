import { describe, expect, test } from '@jest/globals';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { refused, said } from './requests.ts';

describe('standard parameters and their aliases (contract 1.2)', () => {
  test.each([
    ['clickId', ['click_id', 'clickid', 'aff_click_id', 'aff_sub', 'subid', 's1']],
    ['statusWord', ['status', 'conversion_status']],
    ['transactionId', ['transaction_id', 'txn_id', 'trans_id', 'tx_id', 'trans']],
    ['partnerConversionId', ['conversion_id']],
    ['event', ['event', 'event_type', 'goal', 'action', 'conversion_type']],
    ['userId', ['user_id']],
    ['affiliateId', ['affiliate_id', 'aff_id']],
    ['country', ['country', 'country_code']],
    ['deviceId', ['device_id']],
    ['ip', ['ip']],
    ['userAgent', ['user_agent']],
    ['reason', ['reason', 'chargeback_reason', 'term_reason', 'reversal_reason']],
  ])('%s', async (field, names) => {
    for (const name of names) {
      const postback = await said({ query: `${name}=value` });
      expect(postback).toMatchObject({ [field]: 'value', customData: {} });
    }
  });

  test.each(['payout', 'amount', 'revenue'])('payout is read from %s', async (name) => {
    expect((await said({ query: `${name}=5` })).payout?.toFixed()).toBe('5');
  });

  test.each(['cid', 'state', 'id', 'hash', 'sig', 'key', 'username'])(
    '%s means something else to every network: custom data',
    async (name) => {
      expect(await said({ query: `${name}=value` })).toMatchObject({ clickId: undefined, customData: { [name]: 'value' } });
    },
  );

  test('sub ids have two spellings', async () => {
    expect((await said({ query: 'sub=a&sub1=b&sub_id2=c&sub3=d&sub_id4=e&sub5=f' })).subIds).toEqual({
      sub_id: 'a',
      sub_id1: 'b',
      sub_id2: 'c',
      sub_id3: 'd',
      sub_id4: 'e',
      sub_id5: 'f',
    });
  });

  test('values are trimmed, and nothing else is done to them', async () => {
    expect(await said({ query: 'click_id=+CLK-1+&user_id=001234' })).toMatchObject({ clickId: 'CLK-1', userId: '001234' });
  });

  test.each([
    ['the same name twice', 'click_id=a&click_id=b', 'click_id'],
    ['two aliases', 'clickid=a&click_id=b', 'clickid, click_id'],
    ['payouts', 'payout=5&amount=6', 'payout, amount'],
  ])('%s with different values are ambiguous', async (_what, query, names) => {
    expect(await refused({ query })).toEqual({ code: 'ambiguous_parameter', message: expect.stringContaining(names) });
  });

  test('JSON that repeats a name is ambiguous too, and the last value is not used silently', async () => {
    expect(await refused({ body: '{"click_id":"a","click_id":"b"}' })).toMatchObject({ code: 'ambiguous_parameter' });
  });

  test.each(['click_id=a&click_id=a', 'clickid=a&click_id=a', 'click_id=a&click_id='])('%s is one value', async (query) => {
    expect((await said({ query })).clickId).toBe('a');
  });

  test.each(['offer_id', 'oid', 'campaign_id', 'survey_id'])('an offer is named by %s', async (name) => {
    expect((await said({ query: `${name}=value` })).offerReferences).toEqual(['value']);
  });

  test('offer and survey id are two parameters, and both name an offer', async () => {
    expect((await said({ query: 'survey_id=S&offer_id=O' })).offerReferences).toEqual(['O', 'S']);
    expect((await said({ query: 'survey_id=O&offer_id=O' })).offerReferences).toEqual(['O']);
  });
});

describe("a partner's own names (contract 1.2)", () => {
  const mapped = { parameter_mapping: { cid: 'click_id', usd: 'payout' } };

  test.each([
    ['its names are read', 'cid=CLK-1&usd=5', { clickId: 'CLK-1', customData: {} }],
    ['aliases of what it maps are custom data', 'cid=CLK-1&subid=x&s1=y', { clickId: 'CLK-1', customData: { subid: 'x', s1: 'y' } }],
    ['aliases of the rest are on', 'cid=CLK-1&tx_id=T', { transactionId: 'T' }],
    ['the standard name gives way to the mapped one', 'cid=CLK-1&click_id=CLK-2', { clickId: 'CLK-1', customData: { click_id: 'CLK-2' } }],
    [
      'an empty mapped name is not replaced by the standard one',
      'cid=&click_id=CLK-2',
      { clickId: undefined, customData: { click_id: 'CLK-2' } },
    ],
    ['without the mapped name the standard one still means itself', 'click_id=CLK-2', { clickId: 'CLK-2', customData: {} }],
  ])('%s', async (_rule, query, expected) => {
    expect(await said({ query }, mapped)).toMatchObject(expected);
  });

  test('a mapped name no longer has its old meaning', async () => {
    expect(await said({ query: 'user_id=CLK-1&status=5' }, { parameter_mapping: { user_id: 'click_id', status: 'payout' } })).toMatchObject(
      {
        clickId: 'CLK-1',
        userId: undefined,
        status: 'approved',
        statusWord: undefined,
      },
    );
  });

  test('a target may be an alias; an unknown one changes nothing', async () => {
    expect(await said({ query: 'a=CLK-1&b=x' }, { parameter_mapping: { a: 'subid', b: 'unheard_of' } })).toMatchObject({
      clickId: 'CLK-1',
      customData: { b: 'x' },
    });
  });

  test('two mapped names of one parameter must agree', async () => {
    expect(await refused({ query: 'a=1&b=2' }, { parameter_mapping: { a: 'click_id', b: 'click_id' } })).toMatchObject({
      code: 'ambiguous_parameter',
    });
  });

  test('names such as __proto__ are no mappings', async () => {
    expect((await said({ query: 'constructor=x&__proto__=y&toString=z' })).customData).toHaveProperty('toString', 'z');
  });

  const network: Network = {
    network_id: 'network',
    title: 'Network',
    names: { click_id: ['uid'], payout: ['raw'], transaction_id: ['id'] },
  };
  test.each([
    ['the preset names the sources', {}, 'uid=CLK-1&raw=5&id=T', { clickId: 'CLK-1', transactionId: 'T' }],
    [
      'its mapping overrides the preset for that parameter',
      { my: 'click_id' },
      'my=CLK-1&uid=x',
      { clickId: 'CLK-1', customData: { uid: 'x' } },
    ],
    ['a name it maps is not read for another', { id: 'offer_id' }, 'id=O&tx_id=T', { offerReferences: ['O'], transactionId: 'T' }],
    [
      'another amount is never read in the unit of the preset',
      {},
      'uid=CLK-1&payout=500&amount=400',
      { payout: undefined, customData: { payout: '500', amount: '400' } },
    ],
  ])('%s', async (_rule, parameter_mapping, query, expected) => {
    expect(await said({ query }, { parameter_mapping, preset: network })).toMatchObject(expected);
  });
});

describe('defaults for what a partner never sends (contract 1.2)', () => {
  const parameter_defaults = { currency: 'eur', status: 'pending', subid: 'CLK-9', unheard_of: 'x', payout: '2.50' };

  test('they fill what is absent', async () => {
    expect(await said({ query: 'event={event}&status=' }, { parameter_defaults })).toMatchObject({
      clickId: 'CLK-9',
      status: 'pending',
      currency: 'EUR',
      customData: {},
    });
    expect((await said({}, { parameter_defaults })).payout?.toFixed()).toBe('2.5');
  });

  test('they give way to what is sent', async () => {
    expect(await said({ query: 'click_id=CLK-1&status=approved&currency=USD' }, { parameter_defaults })).toMatchObject({
      clickId: 'CLK-1',
      status: 'approved',
      currency: 'USD',
    });
  });

  test('they are read like anything that is sent', async () => {
    expect(await refused({}, { parameter_defaults: { payout: 'much' } })).toMatchObject({ code: 'invalid_payout' });
  });
});
