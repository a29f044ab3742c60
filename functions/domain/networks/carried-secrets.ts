import { gatherParameters } from '../postback/gather-parameters.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { UnderstandingPorts } from '../receiving/understand.ts';
import type { Partner } from '../settings.ts';
import { carriedIn } from './carrier.ts';
import { networkOf } from './resolve.ts';

/**
 * The secrets that a request contains in clear, when the partner's network sends its secret unhidden: what was sent, right or wrong, and
 * the partner's own secret wherever it is. Nothing that is kept may show them (contract 1.3).
 */
export async function carriedSecrets(
  { networks, inflate, openSecret }: UnderstandingPorts,
  partner: Partner,
  request: InboundRequest,
): Promise<readonly string[]> {
  const place = (await networkOf(networks, partner))?.shared_secret?.in;
  if (place === undefined) return [];
  const own = await Promise.all(partner.signing_secrets.map((sealed) => openSecret(sealed, partner)));
  return [...own, ...carriedIn(place, request, gatherParameters(request, inflate).parameters)];
}
