import { describe, expect, test } from '@jest/globals';
import { idsIn, withoutKeys } from '../../../functions/admin/console/core/quoted-ids.ts';

const key = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF';

describe('a text that somebody pastes to find something', () => {
  test.each([
    ['an id alone', 'CLK-01M8DEC66DRZJKKXPM9KB0ZZHV', ['CLK-01M8DEC66DRZJKKXPM9KB0ZZHV']],
    ['an id of any form, as it stands', 'order#12/a:b', ['order#12/a:b']],
    ['a sentence of support', 'Why was user-42 not paid for transaction TX-9?', ['user-42', 'TX-9']],
    ['a header', 'webhook-id: 01M8DEC66DRZJKKXPM9KB0ZZHV', ['01M8DEC66DRZJKKXPM9KB0ZZHV']],
    ['a query', 'click_id=CLK-1&transaction_id=TX%209', ['CLK-1', 'TX 9']],
    ['nothing', '   ', []],
  ])('is read as ids where it is %s', (_what, text, ids) => {
    expect(idsIn(text)).toEqual(ids);
  });

  test('leads to a limited number of searches', () => {
    expect(idsIn('A1 A2 A3 A4 A5 A6 A7 A8 A9')).toHaveLength(6);
  });

  test('loses every key in it, which is secret and finds nothing', () => {
    expect(withoutKeys(`https://host/postback/${key}/purchase?click_id=CLK-1`)).toBe('https://host/postback//purchase?click_id=CLK-1');
    expect(withoutKeys(key)).toBe('');
    expect(idsIn(`key=${key} TX-1`)).toEqual(['TX-1']);
  });
});
