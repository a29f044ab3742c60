import { saysNothing } from './body-parameters.ts';
import type { InboundRequest } from './postback.ts';

/** Whether a request has a valid key and nothing else: a dashboard checks whether the URL answers (contract section 1). */
export function isPing({ rawQuery, body, eventSegment }: InboundRequest, olderAddress: boolean): boolean {
  const query = olderAddress ? rawQuery.replace(/(?:^|&)key=[^&]*/g, '') : rawQuery;
  return query.replaceAll('&', '') === '' && eventSegment === undefined && saysNothing(new TextDecoder().decode(body));
}
