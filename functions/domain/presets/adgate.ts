import type { Preset } from './preset.ts';

/** Offerwall, known by its address alone. `rejected` after `approved` is its chargeback; `event_id` is the goal. */
export const adgate: Preset = {
  name: 'adgate',
  parameters: { click_id: ['s2'], transaction_id: ['conversion_id'], payout: ['payout'], status: ['state'], event: ['event_id'] },
  noEvent: ['0'],
  addresses: ['52.42.57.125'],
};
