import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/** Offerwall. Status 0 takes back what status 1 paid. */
export const lootably: Preset = {
  name: 'lootably',
  parameters: { click_id: ['userID'], transaction_id: ['transactionID'], payout: ['revenue'], status: ['status'] },
  statusWords: { '1': 'approved', '0': 'reversed' },
  signature: {
    carrier: inParameter('hash'),
    covers: 'values',
    compose: valuesOf(['userID', 'ip', 'revenue', 'currencyReward']),
    seal: digestWithSecret('sha256'),
  },
  response: { content_type: 'text/plain; charset=utf-8', success: '1', duplicate: '1' },
};
