import type { LogFlag } from '../codes.ts';
import { dataOf } from '../postback/assigned-parameters.ts';
import { gatherParameters } from '../postback/gather-parameters.ts';
import { interpret } from '../postback/interpret.ts';
import type { Parameter } from '../postback/parameter.ts';
import { mostParameters } from '../postback/parameter-limits.ts';
import type { InboundRequest, Json, Postback, Refusal } from '../postback/postback.ts';
import type { Crypto } from '../presets/crypto.ts';
import { presetOf, signatureRecipeOf } from '../presets/presets.ts';
import { verifySignature } from '../presets/signature.ts';
import type { Partner } from '../settings.ts';
import { hiddenOf, hideIn, hideInParameters } from './hide-key.ts';

export interface UnderstandingPorts {
  readonly crypto: Crypto;
  /** Opens a sealed signing secret of the partner. */
  openSecret(sealed: string, partner: Partner): Promise<string>;
  /** Whether the address is in one of the addresses or ranges. */
  isListed(address: string, ranges: readonly string[]): boolean;
}

export type Understanding =
  | {
      readonly understood: true;
      readonly postback: Postback;
      readonly parameters: readonly Parameter[];
      readonly flags: readonly LogFlag[];
    }
  | {
      readonly understood: false;
      readonly refusal: Refusal;
      readonly parameters: Readonly<Record<string, Json>>;
      /** The click it speaks of, if that could be read. */
      readonly clickId?: string | undefined;
      /** What was sent, where the request is to be believed and only what it says is wrong. */
      readonly sent?: readonly Parameter[] | undefined;
      readonly flags: readonly LogFlag[];
    };

/** Parameters that carry the key at the older address and say nothing about the conversion (contract 1.9). */
const keyNames: readonly string[] = ['key'];

/**
 * Reads a request of a known partner: first whether it may be believed, only then what it says (contract 1.1, 1.8).
 *
 * @param now epoch milliseconds of receipt, against which the time of a signature is held.
 */
export async function understand(
  ports: UnderstandingPorts,
  partner: Partner,
  request: InboundRequest,
  olderAddress: boolean,
  now: number,
): Promise<Understanding> {
  const refuse = (refusal: Refusal, parameters: readonly Parameter[], flags: readonly LogFlag[] = []): Understanding => ({
    understood: false,
    refusal,
    parameters: dataOf(parameters.slice(0, mostParameters)),
    flags,
  });
  if (partner.status === 'inactive') return refuse({ code: 'partner_inactive', message: 'This partner is inactive' }, []);
  const preset = presetOf(partner);
  const ranges = partner.allowed_ips ?? preset?.addresses;
  const listed = partner.ip_policy === 'off' || ranges === undefined || ports.isListed(request.sourceAddress, ranges);
  if (!listed && partner.ip_policy === 'enforce')
    return refuse({ code: 'ip_not_allowed', message: 'This address may not send postbacks' }, []);
  const flags: readonly LogFlag[] = listed ? [] : ['address_not_listed'];

  const gathering = gatherParameters(request, olderAddress ? keyNames : []);
  const secrets = await Promise.all(partner.signing_secrets.map((sealed) => ports.openSecret(sealed, partner)));
  const verification = verifySignature(
    { recipe: signatureRecipeOf(partner), request, parameters: gathering.parameters, secrets, publicBaseUrl: partner.public_base_url },
    ports.crypto,
    now,
  );
  // Signatures may cover the key; what is read from here on is kept and forwarded.
  const hidden = hiddenOf(request);
  const parameters = hideInParameters(gathering.parameters, hidden);
  if (verification.outcome === 'refused') return refuse(verification.refusal, parameters, flags);
  if (!gathering.gathered) return refuse(gathering.refusal, parameters, flags);

  const { eventSegment } = request;
  const reading = interpret(parameters, partner, preset, eventSegment === undefined ? undefined : hideIn(eventSegment, hidden));
  if (!reading.read) {
    const { refusal, parameters: sent, clickId } = reading;
    return { understood: false, refusal, parameters: sent, clickId, sent: isTooMuch(refusal) ? undefined : parameters, flags };
  }
  return { understood: true, postback: reading.postback, parameters, flags: [...flags, ...reading.postback.flags] };
}

function isTooMuch({ code }: Refusal): boolean {
  return code === 'parameter_too_long';
}
