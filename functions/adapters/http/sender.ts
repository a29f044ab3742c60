import type { AttemptResult } from '../../domain/delivery/outcome.ts';
import type { OutboundRequest } from '../../domain/delivery/request.ts';
import type { Publisher } from '../../domain/settings.ts';
import type { Vault } from '../vault.ts';
import { requestTarget } from './destination.ts';
import type { PublisherClient } from './publisher-client.ts';
import { signDelivery } from './signing.ts';

/** Signs a request with the publisher's secrets and makes the attempt. */
export function createSender(client: PublisherClient, vault: Vault, now: () => number) {
  return async (publisher: Publisher, deliveryId: string, request: OutboundRequest, onSlow?: () => void): Promise<AttemptResult> => {
    const { url, method, body } = request;
    const secrets = await Promise.all(publisher.secrets.map((sealed) => vault.open(sealed, publisher.publisher_id)));
    const signature = signDelivery(deliveryId, Math.floor(now() / 1_000), body ?? requestTarget(url), secrets);
    const headers = { ...signature, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    return client.send({ url, method, headers, body, onSlow });
  };
}
