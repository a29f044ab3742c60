import { describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { type Dialect, type RequestParts, said } from './requests.ts';

const dialectFor = (id: string): Dialect => {
  const preset = builtInNetworks.get(id);
  if (preset === undefined) throw new Error(`no network ${id}`);
  return { preset };
};
const [bitlabs, cpx] = [dialectFor('bitlabs'), dialectFor('cpx')];

const base: RequestParts = { query: 'click_id=CLK-1&status=approved&payout=5.00&transaction_id=T&note=x' };
const identity = async (parts: RequestParts, dialect: Dialect = {}) => (await said(parts, dialect)).identity;

describe('what makes two postbacks one (contract 1.5)', () => {
  test.each<[string, RequestParts, Dialect?]>([
    ['another order', { query: 'note=x&transaction_id=T&payout=5.00&status=approved&click_id=CLK-1' }],
    ['a form instead of a query', { body: 'click_id=CLK-1&status=approved&payout=5.00&transaction_id=T&note=x' }],
    ['JSON instead of a query', { body: '{"click_id":"CLK-1","status":"approved","payout":5.0,"transaction_id":"T","note":"x"}' }],
    ['aliases', { query: 'subid=CLK-1&conversion_status=approved&amount=5.00&tx_id=T&note=x' }],
    ['another spelling of the amount', { query: 'click_id=CLK-1&status=approved&payout=5.0&transaction_id=T&note=x' }],
    ['another word for the status', { query: 'click_id=CLK-1&status=PAID&payout=5.00&transaction_id=T&note=x' }],
    ['the status left out', { query: 'click_id=CLK-1&payout=5.00&transaction_id=T&note=x' }],
    ['the event said', { query: `${base.query}&event=Complete` }],
    ['the event in the path', base, { event: 'complete' }],
    ['a value that is empty', { query: `${base.query}&country=&ip={ip}` }],
    ['a value twice', { query: `${base.query}&click_id=CLK-1` }],
    ['blanks and encoding', { query: 'click_id=%43LK-1+&status=approved&payout=5.00&transaction_id=T&note=%78' }],
    ['a body that overrides', { query: 'note=y&click_id=CLK-2', body: base.query ?? '' }],
    [
      'a default that says the same',
      { query: 'click_id=CLK-1&status=approved&transaction_id=T&note=x' },
      { parameter_defaults: { payout: '5' } },
    ],
    ['the currency said', { query: `${base.query}&currency=usd` }],
  ])('%s makes no difference', async (_what, parts, dialect = {}) => {
    expect(await identity(parts, dialect)).toBe(await identity(base));
  });

  test.each<[string, RequestParts, Dialect?]>([
    ['another click', { query: (base.query ?? '').replace('CLK-1', 'CLK-2') }],
    ['another amount', { query: (base.query ?? '').replace('5.00', '5.01') }],
    ['no amount', { query: (base.query ?? '').replace('payout=5.00&', '') }],
    ['another transaction', { query: (base.query ?? '').replace('=T', '=t') }],
    ['another status', { query: (base.query ?? '').replace('approved', 'pending') }],
    ['an unknown status', { query: (base.query ?? '').replace('approved', 'maybe') }],
    ['another event', base, { event: 'level_5' }],
    ['another currency', { query: `${base.query}&currency=EUR` }],
    ['a reason', { query: `${base.query}&reason=again` }],
    ['a custom parameter', { query: `${base.query}&date=2026-11-01` }],
    ['another custom value', { query: (base.query ?? '').replace('note=x', 'note=y') }],
    ['the same value under another name', { query: (base.query ?? '').replace('note=', 'mote=') }],
    ['a custom value twice', { query: `${base.query}&note=x` }],
  ])('%s makes another postback', async (_what, parts, dialect = {}) => {
    expect(await identity(parts, dialect)).not.toBe(await identity(base));
  });

  test('unknown words differ, but not by their letter case', async () => {
    expect(await identity({ query: 'status=maybe' })).toBe(await identity({ query: 'status=MAYBE' }));
    expect(await identity({ query: 'status=maybe' })).not.toBe(await identity({ query: 'status=perhaps' }));
  });

  test('the order of nested JSON objects makes no difference, but that of lists does', async () => {
    expect(await identity({ body: '{"a":{"b":1,"c":[1,2]}}' })).toBe(await identity({ body: '{"a":{"c":[1,2],"b":1}}' }));
    expect(await identity({ body: '{"a":[1,2]}' })).not.toBe(await identity({ body: '{"a":[2,1]}' }));
  });

  test('a custom parameter cannot replace a standard one', async () => {
    const mapped = { parameter_mapping: { cid: 'click_id' } };
    expect(await identity({ query: 'cid=A&click_id=B' }, mapped)).not.toBe(await identity({ query: 'cid=B&click_id=A' }, mapped));
  });

  test("a network's signature makes no difference, an unsigned network's parameter of that name does", async () => {
    expect(await identity({ query: 'uid=CLK-1&hash=a' }, bitlabs)).toBe(await identity({ query: 'uid=CLK-1&hash=b' }, bitlabs));
    expect(await identity({ query: 'subid_1=CLK-1&secure_hash=a' }, cpx)).toBe(await identity({ query: 'subid_1=CLK-1' }, cpx));
    expect(await identity({ query: 'click_id=CLK-1&hash=a' })).not.toBe(await identity({ query: 'click_id=CLK-1&hash=b' }));
  });

  test('a reversal differs from the postback that it reverses, even with the same id and amount', async () => {
    expect(await identity({ query: 'subid_1=CLK-1&trans_id=T&amount_usd=1&status=2' }, cpx)).not.toBe(
      await identity({ query: 'subid_1=CLK-1&trans_id=T&amount_usd=1&status=1' }, cpx),
    );
  });
});
