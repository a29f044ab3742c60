import { Webhook } from 'standardwebhooks';

/** The headers that let a publisher check who sent a delivery, and drop repeats (contract section 3). */
export interface SignatureHeaders {
  /** The delivery's id: the same for every attempt and for a resend. */
  readonly 'webhook-id': string;
  /** Unix seconds of this attempt. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>`, one for each valid secret, separated by spaces. */
  readonly 'webhook-signature': string;
}

/**
 * Signs a delivery as Standard Webhooks says: HMAC-SHA256 over `id.timestamp.payload`.
 *
 * @param timestampSeconds Unix seconds of this attempt.
 * @param payload the body for POST; for GET the request target, see {@link requestTarget}.
 * @param secrets `whsec_…`, newest first; two while one is being rotated.
 * @throws Error when there is no secret, or one is not `whsec_` and base64.
 */
export function signDelivery(id: string, timestampSeconds: number, payload: string, secrets: readonly string[]): SignatureHeaders {
  if (secrets.length === 0) throw new Error('a delivery cannot be signed without a secret');
  const at = new Date(timestampSeconds * 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, payload)).join(' '),
  };
}

/** Standard Webhooks asks for 24 to 64. */
const secretBytes = 32;

/** A new signing secret, `whsec_…`: shown once, stored encrypted. */
export function newWebhookSecret(randomBytes: (size: number) => Uint8Array): string {
  return `whsec_${Buffer.from(randomBytes(secretBytes)).toString('base64')}`;
}
