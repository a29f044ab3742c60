import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/** Offerwalls in the style of Wannads, Revlum and adrevmedia. Amounts are absolute: the status tells the direction. */
export const subidFamily: Preset = {
  name: 'subid_family',
  parameters: { click_id: ['subId'], transaction_id: ['transId'], payout: ['payout'], status: ['status'] },
  statusWords: { '1': 'approved', '2': 'reversed' },
  signature: {
    carrier: inParameter('signature'),
    covers: 'values',
    compose: valuesOf(['subId', 'transId', 'reward']),
    seal: digestWithSecret('md5'),
  },
  response: { content_type: 'text/plain; charset=utf-8', success: 'OK', duplicate: 'DUP' },
};
