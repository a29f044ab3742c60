import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { verifySignature } from '../../../functions/domain/networks/verify.ts';
import { dialectOf } from '../../../functions/domain/postback/dialect.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { interpret } from '../../../functions/domain/postback/interpret.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { requestOf } from '../postback/requests.ts';
import { md5, now, verdict } from './network.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/** Contract 1.8: a value outside of the signed text decides nothing, even under a name that is nearly the name of a signed value. */
describe('a value under a name that is nearly a signed one decides nothing', () => {
  test.each(['_Trans_Id_', '%20_trans_id_', '_trans_id_[]', 'amp;_trans_id_', '_trans_id_%E2%80%8B'])(
    'a transaction as %s',
    async (name) => {
      const query = `uid=CLK-1&amount=50&payout_net=5.00&sid=${sha1('SECRETCLK-150')}`;
      expect(await verdict('digital_turbine', { query })).toBe('valid');
      expect(await verdict('digital_turbine', { query: `${query}&${name}=T2` })).toBe('unsigned: transaction_id');
    },
  );

  test('another click', async () => {
    const query = `id=T1&uid=u&amount=5&currency=coins&verifier=${md5('T1u5coinsSECRET')}`;
    expect(await verdict('adcolony', { query: `${query}&Custom_Id=CLK-2` })).toBe('unsigned: click_id');
  });

  const network: Network = {
    network_id: 'own',
    title: 'Own',
    names: { click_id: ['u'], payout: ['p'], status: ['s'] },
    signing: { in: 'query:h', algorithm: 'md5', message: '{u}|{p}|{s}|{back?}|{secret}' },
    statuses: { words: { ok: 'approved', gone: 'reversed' } },
    reversal: { when: { back: ['1'] } },
  };
  const unsignedIn = (query: string): readonly string[] | string => {
    const request = requestOf({ query });
    const { parameters } = gatherParameters(request, inflate);
    const verification = verifySignature({ network, request, parameters, secrets: ['SECRET'] }, nodeCrypto, now);
    if (verification.outcome !== 'valid') return verification.outcome;
    const dialect = dialectOf({ parameter_mapping: {}, parameter_defaults: {}, status_mapping: {} }, network);
    const reading = interpret(parameters, dialect, undefined, verification.coverage);
    return reading.read ? reading.unsigned : reading.refusal.code;
  };

  test.each<[string, string, readonly string[]]>([
    ['nothing else', '', []],
    ['a status, where the signed one is empty', '&S=gone', ['status']],
    ["the network's mark of a reversal", '&Back=1', ['Back']],
  ])('%s', (_what, more, unsigned) => {
    expect(unsignedIn(`u=CLK-1&p=5.00&s=&h=${md5('CLK-1|5.00|||SECRET')}${more}`)).toEqual(unsigned);
  });
});
