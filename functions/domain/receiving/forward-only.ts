import { deliveryFieldNames } from '../delivery/fields.ts';
import type { Forwarded, Parameter as Outbound } from '../delivery/payload.ts';
import type { Network } from '../networks/network.ts';
import { assignParameters } from '../postback/assigned-parameters.ts';
import { dialectOf } from '../postback/dialect.ts';
import { eventOfPath } from '../postback/event-names.ts';
import { effective, type Parameter } from '../postback/parameter.ts';
import type { InboundRequest } from '../postback/postback.ts';

import type { Partner } from '../settings.ts';

/**
 * Whether the request is a delivery of this system: one whose publisher is a partner of ours. Passing it on once more would never end
 * (contract 1.10).
 */
export function isOwnDelivery({ headers }: Pick<InboundRequest, 'headers'>): boolean {
  return headers['webhook-id'] !== undefined && /^postback-system\//.test(headers['user-agent'] ?? '');
}

/**
 * What a forward-only partner's postback passes on (contract 1.10): the parameters as they came and in their order, the path's event
 * among them, and for macros also what came under a name of the partner's own.
 *
 * @param eventSegment the path's event as sent.
 */
export function forwardedOf(
  parameters: readonly Parameter[],
  partner: Partner,
  network: Network | undefined,
  eventSegment: string | undefined,
): Forwarded {
  const dialect = dialectOf(partner, network);
  const { event } = eventOfPath(eventSegment, dialect.macros);
  const sent = parameters.filter(({ name }) => event === undefined || name !== 'event');
  const { standard } = assignParameters(sent, dialect.names);
  const names = new Set(sent.map(({ name }) => name));
  const said = deliveryFieldNames.flatMap((field): [string, string][] => {
    const text = effective(([...standard].find(([name]) => name === field)?.[1] ?? []).map(({ parameter }) => parameter))[0]?.text;
    return names.has(field) || text === undefined ? [] : [[field, text]];
  });
  const path: Outbound[] = event === undefined ? [] : [['event', event]];
  return { parameters: [...sent.map(outbound), ...path], said: Object.fromEntries(said) };
}

function outbound({ name, text, value }: Parameter): Outbound {
  return text === undefined ? [name, JSON.stringify(value), true] : [name, text];
}
