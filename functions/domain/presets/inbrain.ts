import type { Preset } from './preset.ts';
import { digestWithSecret, inParameter, valuesOf } from './signature-recipes.ts';

/** Surveys, as a POST of JSON. */
export const inbrain: Preset = {
  name: 'inbrain',
  parameters: { click_id: ['PanelistId'], transaction_id: ['RewardId'], payout: ['RevenueAmount'] },
  test: { parameter: 'IsTest', values: ['true', '1'] },
  signature: {
    carrier: inParameter('Sig'),
    covers: 'values',
    compose: valuesOf(['PanelistId', 'RewardId']),
    seal: digestWithSecret('md5'),
  },
};
