import type { Preset } from './preset.ts';
import { addressBefore, hmac, inParameter } from './signature-recipes.ts';

/** Surveys and offers, amounts in US dollars. A reconciliation has a `tx` of its own; `ref` names the original and stays custom data. */
export const bitlabs: Preset = {
  name: 'bitlabs',
  parameters: { click_id: ['uid'], transaction_id: ['tx'], payout: ['raw'], status: ['type'] },
  statusWords: { complete: 'approved', screenout: 'approved', start_bonus: 'approved', reconciliation: 'reversed' },
  reversal: { negativePayout: true },
  test: { parameter: 'debug', values: ['true', '1'] },
  signature: { carrier: inParameter('hash'), covers: 'query', compose: addressBefore('hash'), seal: hmac('sha1', 'hex') },
  addresses: ['20.76.54.40/29', '18.199.243.90', '18.157.62.114', '18.193.24.206'],
};
