import type { LogFlag } from '../codes.ts';
import type { Crypto } from '../networks/crypto.ts';
import type { Network } from '../networks/network.ts';
import { type NetworkReader, networkOf } from '../networks/resolve.ts';
import { verifySignature } from '../networks/verify.ts';
import { assignParameters, dataOf } from '../postback/assigned-parameters.ts';
import type { Inflate } from '../postback/body-parameters.ts';
import { dialectOf } from '../postback/dialect.ts';
import { type Gathering, gatherParameters } from '../postback/gather-parameters.ts';
import { interpret } from '../postback/interpret.ts';
import type { Parameter } from '../postback/parameter.ts';
import { mostParameters } from '../postback/parameter-limits.ts';
import type { InboundRequest, Json, NamedThings, Postback, Refusal } from '../postback/postback.ts';
import { type NameReader, trimmed } from '../postback/standard-names.ts';
import type { Partner } from '../settings.ts';
import { hiddenOf, hideIn, hideInParameters } from './hide-key.ts';

export interface UnderstandingPorts {
  readonly crypto: Crypto;
  /** The networks that admins have added. */
  readonly networks: NetworkReader;
  readonly inflate: Inflate;
  /** Decrypts a sealed signing secret of the partner. */
  openSecret(sealed: string, partner: Partner): Promise<string>;
  /** Whether the IP address is one of these or in one of these ranges. */
  isListed(address: string, ranges: readonly string[]): boolean;
}

interface Common {
  /** The partner's network, with the partner's own settings applied. */
  readonly network: Network | undefined;
  readonly flags: readonly LogFlag[];
}

export interface Understood extends Common {
  readonly understood: true;
  readonly postback: Postback;
  readonly parameters: readonly Parameter[];
  /** Values that decide something although the signature does not cover them. */
  readonly unsigned: readonly string[];
}

interface NotUnderstood extends Common, NamedThings {
  readonly understood: false;
  readonly refusal: Refusal;
  readonly parameters: Readonly<Record<string, Json>>;
  /** The parameters, if the request is believed and only its content is wrong. */
  readonly sent?: readonly Parameter[] | undefined;
}

export type Understanding = Understood | NotUnderstood;

/** Parameters that carry the key at the older URL and say nothing about the conversion (contract 1.9). */
const keyNames: readonly string[] = ['key'];

/**
 * Reads a request of a known partner: first whether it may be believed, and only then what it says (contract 1.1, 1.8).
 *
 * @param now epoch milliseconds of receipt, with which the time of a signature is compared.
 * @throws when the partner's network cannot be read.
 */
export async function understand(
  ports: UnderstandingPorts,
  partner: Partner,
  request: InboundRequest,
  olderAddress: boolean,
  now: number,
): Promise<Understanding> {
  const network = await networkOf(ports.networks, partner);
  const refuse = (refusal: Refusal, parameters: readonly Parameter[], flags: readonly LogFlag[] = []): Understanding => ({
    understood: false,
    network,
    refusal,
    parameters: dataOf(parameters.slice(0, mostParameters)),
    flags,
  });
  if (partner.status === 'inactive') return refuse({ code: 'partner_inactive', message: 'This partner is inactive' }, []);
  const ranges = partner.allowed_ips ?? network?.addresses;
  const listed = partner.ip_policy === 'off' || ranges === undefined || ports.isListed(request.sourceAddress, ranges);
  if (!listed && partner.ip_policy === 'enforce')
    return refuse({ code: 'ip_not_allowed', message: 'This IP address may not send postbacks' }, []);

  const dialect = dialectOf(partner, network);
  const gathered = gatherParameters(request, ports.inflate, olderAddress ? keyNames : []);
  const { gathering, ignored } = besideQuery(gathered, dialect.names);
  const flags: readonly LogFlag[] = [...(listed ? [] : (['address_not_listed'] as const)), ...(ignored ? (['body_ignored'] as const) : [])];
  const secrets = await Promise.all(partner.signing_secrets.map((sealed) => ports.openSecret(sealed, partner)));
  const verification = verifySignature(
    { network, request, parameters: gathering.parameters, secrets, publicBaseUrl: partner.public_base_url },
    ports.crypto,
    now,
  );
  // Signatures may cover the key, so it is hidden only now; everything from here on is kept and forwarded.
  const hidden = hiddenOf(request);
  const parameters = hideInParameters(gathering.parameters, hidden);
  if (verification.outcome === 'refused') return refuse(verification.refusal, parameters, flags);
  if (!gathering.gathered) return refuse(gathering.refusal, parameters, flags);

  const { eventSegment } = request;
  const { coverage, signedText } = verification.outcome === 'valid' ? verification : {};
  const reading = interpret(parameters, dialect, eventSegment === undefined ? undefined : hideIn(eventSegment, hidden), coverage);
  if (!reading.read) {
    const { read: _read, ...said } = reading;
    return { ...said, understood: false, network, sent: isTooMuch(said.refusal) ? undefined : parameters, flags };
  }
  const { postback, unsigned } = reading;
  return { understood: true, network, postback: { ...postback, signedText }, parameters, unsigned, flags: [...flags, ...postback.flags] };
}

/** A body that cannot be read is ignored if the query names a click; the log keeps it as received (contract 1.1). */
function besideQuery(gathering: Gathering, names: NameReader): { readonly gathering: Gathering; readonly ignored: boolean } {
  if (gathering.gathered || !unreadable.has(gathering.refusal.code)) return { gathering, ignored: false };
  const clicks = assignParameters(gathering.parameters, names).standard.get('click_id') ?? [];
  const named = clicks.some(({ parameter }) => trimmed(parameter.text ?? '') !== '');
  return named ? { gathering: { gathered: true, parameters: gathering.parameters }, ignored: true } : { gathering, ignored: false };
}

const unreadable: ReadonlySet<string> = new Set(['invalid_body', 'unsupported_media_type']);

function isTooMuch({ code }: Refusal): boolean {
  return code === 'parameter_too_long';
}
