import * as z from 'zod';
import { cureOf } from '../../domain/cures.ts';
import { isLive } from '../../domain/keys.ts';
import type { Json } from '../../domain/postback/postback.ts';
import type { Partner } from '../../domain/settings.ts';
import { AdminError, isForeign, type Route, route } from '../route.ts';
import { termsView } from './conversion-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, idText, textOrNull } from './fields.ts';
import { partnerNotFound } from './partner-not-found.ts';
import { tryPostback } from './try-postback.ts';

const json: z.ZodType<Json> = z.json();

const body = z
  .strictObject({
    unique_key: z.string().max(200).optional(),
    partner_id: idText.optional(),
    params: z.record(z.string(), json).meta({ example: { click_id: 'CLK-…', status: 'approved', payout: '5.00' } }),
    event: idText.optional().meta({ description: 'The event segment of the address' }),
  })
  .refine(({ unique_key, partner_id }) => unique_key !== undefined || partner_id !== undefined, {
    path: ['partner_id'],
    message: 'is required, or unique_key',
  });

const answer = z.object({
  success: z.boolean().meta({ description: 'The partner would get a 200' }),
  test_url: z.string().meta({ description: 'What was tried, with `{key}` in place of the key' }),
  http_status: z.int(),
  result: z.string(),
  code: textOrNull,
  message: textOrNull,
  cure: textOrNull.meta({ description: 'What to do about the code' }),
  conversion: z
    .object({
      conversion_id: z.string(),
      status: z.string(),
      event: z.string(),
      click_id: z.string(),
      offer_id: z.string(),
      publisher_id: z.string(),
      placement_id: textOrNull,
      user_id: z.string(),
      payout: amountText.nullable(),
      currency: z.string(),
      downward_payout: amountText,
      downward_currency: z.string(),
      points: amountText,
      terms: termsView,
    })
    .nullable()
    .meta({ description: 'What it would come to; null when nothing would be converted' }),
  forward_url: textOrNull.meta({ description: 'What the publisher would be sent; null when nothing would be' }),
  forward_urls: z.array(z.string()).meta({ description: 'The same for every postback that would be told' }),
  forwards: z.array(z.object({ method: z.enum(['GET', 'POST']), url: z.string(), body: textOrNull })),
  not_checked: z.array(z.string()).meta({ description: 'Only the partner can sign, and it calls from its own address' }),
});

/** What a partner sees of it: neither what its publishers get nor who and where they are. */
const ownAnswer = answer.omit({ forward_url: true, forward_urls: true, forwards: true }).extend({
  conversion: z
    .object({
      conversion_id: z.string(),
      status: z.string(),
      event: z.string(),
      click_id: z.string(),
      payout: amountText.nullable(),
      currency: z.string(),
    })
    .nullable(),
});

/** The tester: what a postback would do (contract section 4). */
export function testRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/postback-receiver/test',
      role: 'viewer',
      bound: { partner: { own: 'handler', answers: { 200: ownAnswer } } },
      summary: 'Tries a postback in the real pipeline, without storing anything',
      body,
      answers: { 200: answer },
      refusals: { 404: 'There is no such key or partner' },
      async handle({ body: { unique_key, partner_id, params, event }, origin, caller }) {
        const { partner, staging } = await sender(records, unique_key, partner_id);
        if (isForeign(caller, 'partner', partner.partner_id)) throw partnerNotFound();
        const { taken, testUrl, httpStatus, conversion, requests } = await tryPostback(records, {
          partner,
          staging,
          params,
          event,
          origin,
        });
        return {
          status: 200,
          body: {
            success: httpStatus === 200,
            test_url: testUrl,
            http_status: httpStatus,
            result: taken.result,
            code: taken.code ?? null,
            message: taken.message ?? null,
            cure: cureOf(taken.code),
            conversion: conversion ?? null,
            forward_url: requests[0]?.url ?? null,
            forward_urls: requests.map(({ url }) => url),
            forwards: requests.map(({ method, url, body: sent }) => ({ method, url, body: sent ?? null })),
            not_checked: ['signature', 'address'],
          },
        };
      },
    }),
  ];
}

async function sender(
  records: RecordDependencies,
  uniqueKey: string | undefined,
  partnerId: string | undefined,
): Promise<{ partner: Partner; staging: boolean }> {
  const key = uniqueKey === undefined ? undefined : await records.findKey(uniqueKey);
  if (uniqueKey !== undefined && (key === undefined || !isLive(key, records.now().getTime())))
    throw new AdminError(404, 'key_not_found', 'unique_key: there is no such key, or it is revoked or expired');
  if (key !== undefined && partnerId !== undefined && key.partner_id !== partnerId)
    throw new AdminError(400, 'invalid_body', 'partner_id: the key is of another partner');
  const partner = await records.findPartner(key?.partner_id ?? partnerId ?? '');
  if (partner === undefined) throw partnerNotFound();
  return { partner, staging: key?.label === 'staging' };
}
