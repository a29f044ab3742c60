import { cutText, type Sent } from '../../domain/delivery/delivery.ts';
import type { AttemptResult } from '../../domain/delivery/outcome.ts';
import { type OutboundRequest, saysSuccess } from '../../domain/delivery/request.ts';
import type { Vault } from '../vault.ts';
import { requestTarget } from './destination.ts';
import { type PublisherClient, userAgent } from './publisher-client.ts';
import { signDelivery } from './signing.ts';

/** The receiver of a delivery, whose secrets sign it. */
export interface Addressee {
  /** The owner for whom the secrets are sealed. */
  readonly id: string;
  /** Sealed `whsec_…` secrets, newest first. */
  readonly secrets: readonly string[];
}

/** The most bytes that are kept of the URL and of the body that were sent. */
const mostBytesShown = 2_048;
const hidden = '***';

/** Signs a request with the secrets of its receiver and makes the attempt. */
export function createSender(client: PublisherClient, vault: Vault, now: () => number) {
  return async (addressee: Addressee, deliveryId: string, request: OutboundRequest, onSlow?: () => void): Promise<AttemptResult> => {
    const { url, method, body, contentType, successWhen } = request;
    const secrets = await Promise.all(addressee.secrets.map((sealed) => vault.open(sealed, addressee.id)));
    const signature = signDelivery(deliveryId, Math.floor(now() / 1_000), body ?? requestTarget(url), secrets);
    // Our own headers come last, so that no header of a publisher can replace them.
    const headers = { ...request.headers, ...signature, ...(contentType === undefined ? {} : { 'content-type': contentType }) };
    const accepts = successWhen === undefined ? undefined : (answer: string) => saysSuccess(successWhen, answer);
    const result = await client.send({ url, method, headers, body, onSlow, accepts });
    return { ...result, sent: sentOf(request, headers) };
  };
}

function sentOf({ url, method, body, secretHeaders }: OutboundRequest, headers: Readonly<Record<string, string>>): Sent {
  const secret = new Set(secretHeaders.map((name) => name.toLowerCase()));
  const shown = Object.entries({ ...headers, 'user-agent': userAgent }).map(([name, value]) => [
    name.toLowerCase(),
    secret.has(name.toLowerCase()) ? hidden : value,
  ]);
  return {
    method,
    url: cutText(url, mostBytesShown),
    headers: Object.fromEntries(shown),
    ...(body === undefined ? {} : { body: cutText(body, mostBytesShown) }),
  };
}
