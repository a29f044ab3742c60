/**
 * What somebody can do about a code (contract 1.5, 1.7, 2.1): shown beside it to whoever looks at a received postback. Each is a whole
 * sentence to the partner, who may see it.
 */
const cures: ReadonlyMap<string, string> = new Map(
  Object.entries({
    missing_click_id: 'Send the click id that our tracking link handed you, as click_id.',
    unreplaced_macro: 'Your system has not replaced a macro: write it as your own system names it, then send the postback again.',
    ambiguous_parameter: 'Send each parameter once.',
    invalid_payout: 'Send payout as a plain decimal such as 5.00: no currency sign, no thousands separator, no more than six decimals.',
    invalid_currency: 'Send currency as an ISO 4217 code such as USD, or leave it out.',
    invalid_body: 'Send the body as JSON, as a form or as multipart form data.',
    invalid_encoding: 'Percent-encode values as UTF-8.',
    parameter_too_long: 'Shorten the parameter that the message names.',
    invalid_key: 'Check the key in the URL: it may have been revoked or replaced.',
    click_not_found: 'Check that click_id is the one that our tracking link handed you, unchanged, and that the click was made through us.',
    signature_missing: 'Sign the request as agreed; the integration guide shows how for your network.',
    signature_invalid: 'Check the secret, and that what you sign is exactly what you send.',
    ip_not_allowed: 'Send from one of the IP addresses that were agreed, or ask us to add this one.',
    partner_inactive: 'Your account is inactive: ask us to activate it.',
    method_not_allowed: 'Use GET or POST.',
    payload_too_large: 'Send at most 64 KB.',
    unsupported_media_type: 'Send the body uncompressed, or with gzip, deflate or br, as JSON, a form or multipart form data.',
    rate_limited: 'Send more slowly, and send this one again after the time in Retry-After.',
    unavailable: 'Nothing was recorded: send the postback again.',
    unknown_status: 'Use a status word that we know for you, or ask us to add this one. A person decides about this postback.',
    unknown_event: 'Use an event that is a goal of the offer, or ask us to add it. A person decides about this postback.',
    outside_window: 'The click is too old for this offer. A person decides whether it counts.',
    several_candidates: 'Send the click id: without it, more than one click could be meant.',
    several_conversions: 'Name the transaction that is taken back: more than one could be meant.',
    conflict: 'An earlier postback for this click said something else. If both are right, use a transaction id for each payment.',
    reapproval: 'It was taken back before: to pay it again, send the approval with a new transaction id, or ask us.',
    missing_payout: 'Send payout: we share a percentage of it.',
    unknown_transaction: 'Send the transaction id of the payment that is meant, exactly as it was sent the first time.',
    unsigned_value: 'Sign everything that decides: status, payout, event, transaction and click.',
    too_many_changes: 'One conversion has had too many changes. Ask us to look at it.',
    rule: 'A rule of ours holds it. Ask us why.',
    over_cap: "The offer's cap is reached. A person decides whether it counts.",
  }),
);

/** @returns `null` for no code, and for one that needs no cure. */
export function cureOf(code: string | undefined): string | null {
  return code === undefined ? null : (cures.get(code) ?? null);
}
