import type { Preset } from './preset.ts';
import { hmac, inHeader, sortedForm } from './signature-recipes.ts';

/** Offerwall. A chargeback's transaction id is `r-` and the original's; its amount is negative. */
export const ayet: Preset = {
  name: 'ayet',
  parameters: {
    click_id: ['external_identifier'],
    transaction_id: ['transaction_id'],
    payout: ['payout_usd'],
    reason: ['chargeback_reason'],
  },
  reversal: { flag: { parameter: 'is_chargeback', values: ['1', 'true'] }, negativePayout: true },
  signature: {
    carrier: inHeader('x-ayetstudios-security-hash'),
    covers: 'query',
    compose: sortedForm(),
    seal: hmac('sha256', 'hex'),
  },
  addresses: ['51.79.101.241', '158.69.185.134', '158.69.185.154', '35.165.166.40', '35.166.159.131', '52.40.3.140'],
};
