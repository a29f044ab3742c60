import { describe, expect, test } from '@jest/globals';
import { namesFor, postbackUrl } from '../../../functions/admin/console/core/postback-url.ts';

describe('the postback URL builder', () => {
  test("uses the partner's names: from its own mapping, then from its network, then ours", () => {
    const network = { names: { click_id: ['subid_1'], transaction_id: ['trans_id'] } };
    const names = namesFor({ parameter_mapping: { my_tx: 'transaction_id' } }, network);
    expect([names.get('transaction_id'), names.get('click_id'), names.get('country')]).toEqual(['my_tx', 'subid_1', 'country']);
  });

  test('leaves macros unchanged and encodes everything else', () => {
    const parameters = [
      { name: 'click_id', macro: '{click_id}' },
      { name: 'my name', macro: '{my name}' },
    ];
    expect(postbackUrl({ origin: 'https://postback.example', key: 'KEY', event: 'a/b', parameters })).toBe(
      'https://postback.example/postback/KEY/a%2Fb?click_id={click_id}&my%20name={my name}',
    );
    expect(postbackUrl({ origin: 'https://postback.example', key: 'KEY', event: '', parameters: [] })).toBe(
      'https://postback.example/postback/KEY',
    );
  });
});
