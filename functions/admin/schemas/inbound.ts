import * as z from 'zod';
import { errorCodes, heldCodes } from '../../domain/codes.ts';
import { standardParameters } from '../../domain/postback/postback.ts';
import { postbackResults } from '../../domain/status.ts';

/**
 * Schemas of what partners, users and monitors send (contract section 1). The receiver reads requests by itself; these schemas only
 * describe them.
 */

const descriptions: Readonly<Record<(typeof standardParameters)[number], string>> = {
  click_id: 'The id that we generated when the user clicked. Also clickid, aff_click_id, aff_sub, subid, s1',
  status: 'approved, pending, rejected, reversed or test, or another word for one of them; absent: approved. Also conversion_status',
  payout: 'What the partner pays us, decimal text; absent: 0. Also amount, revenue',
  currency: "ISO 4217; absent: the partner's, else USD",
  offer_id: "The partner's own id for the offer. Also oid, campaign_id",
  survey_id: 'Same as offer_id',
  transaction_id: "The partner's id for this payment. Also txn_id, trans_id, tx_id, trans",
  original_transaction_id: 'The earlier transaction that a reversal is about, if the reversal has an id of its own',
  conversion_id: "The partner's id for the conversion; kept",
  event: 'Absent: complete. Also event_type, goal, action, conversion_type, or the last segment of the path',
  user_id: 'Kept',
  affiliate_id: 'Kept. Also aff_id',
  sub_id: 'Kept. Also sub',
  sub_id1: 'Kept. Also sub1',
  sub_id2: 'Kept. Also sub2',
  sub_id3: 'Kept. Also sub3',
  sub_id4: 'Kept. Also sub4',
  sub_id5: 'Kept. Also sub5',
  country: 'Kept. Also country_code',
  device_id: 'Kept',
  ip: "The user's IP address; kept",
  user_agent: "The user's browser; kept",
  reason: 'Why it was rejected or reversed. Also chargeback_reason, term_reason, reversal_reason',
};

/** The schema does not make click_id required: fallback matching works without it, and partners may use another name for it. */
export const postbackParameters = z.object(
  Object.fromEntries(standardParameters.map((name) => [name, z.string().optional().meta({ description: descriptions[name] })])),
);

export const postbackBody = postbackParameters
  .catchall(z.unknown())
  .meta({ id: 'PostbackParameters', description: 'The standard parameters; all others are kept as custom data' });

const successResults = postbackResults.filter((result) => result !== 'error');

export const postbackSuccess = z
  .object({
    status: z.literal('success'),
    message: z.literal('Postback received and distributed'),
    log_id: z.string(),
    result: z.enum(successResults),
    code: z
      .enum(Object.keys(heldCodes))
      .nullable()
      .meta({ description: `Why it is held. ${listed(heldCodes)}` }),
  })
  .meta({ id: 'PostbackSuccess' });

export const postbackError = z
  .object({
    status: z.literal('error'),
    code: z.enum(Object.keys(errorCodes)),
    message: z.string().meta({ example: 'click_id required' }),
    log_id: z.string().meta({ description: 'Give it to us when you ask about this request' }),
  })
  .meta({ id: 'PostbackError' });

/** Codes and messages by their HTTP status. */
export function codesByStatus(): ReadonlyMap<number, string> {
  const byStatus = Map.groupBy(Object.entries(errorCodes), ([, { http }]) => http);
  return new Map(
    [...byStatus].map(([status, codes]) => [status, codes.map(([code, { message }]) => `\`${code}\`: ${message}`).join('; ')]),
  );
}

/** Codes with their meaning, as text for a description. */
export function listed(codes: Readonly<Record<string, string>>): string {
  return Object.entries(codes)
    .map(([code, meaning]) => `\`${code}\`: ${meaning}`)
    .join('; ');
}

export const statusAnswer = z.object({
  status: z.literal('online'),
  endpoint: z.literal('/api/analytics/postback'),
  methods: z.array(z.string()),
  required_params: z.array(z.string()),
  optional_params: z.array(z.string()),
});

const value = z.string().max(256);
const sub = z.string().optional().meta({ description: 'Kept with the click, shortened to 256 characters' });
export const trackingQuery = z.object({
  placement_id: z.string().optional().meta({ description: 'Implies the publisher' }),
  publisher_id: z.string().optional().meta({ description: 'Required without a placement' }),
  user_id: value.min(1),
  username: value.optional(),
  country: value.optional(),
  device_id: value.optional(),
  sub1: sub,
  sub2: sub,
  sub3: sub,
  sub4: sub,
  sub5: sub,
});
