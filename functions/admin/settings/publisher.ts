import type * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { EndpointHealth } from '../../domain/delivery/circuit.ts';
import { admit } from '../../domain/delivery/circuit.ts';
import type { Publisher } from '../../domain/settings.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { chosen } from '../schemas/fields.ts';
import type { PublisherChange, publisherView } from '../schemas/publisher.ts';
import { checkAddress } from './address.ts';

type View = z.output<typeof publisherView>;

/**
 * The publisher with what was sent; what was not sent stays, null clears.
 *
 * @throws AdminError 400 when its address cannot be used.
 */
export function changedPublisher(current: Publisher, sent: PublisherChange, allowHttp: boolean): Publisher {
  checkAddress('postback_url', sent.postback_url, allowHttp);
  return {
    ...current,
    name: sent.name ?? current.name,
    postback_url: chosen(sent.postback_url, current.postback_url, undefined),
    postback_method: chosen(sent.postback_method, current.postback_method, 'GET'),
    forward_statuses: chosen(sent.forward_statuses, current.forward_statuses, forwardedStatuses),
    payout_overrides: chosen(sent.payout_overrides, current.payout_overrides, {}),
  };
}

/** What the audit keeps of a publisher: its settings without the health of its endpoint. */
export function publisherSettingsOf({ value, created_at, updated_at }: Setting<Publisher>): Omit<View, 'endpoint'> {
  const overrides = Object.entries(value.payout_overrides).map(([offer, { percent, fixed, hold_hours }]) => [
    offer,
    {
      ...(percent === undefined ? {} : { percent: percent.toFixed() }),
      ...(fixed === undefined ? {} : { fixed: fixed.toFixed() }),
      ...(hold_hours === undefined ? {} : { hold_hours: hold_hours.toFixed() }),
    },
  ]);
  return {
    publisher_id: value.publisher_id,
    name: value.name,
    postback_url: value.postback_url ?? null,
    postback_method: value.postback_method,
    forward_statuses: [...value.forward_statuses],
    payout_overrides: Object.fromEntries(overrides),
    signing: { secrets: value.secrets.length },
    created_at,
    updated_at,
  };
}

/** @param now epoch milliseconds. */
export function publisherViewOf(setting: Setting<Publisher>, health: EndpointHealth, now: number): View {
  return { ...publisherSettingsOf(setting), endpoint: endpointOf(health, now) };
}

function endpointOf(health: EndpointHealth, now: number): View['endpoint'] {
  const { consecutive_failures, failing_since, paused } = health;
  if (paused !== undefined) return { state: 'paused', reason: paused.reason, since: timeOf(paused.at), consecutive_failures };
  if (admit(health, now).kind !== 'send') return { state: 'open', reason: 'failing', since: timeOf(failing_since), consecutive_failures };
  return { state: 'active', reason: null, since: null, consecutive_failures };
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
