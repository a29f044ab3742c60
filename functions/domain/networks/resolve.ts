import type { Partner } from '../settings.ts';
import { builtInNetwork } from './documents.ts';
import type { Network, NetworkSettings, Signing } from './network.ts';

/** The settings that determine a partner's network. */
export type NetworkChoice = Pick<Partner, 'preset' | 'network_settings'>;

/** Reads the networks that admins have added. */
export interface NetworkReader {
  network(id: string): Promise<Network | undefined>;
}

/**
 * The network of a partner: a built-in one or an admin's own, with this partner's differences.
 *
 * @returns `undefined` when the partner has none.
 * @throws when there is no such network, since nobody knows then how to read the partner's postbacks.
 */
export async function networkOf(reader: NetworkReader, choice: NetworkChoice): Promise<Network | undefined> {
  const { preset, network_settings: settings } = choice;
  if (preset === undefined && settings === undefined) return undefined;
  const base = preset === undefined ? noNetwork : ((await builtInNetwork(preset)) ?? (await reader.network(preset)));
  if (base === undefined) throw new Error(`there is no network ${preset}`);
  if (settings === undefined) return base;
  const kept = resolved.get(settings);
  if (kept !== undefined && kept.base === base) return kept.network;
  const network = withSettings(base, settings);
  resolved.set(settings, { base, network });
  return network;
}

/** The same settings object comes from the cache again and again, so its network is built only once. */
const resolved = new WeakMap<NetworkSettings, { readonly base: Network; readonly network: Network }>();

const noNetwork: Network = { network_id: '', title: '', names: {} };

/** A network with a partner's own settings applied. @throws when what remains of a signature is no complete recipe. */
function withSettings(base: Network, settings: NetworkSettings): Network {
  const { names, signing, amount, statuses, reversal, events, answer, ...others } = settings;
  return {
    ...base,
    ...Object.fromEntries(Object.entries(others).map(([part, value]) => [part, value ?? undefined])),
    names: names === null ? {} : definedOnly({ ...base.names, ...names }),
    signing: signing === null ? undefined : signing === undefined ? base.signing : wholeSigning({ ...base.signing, ...signing }),
    // A partner with a signing recipe of its own does not send its secret in clear.
    ...(signing && settings.shared_secret === undefined ? { shared_secret: undefined } : {}),
    amount: amount === null ? undefined : { ...base.amount, ...amount },
    statuses: statuses === null ? undefined : { ...base.statuses, ...statuses, words: { ...base.statuses?.words, ...statuses?.words } },
    reversal: reversal === null ? undefined : { ...base.reversal, ...reversal },
    events: events === null ? undefined : { ...base.events, ...events, names: { ...base.events?.names, ...events?.names } },
    answer: answer === null ? undefined : { ...base.answer, ...answer },
  };
}

function wholeSigning(signing: { readonly [M in keyof Signing]?: Signing[M] | undefined }): Signing {
  const { in: place, algorithm, message } = signing;
  if (place === undefined || algorithm === undefined || message === undefined) {
    throw new Error('signing needs in, algorithm and message');
  }
  return { ...signing, in: place, algorithm, message };
}

function definedOnly(names: NonNullable<NetworkSettings['names']>): Network['names'] {
  return Object.fromEntries(
    Object.entries(names).flatMap(([ours, theirs]) => (theirs === null || theirs === undefined ? [] : [[ours, theirs]])),
  );
}
