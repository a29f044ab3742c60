import type { InboundRequest } from './postback.ts';

/** A valid key with nothing else: a dashboard that looks whether there is somebody (contract section 1). */
export function isPing({ rawQuery, body, eventSegment }: InboundRequest, olderAddress: boolean): boolean {
  const query = olderAddress ? rawQuery.replace(/(?:^|&)key=[^&]*/g, '') : rawQuery;
  return query.replaceAll('&', '') === '' && body.length === 0 && eventSegment === undefined;
}
