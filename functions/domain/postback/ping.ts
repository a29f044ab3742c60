import { saysNothing } from './body-parameters.ts';
import type { InboundRequest } from './postback.ts';

/** A valid key with nothing else: a dashboard that looks whether there is somebody (contract section 1). */
export function isPing({ rawQuery, body, eventSegment }: InboundRequest, olderAddress: boolean): boolean {
  const query = olderAddress ? rawQuery.replace(/(?:^|&)key=[^&]*/g, '') : rawQuery;
  return query.replaceAll('&', '') === '' && eventSegment === undefined && saysNothing(new TextDecoder().decode(body));
}
