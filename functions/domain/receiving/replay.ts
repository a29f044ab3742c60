import { isPostbackId } from '../conversion-id.ts';
import type { LogEntry } from '../log-entry.ts';
import { coverageOf } from '../networks/coverage.ts';
import type { Network } from '../networks/network.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import { importKeyId, partnerOfImport } from './imported.ts';
import { inboundRequest } from './raw-request.ts';

/** What a stored request is processed from for a second time. */
export interface Replay {
  /** With the parts of its settings that hold for this request. */
  readonly partner: Partner;
  readonly request: InboundRequest;
  readonly olderAddress: boolean;
  readonly blank: LogEntry;
  /** Epoch milliseconds of receipt, so that the time of a signature holds. */
  readonly now: number;
}

/** These came before the signature was checked; every other outcome came after it. */
const beforeSignature: ReadonlySet<string> = new Set(['partner_inactive', 'ip_not_allowed', 'signature_missing', 'signature_invalid']);

/** Whether the signature of the request had been found good, or there was none to check. */
function wasBelieved({ code }: LogEntry): boolean {
  return code === undefined || !beforeSignature.has(code);
}

/**
 * Brings a request back from the log (contract 1.7). A signature that had been found good is not checked again: the key,
 * which some signatures cover, is not kept.
 *
 * @param at ISO 8601: when, @param by and by whom its outcome so far is replaced.
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
      // Until it is settled it is known as the postback that is held.
      conversion_id: previous.conversion_id !== undefined && isPostbackId(previous.conversion_id) ? previous.conversion_id : undefined,
      earlier: [...(previous.earlier ?? []), { result, code, message, at, by }],
    },
    now: Date.parse(previous.received_at),
  };
}

/** Whether the signature would have to be checked and covers the address with its key, or is a secret: neither is kept. */
export function needsKey(previous: LogEntry, { partner, request }: Replay, network: Network | undefined): boolean {
  if (partner.signing_secrets.length === 0 || wasBelieved(previous)) return false;
  if (network?.signing !== undefined) return coverageOf(network.signing, request.method).path;
  return network?.shared_secret !== undefined;
}
