import { expect, test } from '@jest/globals';
import { partnerChange } from '../../../functions/admin/console/core/partner-change.ts';
import type { Partner } from '../../../functions/admin/console/core/types.ts';

const partnerWith = (response: Partner['response']): Partner => ({ response }) as Partner;
const partnerOf = (network_settings: Partner['network_settings']): Partner => ({ network_settings }) as Partner;
const signing = { in: 'query:hash', algorithm: 'sha256', message: '{id}{secret}' } as const;
const amount = { unit: 'minor' } as const;

test('a change that does not concern the answers leaves them unchanged', () => {
  expect(partnerChange({ currency: 'EUR' }, partnerWith({ success: 'OK' }))).toEqual({ currency: 'EUR' });
});

test('a change of one answer sends the others too, because the API replaces all of them', () => {
  const change = partnerChange({ currency: 'EUR', response_success: '1' }, partnerWith({ success: 'OK', duplicate: 'DUP' }));
  expect(change).toEqual({ currency: 'EUR', response: { success: '1', duplicate: 'DUP' } });
});

test('an answer that is emptied is removed, and with the last one the whole value', () => {
  expect(partnerChange({ response_duplicate: null }, partnerWith({ success: 'OK', duplicate: 'DUP' }))).toEqual({
    response: { success: 'OK' },
  });
  expect(partnerChange({ response_success: null }, partnerWith({ success: 'OK' }))).toEqual({ response: null });
});

test("a partner's signing and its other network settings are changed separately, and neither loses the other", () => {
  expect(partnerChange({ currency: 'EUR' }, partnerOf({ signing, amount }))).toEqual({ currency: 'EUR' });
  expect(partnerChange({ recipe: { ...signing, in: 'header:x-sign' } }, partnerOf({ signing, amount }))).toEqual({
    network_settings: { amount, signing: { ...signing, in: 'header:x-sign' } },
  });
  expect(partnerChange({ network_settings: { wall: 'sub' } }, partnerOf({ signing, amount }))).toEqual({
    network_settings: { wall: 'sub', signing },
  });
  expect(partnerChange({ network_settings: { amount: null } }, partnerOf({ signing: null }))).toEqual({
    network_settings: { amount: null, signing: null },
  });
});

test('a network setting that is emptied is removed, with the last one the whole value, and a partner need not sign although its network does', () => {
  expect(partnerChange({ recipe: null }, partnerOf({ signing, amount }))).toEqual({ network_settings: { amount } });
  expect(partnerChange({ recipe: null }, partnerOf({ signing }))).toEqual({ network_settings: null });
  expect(partnerChange({ network_settings: null }, partnerOf({ signing, amount }))).toEqual({ network_settings: { signing } });
  expect(partnerChange({ recipe: 'none' }, partnerOf(null))).toEqual({ network_settings: { signing: null } });
});

test('a new secret works beside the previous one unless that is ended; if it is ended without a new one, no signature is required', () => {
  expect(partnerChange({ secret: 'new' }, partnerOf(null))).toEqual({ signing: { secret: 'new' } });
  expect(partnerChange({ secret: 'new', old_secrets: 'end' }, partnerOf(null))).toEqual({ signing: { secret: 'new', replace: true } });
  expect(partnerChange({ old_secrets: 'end' }, partnerOf(null))).toEqual({ signing: null });
});
