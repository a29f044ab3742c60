import type { LogEntry } from '../log-entry.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import { rawRequest } from './raw-request.ts';

/** Stands for the key in the log of what came by file. */
export const importKeyId = 'import';

/**
 * How a partner's file is read: the columns have our names, and a person has vouched for the file. Its words for statuses, its
 * currency and its defaults are the partner's.
 */
export function partnerOfImport(partner: Partner): Partner {
  return {
    ...partner,
    preset: undefined,
    network_settings: undefined,
    parameter_mapping: {},
    signing_secrets: [],
    ip_policy: 'off',
    mode: 'standard',
  };
}

/** A row of a file as a request, so that it goes the way of every postback. */
export function importRequest(row: Readonly<Record<string, string>>, origin: string): InboundRequest {
  return {
    method: 'POST',
    origin,
    path: '/api/admin/conversions/import',
    rawQuery: '',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(row)),
    sourceAddress: '',
  };
}

/** The log entry of a row before it is read. */
export function importBlank(
  facts: Pick<LogEntry, 'log_id' | 'partner_id' | 'received_at'>,
  request: InboundRequest,
  encodeBody: (body: Uint8Array) => string,
): LogEntry {
  return { ...facts, key_id: importKeyId, result: 'error', flags: [], custom_data: {}, raw: rawRequest(request, encodeBody) };
}
