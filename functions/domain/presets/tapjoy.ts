import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/** Offerwall. It stops on 200 and on 403, and tries anything else again for four days: a refusal for good must be a 403. */
export const tapjoy: Preset = {
  name: 'tapjoy',
  parameters: { click_id: ['snuid'], transaction_id: ['id'], payout: ['currency'] },
  signature: {
    carrier: inParameter('verifier'),
    covers: 'values',
    compose: valuesOf(['id', 'snuid', 'currency'], ':'),
    seal: digestWithSecret('md5', ':'),
  },
};
