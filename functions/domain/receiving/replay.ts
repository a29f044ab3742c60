import { isPostbackId } from '../conversion-id.ts';
import type { LogEntry } from '../log-entry.ts';
import { coverageOf } from '../networks/coverage.ts';
import type { Network } from '../networks/network.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import { importKeyId, partnerOfImport } from './imported.ts';
import { inboundRequest } from './raw-request.ts';

/** What is needed to process a stored request a second time. */
export interface Replay {
  /** The partner, with its settings as they apply to this request. */
  readonly partner: Partner;
  readonly request: InboundRequest;
  readonly olderAddress: boolean;
  readonly blank: LogEntry;
  /** Epoch milliseconds of receipt, so that the time of a signature is still valid. */
  readonly now: number;
}

/** These results came before the signature was checked; all others came after it. */
const beforeSignature: ReadonlySet<string> = new Set(['partner_inactive', 'ip_not_allowed', 'signature_missing', 'signature_invalid']);

/** Whether the signature of the request was found valid, or there was none to check. */
function wasBelieved({ code }: LogEntry): boolean {
  return code === undefined || !beforeSignature.has(code);
}

/**
 * Restores a request from the log (contract 1.7). A signature that was found valid is not checked again, because the key, which some
 * signatures cover, is not kept.
 *
 * @param at ISO 8601: when the present result is replaced.
 * @param by who replaces it.
 */
export function replayOf(previous: LogEntry, partner: Partner, decodeBody: (text: string) => Uint8Array, at: string, by: string): Replay {
  const { result, code, message, raw } = previous;
  const own = previous.key_id === importKeyId ? partnerOfImport(partner) : partner;
  return {
    partner: own,
    request: { ...inboundRequest(raw, decodeBody), believed: wasBelieved(previous) },
    olderAddress: raw.path === '/api/analytics/postback',
    blank: {
      log_id: previous.log_id,
      partner_id: previous.partner_id,
      key_id: previous.key_id,
      received_at: previous.received_at,
      result: 'error',
      flags: [],
      custom_data: {},
      raw,
      staging: previous.staging,
      // Until it is settled, it is known by the id of the held postback.
      conversion_id: previous.conversion_id !== undefined && isPostbackId(previous.conversion_id) ? previous.conversion_id : undefined,
      earlier: [...(previous.earlier ?? []), { result, code, message, at, by }],
    },
    now: Date.parse(previous.received_at),
  };
}

/** Whether the signature would have to be checked and covers the URL with its key, or is a secret: neither of these is kept. */
export function needsKey(previous: LogEntry, { partner, request }: Replay, network: Network | undefined): boolean {
  if (partner.signing_secrets.length === 0 || wasBelieved(previous)) return false;
  if (network?.signing !== undefined) return coverageOf(network.signing, request.method).path;
  return network?.shared_secret !== undefined;
}
