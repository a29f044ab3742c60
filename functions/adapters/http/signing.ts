import { Webhook } from 'standardwebhooks';

/** The headers with which a publisher can check who sent a delivery, and drop repetitions (contract section 3). */
export interface SignatureHeaders {
  /** The delivery's id, which is the same for every attempt and for a resend. */
  readonly 'webhook-id': string;
  /** Unix seconds of this attempt. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>`, one for each valid secret, separated by spaces. */
  readonly 'webhook-signature': string;
}

/**
 * Signs a delivery as Standard Webhooks specifies: HMAC-SHA256 over `id.timestamp.payload`.
 *
 * @param timestampSeconds Unix seconds of this attempt.
 * @param payload the body for POST; for GET the request target, see {@link requestTarget}.
 * @param secrets `whsec_…`, newest first; two during a rotation.
 * @throws Error when there is no secret, or when one is not `whsec_` and base64.
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

/** Bytes of a secret; Standard Webhooks requires 24 to 64. */
const secretBytes = 32;

/** A new signing secret, `whsec_…`. It is shown once and stored encrypted. */
export function newWebhookSecret(randomBytes: (size: number) => Uint8Array): string {
  return `whsec_${Buffer.from(randomBytes(secretBytes)).toString('base64')}`;
}
