/** The only registry of codes: answers, the log, metrics, OpenAPI and the documents all use it (contract 1.5-1.7). */
interface ErrorCode {
  /** HTTP status of the answer. */
  readonly http: 400 | 403 | 404 | 405 | 413 | 415 | 429 | 503;
  /** The message. The contract fixes some of them; the others may be replaced by a more exact one. */
  readonly message: string;
}

/** Codes of error answers. */
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
  ip_not_allowed: { http: 403, message: 'This IP address may not send postbacks' },
  partner_inactive: { http: 403, message: 'This partner is inactive' },
  method_not_allowed: { http: 405, message: 'Use GET or POST' },
  payload_too_large: { http: 413, message: 'The body is larger than 64 KB' },
  unsupported_media_type: { http: 415, message: 'Send JSON, a form or multipart form data' },
  rate_limited: { http: 429, message: 'Too many requests' },
  unavailable: { http: 503, message: 'The postback was not recorded. Please send it again' },
} as const satisfies Readonly<Record<string, ErrorCode>>;
export type PostbackErrorCode = keyof typeof errorCodes;

/** Codes of successful answers: why a postback is held, or what is unusual about it. */
export const heldCodes = {
  unknown_status: 'Unknown status word for this partner',
  unknown_event: 'This event is not a goal of the offer',
  outside_window: 'The click is older than the conversion window of its offer',
  several_candidates: 'No click id was sent, and several recent clicks of this offer match',
  conflict: 'Conflicts with an earlier postback for this conversion (other amount or transaction)',
  missing_payout: 'The offer pays a percentage, but no payout was sent',
  several_conversions: 'Reversal without a transaction id: this click has several conversions',
  unreplaced_macro: 'The status or the event still contains its macro',
  reapproval: 'Approves a reversed conversion again, with another amount or reason',
  unknown_transaction: 'No click id was sent, and this partner has no conversion with this transaction id',
  unsigned_value: 'The signature does not cover a value that decides the payment',
  too_many_changes: 'This conversion has changed too often and needs a manual review',
  rule: 'This postback matches one of our rules',
  over_cap: 'The offer has reached its cap of conversions or payout',
} as const satisfies Readonly<Record<string, string>>;
export type HeldCode = keyof typeof heldCodes;

/** Warnings that the log keeps and that callers never see. */
export const logFlags = {
  offer_mismatch: 'The offer or survey id that was sent is not the offer of the click; the click decided',
  click_of_other_partner: 'The click exists, but its offer belongs to another partner',
  recent_offer: 'Matched without a click id: it is the only recent click of the offer',
  latest_click: 'Matched without a click id: it is the newest click of the offer',
  address_not_listed: 'Sent from an IP address that is not on the list',
  invalid_encoding: 'A parameter has a broken percent-encoding; it was kept as received',
  near_miss_name: 'A parameter was recognised although its name was not exact, such as Status or amp;status',
  body_ignored: 'The body could not be read; the query was used',
} as const satisfies Readonly<Record<string, string>>;
export type LogFlag = keyof typeof logFlags;
