import { builtInNetworks } from '../../functions/domain/networks/built-in.ts';
import type { Network as NetworkDocument } from '../../functions/domain/networks/network.ts';
import { saidBy, signedBy } from '../support/network-side.ts';
import { type Network, networks } from '../support/networks.ts';

/** The side of a network that is only known by its document. */
function fromDocument(document: NetworkDocument): Network {
  const says = (means: 'approve' | 'reverse' | 'test') => {
    const can = saidBy(document, { clickId: 'C', transaction: 'T', means }) !== undefined;
    return can ? { [means]: (postback: Parameters<Network['approve']>[0]) => saidBy(document, { ...postback, means }) } : {};
  };
  const secret = document.signing === undefined && document.shared_secret === undefined ? undefined : `${document.network_id}-secret`;
  return {
    preset: document.network_id,
    secret,
    amount: document.amount?.unit === 'minor' ? '500' : '5.00',
    sign: (unsigned, sealedWith, url, now) => signedBy(document, unsigned, sealedWith, url, now),
    ...(says('approve') as Pick<Network, 'approve'>),
    ...says('reverse'),
    ...says('test'),
  };
}

const byHand = new Map(networks.map((network) => [network.preset, network]));

/** All built-in networks. Some are written by hand, and the others are made from their documents. */
export const everyNetwork: readonly Network[] = [...builtInNetworks.values()].map(
  (document) => byHand.get(document.network_id) ?? fromDocument(document),
);

/** Networks that send no amounts, so that their offers pay a fixed amount. */
export function sendsNoMoney(name: string): boolean {
  return builtInNetworks.get(name)?.names.payout?.length === 0 || name === 'hitpath';
}

/** Every name in a document: parameters, words, marks and events. */
export const documentWords: readonly string[] = [
  ...new Set(
    [...builtInNetworks.values()].flatMap(({ names, custom, statuses, reversal, test, events, signing, shared_secret }) => [
      ...Object.values(names).flat(),
      ...(custom ?? []),
      ...Object.keys(statuses?.words ?? {}),
      ...[reversal?.when, test].flatMap((marks) => Object.entries(marks ?? {}).flatMap(([name, values]) => [name, ...values])),
      ...(reversal?.events ?? []),
      ...[reversal?.original, reversal?.id_prefix].filter((one) => one !== undefined),
      ...Object.keys(events?.names ?? {}),
      ...[signing?.in, signing?.timestamp?.in, shared_secret?.in].flatMap((place) => place?.replace(/^\w+:/, '').split('|') ?? []),
    ]),
  ),
].sort();
