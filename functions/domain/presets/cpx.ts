import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/**
 * Surveys. Cancellations and fraud come weeks later under the same `trans_id`. `type` (complete, out, bonus) tells what
 * was paid for and stays custom data. The signature covers nothing but the transaction id.
 */
export const cpx: Preset = {
  name: 'cpx',
  parameters: { click_id: ['subid_1'], transaction_id: ['trans_id'], payout: ['amount_usd'], status: ['status'] },
  statusWords: { '1': 'approved', '2': 'reversed', '-2': 'reversed' },
  signature: {
    carrier: inParameter('hash', 'secure_hash'),
    covers: 'values',
    compose: valuesOf(['trans_id']),
    seal: digestWithSecret('md5', '-'),
  },
  addresses: ['188.40.3.73', '157.90.97.92', '2a01:4f8:d0a:30ff::2'],
  response: { content_type: 'text/plain; charset=utf-8', success: '1', duplicate: '1' },
};
