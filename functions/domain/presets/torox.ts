import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/** Offerwall. `payout` is what it pays us, `amount` what the user gets; a reversal has the same `id` and a negative `payout`. */
export const torox: Preset = {
  name: 'torox',
  parameters: { click_id: ['user_id'], transaction_id: ['id'], payout: ['payout'] },
  reversal: { negativePayout: true },
  signature: {
    carrier: inParameter('sig'),
    covers: 'values',
    compose: valuesOf(['oid', 'user_id'], '-'),
    seal: digestWithSecret('md5', '-'),
  },
  addresses: ['54.175.173.245'],
  response: { content_type: 'text/plain; charset=utf-8', success: '1', duplicate: '1' },
};
