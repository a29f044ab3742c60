import type { Preset } from './preset.ts';
import { hmac, inHeader, timeAndContent } from './signature-recipes.ts';

const timeHeader = 'x-timestamp';

/** A partner that speaks our own words and signs; also how a partner without a preset signs. */
export const genericHmac: Preset = {
  name: 'generic_hmac',
  parameters: {},
  signature: {
    carrier: inHeader('x-signature'),
    covers: 'body_or_query',
    compose: timeAndContent(timeHeader),
    seal: hmac('sha256', 'hex'),
    freshness: { header: timeHeader, seconds: 300 },
  },
};
