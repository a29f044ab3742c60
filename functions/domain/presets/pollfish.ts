import type { Preset } from './preset.ts';
import { hmac, inParameter, sortedValues } from './signature-recipes.ts';

/**
 * Surveys, amounts in US cents. Reconciliations come to an address of their own, which we give the event `reconciliation`:
 * same `tx_id`, a positive amount that is taken back. The signature covers every parameter of the address but `debug`,
 * and `key`, which at the older address (contract 1.9) is what chose the partner and its secret.
 */
export const pollfish: Preset = {
  name: 'pollfish',
  parameters: { click_id: ['request_uuid'], transaction_id: ['tx_id'], payout: ['cpa'], status: ['status'], reason: ['term_reason'] },
  payoutUnit: '0.01',
  statusWords: { eligible: 'approved', noteligible: 'rejected' },
  reversal: { event: 'reconciliation' },
  test: { parameter: 'debug', values: ['true', '1'] },
  signature: {
    carrier: inParameter('signature'),
    covers: 'query',
    compose: sortedValues(':', ['signature', 'debug', 'key'], ['request_uuid']),
    seal: hmac('sha1', 'base64'),
  },
};
