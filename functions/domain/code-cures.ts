import type { HeldCode, PostbackErrorCode } from './codes.ts';

/** The usual cause of a code, and what the sender or we can do about it. Partners read these texts. */
interface Explanation {
  readonly cause: string;
  readonly cure: string;
}

/** Every code that exists must be explained here; explanations without a code are allowed. */
const explanations = {
  missing_click_id: {
    cause: 'No parameter holds our click id, or it arrived empty.',
    cure: 'Send `click_id` (or one of its aliases) with the id from our tracking link.',
  },
  unreplaced_macro: {
    cause: 'Your network did not replace a macro, such as `{click_id}`, because it spells the macro differently or has no value.',
    cure: "Compare the macro in your postback URL with your network's list of macros.",
  },
  ambiguous_parameter: {
    cause: 'The same parameter was sent twice, or under two of its names, with different values.',
    cure: 'Send it once.',
  },
  invalid_payout: {
    cause: 'The payout holds a currency sign, a thousands separator, a comma, an exponent or too many digits.',
    cure: 'Send a plain decimal such as `5.00`: up to 12 digits, a point, up to 6 decimals.',
  },
  invalid_currency: { cause: 'The currency is not a three-letter code.', cure: 'Send an ISO 4217 code such as `USD` or `EUR`.' },
  invalid_body: { cause: 'The body is neither JSON nor a form.', cure: 'Send valid JSON, a form, or no body.' },
  invalid_encoding: {
    cause: 'A percent sign is not followed by two hexadecimal digits, or the bytes are not UTF-8.',
    cure: 'Percent-encode the values of your URL; encode text as UTF-8.',
  },
  parameter_too_long: {
    cause: 'There are more than 100 parameters, or a name or value is too long.',
    cure: 'Stay below 100 characters for names, 2,048 for our parameters, and 8,192 for your own.',
  },
  invalid_key: {
    cause: 'The key was mistyped, cut off, revoked or rotated.',
    cure: 'Copy the whole postback URL again; ask us for a new key if it is lost.',
  },
  click_not_found: {
    cause: 'We never issued this click id, or it belongs to another partner. Often it was cut off or changed on the way.',
    cure: 'Send back the click id exactly as our tracking link handed it to you. If it is missing on our side, we reprocess the postback.',
  },
  signature_missing: {
    cause: 'A secret is set up, but the request has no signature.',
    cure: 'Turn signing on in your network, or send the signature under the name that the preset gives.',
  },
  signature_invalid: {
    cause: 'The secret differs, or something changed the request after it was signed, such as a proxy.',
    cure: 'Compare the secret on both sides, then sign the example of your preset and compare.',
  },
  ip_not_allowed: {
    cause: 'The request came from an IP address that is not on your list.',
    cure: 'Tell us the IP addresses that you send from.',
  },
  partner_inactive: { cause: 'Your account with us is inactive.', cure: 'Ask your account manager to activate it.' },
  method_not_allowed: { cause: 'The request used a method such as PUT or DELETE.', cure: 'Use GET or POST.' },
  payload_too_large: { cause: 'The body is larger than 64 KB.', cure: 'Leave out what we do not need.' },
  unsupported_media_type: {
    cause: 'The body has a content type that we do not read, such as XML.',
    cure: 'Send `application/json`, `application/x-www-form-urlencoded` or `multipart/form-data`.',
  },
  rate_limited: { cause: 'You sent more requests at once than agreed.', cure: 'Wait as long as `Retry-After` says, then send it again.' },
  unavailable: { cause: 'We could not store the postback.', cure: 'Send the same request again after the time in `Retry-After`.' },
  unknown_status: {
    cause: 'The status word is neither one of ours nor one that is mapped for you.',
    cure: 'Use a word of the status table, or tell us what yours means: we add it and reprocess the postback.',
  },
  unknown_event: {
    cause: 'The offer has no goal with this name.',
    cure: 'Check the spelling of the event, or ask us to add the goal: we then reprocess the postback.',
  },
  outside_window: {
    cause: 'The user clicked too long ago.',
    cure: 'Tell us if you agreed on a longer conversion window; a person decides.',
  },
  several_candidates: {
    cause: 'You sent an offer id without a click id, and more than one user was on the offer.',
    cure: 'Send the click id.',
  },
  conflict: {
    cause: 'You already reported this click and event with another amount or transaction.',
    cure: 'Tell us which one is right. To take a payment back, send `status=reversed`.',
  },
  missing_payout: {
    cause: 'The publisher earns a percentage, and the postback has no payout.',
    cure: 'Send `payout` with each approval.',
  },
  several_conversions: {
    cause: 'You sent a take-back without a transaction id, and the click has earned several times.',
    cure: 'Send the `transaction_id` that you take back.',
  },
  reapproval: {
    cause: 'A payment that was taken back is approved again, under the same transaction id.',
    cure: 'Send a new `transaction_id` if it is a new payment; otherwise a person decides.',
  },
  unknown_transaction: {
    cause: 'The postback has no click id, and we know no payment with its transaction id.',
    cure: 'Send the click id, or the transaction id of the original payment.',
  },
  unsigned_value: {
    cause: 'Your signature does not cover a value that decides the payment.',
    cure: 'Include it in what you sign, or tell us to ignore it.',
  },
  too_many_changes: { cause: 'The conversion has been changed too often to record more.', cure: 'Write to us; a person settles it.' },
  over_cap: {
    cause: 'The offer has reached a cap that you agreed with us.',
    cure: 'Ask us to raise the cap; we can then release what is held.',
  },
  rule: { cause: 'One of our rules requires a manual review.', cure: 'Write to us with the `log_id`.' },
} as const satisfies Readonly<Record<string, Explanation>>;

/** Cause and cure of every code that a partner can get. */
export const codeCures: Readonly<Record<PostbackErrorCode | HeldCode, Explanation>> = explanations;

const cures: ReadonlyMap<string, Explanation> = new Map(Object.entries(codeCures));

/** What somebody can do about a code, as plain text. @returns `null` without a code, and for a code that needs no cure. */
export function cureOf(code: string | undefined): string | null {
  const explanation = code === undefined ? undefined : cures.get(code);
  return explanation === undefined ? null : explanation.cure.replaceAll('`', '');
}
