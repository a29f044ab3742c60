import * as z from 'zod';
import { cureOf } from '../../domain/code-cures.ts';
import { type LogFlag, logFlags } from '../../domain/codes.ts';
import { isLive } from '../../domain/keys.ts';
import type { Json } from '../../domain/postback/postback.ts';
import type { Taken } from '../../domain/receiving/take-postback.ts';
import type { Partner, Rule } from '../../domain/settings.ts';
import { AdminError, isForeign, type Route, route } from '../route.ts';
import { decidingRule } from '../schemas/rule.ts';
import { termsView } from './conversion-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, idText, textOrNull } from './fields.ts';
import { partnerNotFound } from './partner-not-found.ts';
import { tryPostback } from './try-postback.ts';

/**
 * A value of a body that was already read as JSON. The schema describes it as any value, because code generators fail on recursive types.
 */
const json = z.unknown().meta({ id: 'JsonValue', description: 'Any JSON value' }).pipe(z.custom<Json>());

const body = z
  .strictObject({
    unique_key: z.string().max(200).optional(),
    partner_id: idText.optional(),
    params: z.record(z.string(), json).meta({ example: { click_id: 'CLK-…', status: 'approved', payout: '5.00' } }),
    event: idText.optional().meta({ description: 'The event in the path of the URL' }),
  })
  .refine(({ unique_key, partner_id }) => unique_key !== undefined || partner_id !== undefined, {
    path: ['partner_id'],
    message: 'is required unless unique_key is given',
  });

/** The conversion that a postback would lead to. */
const converted = z.object({
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
});

const answer = z.object({
  success: z.boolean().meta({ description: 'Whether the partner would get a 200' }),
  test_url: z.string().meta({ description: 'The URL that was tried, with `{key}` in place of the key' }),
  http_status: z.int(),
  result: z.string(),
  code: textOrNull,
  message: textOrNull,
  cure: textOrNull.meta({ description: 'What to do about the code' }),
  rule: decidingRule.nullable(),
  conversion: converted.nullable().meta({ description: 'The resulting conversion; null if nothing would be converted' }),
  forward_url: textOrNull.meta({ description: 'The first URL that we would call; null if none' }),
  forwards: z.array(z.object({ method: z.enum(['GET', 'POST']), url: z.string(), body: textOrNull })),
  forward_urls: z.array(z.string()).meta({ description: 'The same for every postback that would be called' }),
  flags: z.array(z.string()).meta({ description: 'Flags that the log entry would have, such as `near_miss_name`' }),
  warnings: z.array(z.string()).meta({ description: 'What is unusual about it, and what a real postback must also carry' }),
  not_checked: z.array(z.string()).meta({ description: 'What a dry run cannot check: signature and IP address' }),
});

/** The part of the answer that a partner sees: it shows neither what its publishers get nor who and where they are. */
const ownAnswer = answer.omit({ forward_url: true, forward_urls: true, forwards: true, rule: true, flags: true }).extend({
  conversion: converted.pick({ conversion_id: true, status: true, event: true, click_id: true, payout: true, currency: true }).nullable(),
});

/** The tester, which shows what a postback would do (contract section 4). */
export function testRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/postback-receiver/test',
      role: 'viewer',
      bound: { partner: { own: 'handler', answers: { 200: ownAnswer } } },
      summary: 'Try a postback',
      description: 'Runs the postback through the real pipeline and stores nothing.',
      body,
      hidesKeys: true,
      answers: { 200: answer },
      refusals: { 404: 'The key or the partner does not exist' },
      async handle({ body: { unique_key, partner_id, params, event }, origin, caller }) {
        const { partner, staging } = await sender(records, unique_key, partner_id);
        if (isForeign(caller, 'partner', partner.partner_id)) throw partnerNotFound();
        const { taken, testUrl, httpStatus, conversion, requests, signed, missing } = await tryPostback(records, {
          partner,
          staging,
          key: unique_key,
          params,
          event,
          origin,
        });
        // Our notes may mention other partners.
        const flags = caller.role === 'partner' ? [] : (taken.understanding?.flags ?? []);
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
            rule: taken.rule === undefined ? null : shownRule(taken.rule),
            conversion: conversion ?? null,
            forward_url: requests[0]?.url ?? null,
            forward_urls: requests.map(({ url }) => url),
            forwards: requests.map(({ method, url, body: sent }) => ({ method, url, body: sent ?? null })),
            flags,
            warnings: warningsOf(taken, missing, flags),
            not_checked: [...(signed ? [] : ['signature']), 'address'],
          },
        };
      },
    }),
  ];
}

function shownRule({ rule_id, name, action }: Rule): z.output<typeof decidingRule> {
  // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
  return { rule_id, name, then: action };
}

function warningsOf({ understanding }: Taken, missing: readonly string[], flags: readonly LogFlag[]): string[] {
  const unsigned = understanding?.understood === true ? understanding.unsigned : [];
  return [
    ...flags.map((flag) => logFlags[flag]),
    ...(missing.length > 0 ? [`A real postback must also carry ${missing.join(', ')}: the partner signs`] : []),
    ...(unsigned.length > 0 ? [`The signature does not cover ${unsigned.join(', ')}`] : []),
  ];
}

async function sender(
  records: RecordDependencies,
  uniqueKey: string | undefined,
  partnerId: string | undefined,
): Promise<{ partner: Partner; staging: boolean }> {
  const key = uniqueKey === undefined ? undefined : await records.findKey(uniqueKey);
  if (uniqueKey !== undefined && (key === undefined || !isLive(key, records.now().getTime())))
    throw new AdminError(404, 'key_not_found', 'unique_key: no such key, or it has been revoked or has expired');
  if (key !== undefined && partnerId !== undefined && key.partner_id !== partnerId)
    throw new AdminError(400, 'invalid_body', 'partner_id: the key belongs to another partner');
  const partner = await records.findPartner(key?.partner_id ?? partnerId ?? '');
  if (partner === undefined) throw partnerNotFound();
  return { partner, staging: key?.label === 'staging' };
}
