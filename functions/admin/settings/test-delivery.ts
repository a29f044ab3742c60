import type * as z from 'zod';
import type { DeliveryFields } from '../../domain/delivery/fields.ts';
import { classify } from '../../domain/delivery/outcome.ts';
import { openPostback, postbackOf } from '../../domain/delivery/postbacks.ts';
import { buildRequest } from '../../domain/delivery/request.ts';
import type { Placement, Publisher } from '../../domain/settings.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError } from '../route.ts';
import type { attemptView } from '../schemas/publisher-postback.ts';

/**
 * Sends one signed request with sample values to a publisher's URL, as a delivery would, and returns the result. Nothing is stored, nobody
 * gets points, and the endpoint's health does not change.
 *
 * @throws AdminError 400 when there is no URL to send to.
 */
export async function testDelivery(
  { send, vault, crypto, newId, now }: SettingsDependencies,
  publisher: Publisher,
  placement: Placement | undefined,
  postbackId: string | undefined,
): Promise<z.output<typeof attemptView>> {
  const deliveryId = `TEST-${newId()}`;
  const postback = postbackOf(publisher, placement, postbackId);
  if (postback === undefined && postbackId !== undefined) throw postbackNotFound();
  if (postback === undefined) throw new AdminError(400, 'no_url', 'postback_url: there is no URL to send to');
  const opened = await openPostback(postback, publisher.publisher_id, vault.open);
  const request = buildRequest(opened, { fields: sampleFields(publisher, placement, deliveryId, now()) }, crypto);
  if (request === 'invalid_request')
    throw new AdminError(400, request, 'url: filled with sample values, it would lead to another host or path');
  const addressee = { id: publisher.publisher_id, secrets: publisher.secrets };
  const { code, http_status, duration_ms, answer, sent } = await send(addressee, deliveryId, request);
  return {
    delivered: classify({ code }).kind === 'delivered',
    delivery_id: deliveryId,
    postback_id: postbackId ?? null,
    url: request.url,
    method: request.method,
    headers: { ...sent?.headers },
    body: sent?.body ?? null,
    code,
    http_status: http_status ?? null,
    duration_ms,
    answer,
  };
}

/** Sample values that nobody mistakes for real ones: `TEST-` ids never convert (contract 1.5). */
function sampleFields(publisher: Publisher, placement: Placement | undefined, deliveryId: string, now: Date): DeliveryFields {
  return {
    click_id: 'TEST-CLICK',
    conversion_id: 'TEST-CONVERSION',
    transaction_id: 'TEST-TRANSACTION',
    status: 'approved',
    event: 'complete',
    payout: '1.00',
    points: '1.00',
    currency: 'USD',
    offer_id: 'TEST-OFFER',
    offer_name: 'Test offer',
    campaign_id: 'TEST-CAMPAIGN',
    user_id: 'TEST-USER',
    publisher_id: publisher.publisher_id,
    placement_id: placement?.placement_id,
    ip: '203.0.113.1',
    country: 'US',
    timestamp: String(Math.floor(now.getTime() / 1_000)),
    delivery_id: deliveryId,
    sequence: '1',
  };
}

export function postbackNotFound(): AdminError {
  return new AdminError(404, 'postback_not_found', 'This publisher has no active postback with this postback_id');
}
