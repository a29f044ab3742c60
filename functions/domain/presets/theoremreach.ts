import type { Preset } from './preset.ts';
import { addressBefore, hmac, inParameter } from './signature-recipes.ts';

/** Surveys. `currency` is the amount, in US dollars; `screenout` and `profiler` tell what was paid for and stay custom data. */
export const theoremreach: Preset = {
  name: 'theoremreach',
  parameters: { click_id: ['user_id'], transaction_id: ['tx_id'], payout: ['currency'] },
  reversal: { flag: { parameter: 'reversal', values: ['true', '1'] }, negativePayout: true },
  test: { parameter: 'debug', values: ['true', '1'] },
  signature: { carrier: inParameter('hash'), covers: 'query', compose: addressBefore('hash'), seal: hmac('sha1', 'base64url') },
};
