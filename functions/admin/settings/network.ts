import type * as z from 'zod';
import type { NetworkRow } from '../../adapters/dynamo/setting-rows.ts';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import { builtInNetworks } from '../../domain/networks/built-in.ts';
import type { Network } from '../../domain/networks/network.ts';
import { openValues } from '../../domain/networks/open-values.ts';
import { type NetworkChoice, type NetworkReader, networkOf } from '../../domain/networks/resolve.ts';
import type { Partner } from '../../domain/settings.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError } from '../route.ts';
import { networkBody, networkDefinition, type networkView } from '../schemas/network.ts';

type View = z.output<typeof networkView>;

/** What the API shows of a network that an admin has added. */
export function networkViewOf({ value, created_at, updated_at }: Setting<NetworkRow>): View {
  return {
    ...bodyOf(value.network),
    network_id: value.network_id,
    built_in: false,
    open: [...openValues(value.network)],
    created_at,
    updated_at,
  };
}

/** What the API shows of a network that ships with the product. */
export function builtInViewOf(network: Network): View {
  const { network_id } = network;
  return { ...bodyOf(network), network_id, built_in: true, open: [...openValues(network)], created_at: null, updated_at: null };
}

function bodyOf({ network_id: _id, ...body }: Network): z.output<typeof networkBody> {
  return networkBody.parse(body);
}

export function networkNotFound(): AdminError {
  return new AdminError(404, 'network_not_found', 'There is no network with this network_id');
}

/** Reads networks for the admin, never from memory. */
export function networkReader({ networks }: Pick<SettingsDependencies, 'networks'>): NetworkReader {
  return { network: async (id) => (await networks.get(id))?.value.network };
}

/** The network of a partner. @throws AdminError 400 when there is no such network, or when the partner's settings do not fit it. */
export async function checkedNetwork(dependencies: SettingsDependencies, choice: NetworkChoice): Promise<Network | undefined> {
  const { preset, network_settings } = choice;
  const reader = networkReader(dependencies);
  if (preset !== undefined && !builtInNetworks.has(preset) && (await reader.network(preset)) === undefined) {
    throw new AdminError(400, 'invalid_body', `preset: there is no network ${preset}`);
  }
  try {
    const network = await networkOf(reader, choice);
    if (network !== undefined && network_settings !== undefined) {
      const checked = networkDefinition.safeParse({ ...plain(network), network_id: preset ?? 'own', title: network.title || 'own' });
      const [issue] = checked.error?.issues ?? [];
      if (issue !== undefined) throw new AdminError(400, 'invalid_body', `network_settings.${issue.path.join('.')}: ${issue.message}`);
    }
    return network;
  } catch (error) {
    if (error instanceof AdminError || !(error instanceof Error)) throw error;
    throw new AdminError(400, 'invalid_body', `network_settings: ${error.message}`);
  }
}

/** A copy without members that are `undefined`, which JSON does not have. */
function plain(network: Network): object {
  const copy: unknown = JSON.parse(JSON.stringify(network));
  return typeof copy === 'object' && copy !== null ? copy : {};
}

/** Warnings about how the authenticity of a partner's postbacks is checked, for the answer that saves the partner (contract 1.8). */
export function partnerWarnings({ signing_secrets: secrets, ip_policy }: Partner, network: Network | undefined): string[] {
  const believes = network?.signing !== undefined || network?.shared_secret !== undefined;
  if (!believes) {
    return secrets.length === 0 ? [] : ['signing: this network does not sign, so the secret is not used'];
  }
  if (secrets.length === 0) {
    return ['signing: this network signs its postbacks; without its secret, anyone who knows the postback URL can send them'];
  }
  const open = network === undefined ? [] : openValues(network);
  if (open.length === 0 || ip_policy === 'enforce') return [];
  return [
    `signing: the signature does not cover ${open.join(', ')}, which anyone who has one signed URL could change; set ip_policy to enforce and list the network's IP addresses`,
  ];
}
