import { expect, test } from '@jest/globals';
import { partnerChange } from '../../../functions/admin/console/core/partner-change.ts';
import type { Partner } from '../../../functions/admin/console/core/types.ts';

const partnerWith = (response: Partner['response']): Partner => ({ response }) as Partner;

test('a change without answers leaves them alone', () => {
  expect(partnerChange({ currency: 'EUR' }, partnerWith({ success: 'OK' }))).toEqual({ currency: 'EUR' });
});

test('one answer that changes keeps the others: the API takes all of them as one value', () => {
  const change = partnerChange({ currency: 'EUR', response_success: '1' }, partnerWith({ success: 'OK', duplicate: 'DUP' }));
  expect(change).toEqual({ currency: 'EUR', response: { success: '1', duplicate: 'DUP' } });
});

test('an answer that is emptied goes, and the last one takes all with it', () => {
  expect(partnerChange({ response_duplicate: null }, partnerWith({ success: 'OK', duplicate: 'DUP' }))).toEqual({
    response: { success: 'OK' },
  });
  expect(partnerChange({ response_success: null }, partnerWith({ success: 'OK' }))).toEqual({ response: null });
});
