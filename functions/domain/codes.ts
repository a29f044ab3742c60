/**
 * The one registry of codes: answers, the log, metrics, OpenAPI and the documents all come from here (contract 1.5-1.7).
 */
interface ErrorCode {
  /** HTTP status of the answer. */
  readonly http: 400 | 403 | 404 | 405 | 413 | 415 | 429 | 503;
  /** The message where the contract fixes it; a more exact one may replace the others. */
  readonly message: string;
}

/** Codes of answers that are errors. */
export const errorCodes = {
  missing_click_id: { http: 400, message: 'click_id required' },
  unreplaced_macro: { http: 400, message: 'click_id required' },
  ambiguous_parameter: { http: 400, message: 'A parameter was sent twice with different values' },
  invalid_payout: { http: 400, message: 'payout must be a plain decimal such as 5.00' },
  invalid_currency: { http: 400, message: 'currency must be an ISO 4217 code such as USD' },
  invalid_body: { http: 400, message: 'The body could not be read' },
  invalid_encoding: { http: 400, message: 'A percent-encoding or UTF-8 sequence is broken' },
  parameter_too_long: { http: 400, message: 'A parameter is too long' },
  invalid_key: { http: 404, message: 'Invalid postback key' },
  click_not_found: { http: 404, message: 'Click not found' },
  signature_missing: { http: 403, message: 'The request is not signed' },
  signature_invalid: { http: 403, message: 'The signature does not match' },
  ip_not_allowed: { http: 403, message: 'This address may not send postbacks' },
  partner_inactive: { http: 403, message: 'This partner is inactive' },
  method_not_allowed: { http: 405, message: 'Use GET or POST' },
  payload_too_large: { http: 413, message: 'The body is larger than 64 KB' },
  unsupported_media_type: { http: 415, message: 'Send JSON, a form or multipart form data' },
  rate_limited: { http: 429, message: 'Too many requests' },
  unavailable: { http: 503, message: 'Not recorded: please send the postback again' },
} as const satisfies Readonly<Record<string, ErrorCode>>;
export type PostbackErrorCode = keyof typeof errorCodes;

/** Codes that come with a success: why a postback is held, or what is odd about it. */
export const heldCodes = {
  unknown_status: 'The status word is not one that this partner is known to use',
  unknown_event: 'The offer declares no such event',
  outside_window: 'The click is older than the conversion window of its offer',
  several_candidates: 'No click id, and more than one recent click of this offer could be meant',
  conflict: 'It conflicts with an earlier postback for this conversion',
  missing_payout: 'The offer pays a percentage and no payout was sent',
  several_conversions: 'It takes something back and does not say from which of the conversions of this click',
  unreplaced_macro: 'The status or the event still holds its macro',
  reapproval: 'It approves again what was taken back, with another amount or reason',
  unknown_transaction: 'It names no click, and no conversion of this partner is known for its transaction',
  unsigned_value: 'It depends on a value that the signature does not cover',
  too_many_changes: 'So much has been said of this conversion that a person has to look at it',
} as const satisfies Readonly<Record<string, string>>;
export type HeldCode = keyof typeof heldCodes;

/** Warnings that are kept in the log and never shown to the caller. */
export const logFlags = {
  offer_mismatch: 'The offer or survey id sent is not the offer of the click; the click decided',
  click_of_other_partner: 'The click exists, but its offer belongs to another partner',
  recent_offer: 'Matched without a click id, by the only recent click of the offer',
  latest_click: 'Matched without a click id, by the newest click of the offer',
  address_not_listed: 'Sent from an address that this network does not list',
  invalid_encoding: 'A parameter held a broken percent-encoding; it was kept as received',
  near_miss_name: 'A parameter was known although its name was not quite right, such as Status or amp;status',
  body_ignored: 'The body could not be read; what the query says counted',
} as const satisfies Readonly<Record<string, string>>;
export type LogFlag = keyof typeof logFlags;
