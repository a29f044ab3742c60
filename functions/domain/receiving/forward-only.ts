import { type DeliveryFields, deliveryFieldNames } from '../delivery/fields.ts';
import type { Forwarded, Parameter as Outbound } from '../delivery/payload.ts';
import { postbacksFor } from '../delivery/postbacks.ts';
import { forwardedValues } from '../delivery/request.ts';
import type { Network } from '../networks/network.ts';
import { assignParameters } from '../postback/assigned-parameters.ts';
import { dialectOf } from '../postback/dialect.ts';
import { eventOfPath } from '../postback/event-names.ts';
import { effective, type Parameter } from '../postback/parameter.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import type { ForwardOnly, SettingsReader } from './ports.ts';
import type { Understood } from './understand.ts';

/**
 * Whether the request is a delivery of this system, whose publisher is a partner of ours. Passing it on again would never end (contract
 * 1.10).
 */
export function isOwnDelivery({ headers }: Pick<InboundRequest, 'headers'>): boolean {
  return headers['webhook-id'] !== undefined && /^postback-system\//.test(headers['user-agent'] ?? '');
}

/**
 * What a forward-only partner's postback passes on (contract 1.10): the parameters as they were received, in their order and with the
 * path's event among them, and for macros also what came under the partner's own names.
 *
 * @param eventSegment the event in the path, as sent.
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

/**
 * The deliveries of a forward-only partner's postback. Each of its publishers gets one for every postback whose conditions match, else one
 * for the plain postback, as for every notification (contract section 3). Conditions apply to the parameters as they were received, and to
 * the status and event that we read in them.
 *
 * @param postback the postback as it was understood; absent: it was not.
 */
export async function deliveriesOf(
  ports: { readonly settings: Pick<SettingsReader, 'publisher'>; readonly newId: () => string },
  { forward_to }: Partner,
  forwarded: Forwarded,
  postback: Understood['postback'] | undefined,
): Promise<ForwardOnly[]> {
  const deliveries = await Promise.all(
    forward_to.map(async (publisher_id) => {
      const publisher = await ports.settings.publisher(publisher_id);
      const lookUp = forwardedValues(forwarded, { publisher_id, ...(postback && { status: postback.status, event: postback.event }) });
      const facts: DeliveryFields = Object.fromEntries(deliveryFieldNames.map((name) => [name, lookUp(name)]));
      const told = publisher === undefined ? [] : postbacksFor(publisher, undefined, facts);
      // If the publisher has no URL, one delivery shows that: it ends as `no_url`.
      return (told.length > 0 ? told : [{ postback_id: undefined }]).map(
        ({ postback_id }): ForwardOnly => ({ delivery_id: ports.newId(), publisher_id, postback_id, ...forwarded }),
      );
    }),
  );
  return deliveries.flat();
}

function outbound({ name, text, value }: Parameter): Outbound {
  return text === undefined ? [name, JSON.stringify(value), true] : [name, text];
}
