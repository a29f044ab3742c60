import type * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { EndpointHealth } from '../../domain/delivery/circuit.ts';
import { admit } from '../../domain/delivery/circuit.ts';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import type { Publisher } from '../../domain/settings.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { chosen } from '../schemas/fields.ts';
import type { PublisherChange, publisherView } from '../schemas/publisher.ts';
import { addressWarnings, checkAddress } from './address.ts';
import { changedPostbacks, type PostbackTools, postbackViewOf, postbackWarnings } from './publisher-postbacks.ts';

type View = z.output<typeof publisherView>;

/**
 * The publisher after a change: fields that were not sent keep their value, and null clears a field.
 *
 * @throws AdminError 400 when a URL or a postback cannot be used.
 */
export async function changedPublisher(current: Publisher, sent: PublisherChange, tools: PostbackTools): Promise<Publisher> {
  checkAddress('postback_url', sent.postback_url, tools.allowHttp);
  const { postbacks } = sent;
  return {
    ...current,
    name: sent.name ?? current.name,
    postback_url: chosen(sent.postback_url, current.postback_url, undefined),
    postback_method: chosen(sent.postback_method, current.postback_method, 'GET'),
    postbacks: postbacks === undefined ? current.postbacks : await changedPostbacks(current.postbacks, postbacks ?? [], tools),
    forward_statuses: chosen(sent.forward_statuses, current.forward_statuses, forwardedStatuses),
    payout_overrides: chosen(sent.payout_overrides, current.payout_overrides, {}),
  };
}

/** Warnings about a publisher's URLs, for the answer that saves it. */
export function publisherWarnings({ postback_url, postbacks }: Publisher): string[] {
  return [...addressWarnings('postback_url', postback_url), ...postbackWarnings(postbacks)];
}

type Settings = Omit<View, 'endpoint' | 'postbacks'> & { readonly postbacks: ReturnType<typeof postbackViewOf>[] };

/** What the audit log records about a publisher: its settings without the health of its endpoints. */
export function publisherSettingsOf({ value, created_at, updated_at }: Setting<Publisher>): Settings {
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
    postbacks: value.postbacks.map(postbackViewOf),
    forward_statuses: [...value.forward_statuses],
    payout_overrides: Object.fromEntries(overrides),
    signing: { secrets: value.secrets.length },
    created_at,
    updated_at,
  };
}

/**
 * @param healthOf returns the health of an endpoint, which has the name that `endpointOf` gives it.
 * @param now epoch milliseconds.
 */
export async function publisherViewOf(
  setting: Setting<Publisher>,
  healthOf: (endpoint: string) => Promise<EndpointHealth>,
  now: number,
): Promise<View> {
  const { publisher_id: id, postbacks } = setting.value;
  const shown = async (postbackId?: string): Promise<View['endpoint']> => endpointViewOf(await healthOf(endpointOf(id, postbackId)), now);
  return {
    ...publisherSettingsOf(setting),
    endpoint: await shown(),
    postbacks: await Promise.all(
      postbacks.map(async (postback) => ({ ...postbackViewOf(postback), endpoint: await shown(postback.postback_id) })),
    ),
  };
}

export function endpointViewOf(health: EndpointHealth, now: number): View['endpoint'] {
  const { consecutive_failures, failing_since, paused } = health;
  if (paused !== undefined) return { state: 'paused', reason: paused.reason, since: timeOf(paused.at), consecutive_failures };
  if (admit(health, now).kind !== 'send')
    return { state: 'backing_off', reason: 'failing', since: timeOf(failing_since), consecutive_failures };
  return { state: 'active', reason: null, since: null, consecutive_failures };
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
