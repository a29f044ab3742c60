import type { Call } from '../../functions/receiver/receive-postback.ts';

/** A partner's postback by GET, in the form that the receiver accepts. */
export function partnerCall(key: string, rawQuery: string): Call {
  return {
    key,
    method: 'GET',
    olderAddress: false,
    request: {
      method: 'GET',
      origin: 'https://postbacks.example',
      path: `/postback/${key}`,
      rawQuery,
      headers: {},
      body: new Uint8Array(),
      sourceAddress: '203.0.113.9',
    },
  };
}
