import { describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { isUnreplacedMacro, knownMacros } from '../../../functions/domain/postback/macros.ts';
import { refused, said } from './requests.ts';

describe('a value that is still a macro counts as absent (contract 1.1)', () => {
  test.each([
    '{click_id}',
    '%7Bclick_id%7D',
    `\${click_id}`,
    '[%TRANS%]',
    '[CLICK_ID]',
    '#click_id#',
    '%%click_id%%',
    '{{click_id}}',
    '[[reward]]',
    '%click_id%',
    '<click_id>',
    ' {click_id} ',
    '{aff_sub:5}',
    '{payout|cents}',
    '{offerName}',
    '%24%7Bclick_id%7D',
  ])('%s is a macro', (value) => {
    expect(isUnreplacedMacro(value, knownMacros(undefined))).toBe(true);
  });

  test.each([
    '{A3F2504E-4F89-11D3-9A0C-0305E82C3301}',
    '{rejected}',
    '[pending]',
    '[%TX%]',
    '{offer.id}',
    '%%ad_id%%',
    'CLK-1',
    '',
    '{}',
    '[1]',
    '{"a":1}',
    '##',
    '100%',
    '{a}b',
    'a{b}',
    '{click_id',
    '#1',
    '%',
    '%%',
    `{${'a'.repeat(200)}}`,
  ])('%s is none', (value) => {
    expect(isUnreplacedMacro(value, knownMacros(undefined))).toBe(false);
  });

  test.each([
    'click_id={click_id}',
    'click_id=%7Bclick_id%7D',
    'click_id=$%7Bclick_id%7D',
    'click_id=[%TRANS%]',
    'click_id=%5B%TRANS%%5D',
    'click_id=[CLICK_ID]',
    'click_id=%23click_id%23',
    'click_id=%%click_id%%',
    'click_id=%25%25click_id%25%25',
    'click_id=&click_id={click_id}',
    'click_id={click_id}&payout={payout}',
    'click_id={click_id}&offer_id=CAMP-1',
    'click_id={click_id}&payout=abc',
    'click_id={click_id}&payout=%ff',
  ])('%s leaves the click id missing', async (query) => {
    expect(await refused({ query })).toEqual({
      code: 'unreplaced_macro',
      message: 'click_id required: the parameter click_id still holds its macro',
    });
  });

  test.each([
    ['bitlabs', '[%USER:UID%]'],
    ['bitlabs', '[%TX%]'],
    ['voluum', '{transaction.id}'],
    ['hitpath', 'xxC1xx'],
    ['cake', '#tid#'],
    ['monlix', '{{userId}}'],
    ['pollfish', '[[request_uuid]]'],
  ])("%s: the network's own macro %s is one", (id, value) => {
    expect(isUnreplacedMacro(value, knownMacros(builtInNetworks.get(id)))).toBe(true);
    expect(isUnreplacedMacro('{A3F2504E-4F89-11D3-9A0C-0305E82C3301}', knownMacros(builtInNetworks.get(id)))).toBe(false);
  });

  test('the message names the parameter as it was sent', async () => {
    expect((await refused({ query: 'subid={sub}' })).message).toBe('click_id required: the parameter subid still holds its macro');
    expect((await refused({ body: '{"cid":"{clickid}"}' }, { parameter_mapping: { cid: 'click_id' } })).message).toContain(
      'the parameter cid ',
    );
  });

  test.each([
    ['another name has the id', 'click_id={click_id}&clickid=CLK-1', { clickId: 'CLK-1' }],
    ['a payout is simply absent', 'click_id=CLK-1&payout={payout}', { payout: undefined }],
    ['a broken macro too', 'click_id=CLK-1&payout=%%payout%%', { payout: undefined }],
    ['a transaction id is absent', 'click_id=CLK-1&transaction_id=[%TRANS%]', { transactionId: undefined }],
    ['an empty value is absent', 'click_id=CLK-1&payout=&status=&event=', { payout: undefined, status: 'approved', event: 'complete' }],
    ['a blank value is absent', 'click_id=+&payout=+', { clickId: undefined, payout: undefined }],
    [
      'no click id at all is not refused here: it may still be matched',
      'offer_id=CAMP-1',
      { clickId: undefined, offerReferences: ['CAMP-1'] },
    ],
  ])('%s', async (_rule, query, expected) => {
    expect(await said({ query })).toMatchObject(expected);
  });
});
