import { queryParameters } from '../postback/form-parameters.ts';
import { namesIn } from './carrier.ts';
import { piecesOf } from './message.ts';
import type { Network } from './network.ts';

/** The names that a network's document mentions. */
interface NetworkNames {
  /** Every parameter that the network is known to send. */
  readonly all: ReadonlySet<string>;
  /** The values in its paste templates, which are mostly macros. */
  readonly pasted: readonly string[];
}

/** Collects the parameter names that a network's document mentions, and the values of its paste templates. */
export function namesOf(network: Network): NetworkNames {
  const { names, custom = [], signing, shared_secret, reversal, test, paste = [] } = network;
  const pasted = paste.flatMap(queryParameters).filter(({ text }) => text !== '');
  const signed = signing === undefined ? [] : (['GET', 'POST'] as const).flatMap((method) => piecesOf(signing, method));
  return {
    all: new Set([
      ...Object.values(names).flat(),
      ...custom,
      ...pasted.map(({ name }) => name),
      ...signed.flatMap((piece) => (piece.kind === 'value' ? [piece.name] : [])),
      ...[signing?.in, signing?.timestamp?.in, shared_secret?.in].flatMap((place) => (place === undefined ? [] : namesIn(place))),
      ...(signing?.exclude ?? []),
      ...(signing?.skip_empty ?? []),
      ...Object.keys(reversal?.when ?? {}),
      ...(reversal?.original === undefined ? [] : [reversal.original]),
      ...Object.keys(test ?? {}),
    ]),
    pasted: pasted.map(({ text }) => text ?? ''),
  };
}
