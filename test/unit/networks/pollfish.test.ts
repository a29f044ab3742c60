import { describe, expect, test } from '@jest/globals';
import { hmacSha1, story, verdict } from './network.ts';

describe('pollfish', () => {
  test.each([
    [
      'a complete, in cents',
      'request_uuid=CLK-1&tx_id=T1&cpa=30&status=eligible',
      undefined,
      { status: 'approved', payout: '0.3', transaction: 'T1' },
    ],
    ['not eligible', 'request_uuid=CLK-1&tx_id=T1&cpa=0&status=noteligible&term_reason=quota_full', undefined, { status: 'rejected' }],
    [
      'a reconciliation: same tx_id, positive amount',
      'request_uuid=CLK-1&tx_id=T1&cpa=30',
      'reconciliation',
      { status: 'reversed', payout: '0.3', transaction: 'T1', event: 'complete' },
    ],
    [
      'a reconciliation whose status says eligible',
      'request_uuid=CLK-1&tx_id=T1&cpa=30&status=eligible',
      'Reconciliation',
      { status: 'reversed', event: 'complete' },
    ],
    ['a test', 'request_uuid=CLK-1&tx_id=T1&cpa=30&debug=true', undefined, { status: 'test' }],
    ['a reconciliation that is a test', 'request_uuid=CLK-1&tx_id=T1&cpa=30&debug=true', 'reconciliation', { status: 'test' }],
    ['a negative amount is no way of theirs', 'request_uuid=CLK-1&tx_id=T1&cpa=-30', undefined, 'invalid_payout'],
  ])('%s', async (_what, query, event, expected) => {
    const told = await story('pollfish', { query }, event);
    if (typeof expected === 'string') expect(told).toBe(expected);
    else expect(told).toMatchObject({ click: 'CLK-1', ...expected });
  });
});

describe('pollfish signs the values in the order of their names', () => {
  const sent = 'cpa=30&device_id=d%201&request_uuid=CLK-1&timestamp=1463152452308&tx_id=T1&status=eligible&term_reason=';
  const signature = hmacSha1('SECRET', '30:d 1:CLK-1:eligible::1463152452308:T1', 'base64');
  const check = (query: string, signed = signature, more: object = {}) =>
    verdict('pollfish', { query: `${query}&signature=${encodeURIComponent(signed)}`, ...more });

  test.each([
    ['the recipe; an empty term_reason counts', sent, signature],
    ['another order', sent.split('&').reverse().join('&'), signature],
    ['debug is not signed', `${sent}&debug=true`, signature],
    ['nor is the key of the older address', `key=KEY&${sent}`, signature],
    ['an empty request_uuid is skipped', 'cpa=30&request_uuid=&status=eligible&tx_id=T1', hmacSha1('SECRET', '30:eligible:T1', 'base64')],
    ['an empty other value is not', 'cpa=30&device_id=&status=eligible&tx_id=T1', hmacSha1('SECRET', '30::eligible:T1', 'base64')],
  ])('%s', async (_what, query, signed) => {
    expect(await check(query, signed)).toBe('valid');
  });

  test('a plus that was not encoded arrives as a space', async () => {
    const number = Array.from({ length: 200 }, (_, index) => index).find((index) =>
      hmacSha1('SECRET', `${index}:eligible:T1`, 'base64').includes('+'),
    );
    expect(
      await verdict('pollfish', {
        query: `cpa=${number}&status=eligible&tx_id=T1&signature=${hmacSha1('SECRET', `${number}:eligible:T1`, 'base64')}`,
      }),
    ).toBe('valid');
  });

  test.each([
    ['a value changed', sent.replace('cpa=30', 'cpa=3000')],
    ['a parameter added', `${sent}&zone=1`],
    ['an amount twice', `${sent}&cpa=3000`],
    ['another request_uuid behind', `${sent}&request_uuid=CLK-2`],
    ['a parameter left out', sent.replace('&tx_id=T1', '')],
    ['term_reason left out', sent.replace('&term_reason=', '')],
  ])('%s is refused', async (_what, query) => {
    expect(await check(query)).toMatch(/^signature_invalid/);
  });

  test.each([
    ['in hex', hmacSha1('SECRET', '30:d 1:CLK-1:eligible::1463152452308:T1', 'hex')],
    ['without padding', signature.replace(/=+$/, '')],
    ['of another secret', hmacSha1('OTHER', '30:d 1:CLK-1:eligible::1463152452308:T1', 'base64')],
  ])('a signature %s is refused', async (_what, wrong) => {
    expect(await check(sent, wrong)).toMatch(/^signature_invalid/);
  });

  test.each([
    ['a status by another name', sent.replace('status=eligible', 'statut=eligible'), 'unsigned: "statut", status'],
    ['a status as the reason', 'cpa=30&request_uuid=CLK-1&term_reason=noteligible&tx_id=T1', 'unsigned: status'],
  ])('%s is held: its names are not signed', async (_what, query, expected) => {
    const values = [...new URLSearchParams(query)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
    expect(await check(query, hmacSha1('SECRET', values.join(':'), 'base64'))).toBe(expected);
  });

  test('a missing signature, a signature without values and an unsigned body do not count as signed', async () => {
    expect(await verdict('pollfish', { query: sent })).toMatch(/^signature_missing/);
    expect(await verdict('pollfish', { query: `signature=${encodeURIComponent(hmacSha1('SECRET', '', 'base64'))}` })).toMatch(
      /^signature_invalid/,
    );
    expect(await check(sent, signature, { body: 'cpa=3000' })).toBe('unsigned: payout');
  });
});
