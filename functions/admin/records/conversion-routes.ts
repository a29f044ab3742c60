import * as z from 'zod';
import { handRefusals } from '../../domain/receiving/settle-held.ts';
import { conversionStatuses, forwardedStatuses } from '../../domain/status.ts';
import { whoOf } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery, timeQuery } from '../list-query.ts';
import { AdminError, type Route, route } from '../route.ts';
import { amount } from '../schemas/fields.ts';
import { listed as listedCodes } from '../schemas/inbound.ts';
import { announceTaken } from './announce-taken.ts';
import { conversionDetail, conversionSummary, conversionSummaryOf } from './conversion-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { idText, reasonText } from './fields.ts';
import { readConversion } from './read-conversion.ts';
import { settleByHand } from './settle-by-hand.ts';

/** Conversions and held postbacks (contract section 4). */
export function conversionRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/conversions',
      role: 'viewer',
      summary: 'Conversions and held postbacks, newest first',
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        partner_id: idText.optional(),
        publisher_id: idText.optional(),
        offer_id: idText.optional(),
        status: z.enum(conversionStatuses).optional(),
      }),
      answers: { 200: listOf('conversions', conversionSummary) },
      list: 'conversions',
      async handle({ query: { limit, cursor, partner_id: partner, publisher_id: publisher, offer_id: offer, status, from, to } }) {
        const page = await records.conversions.list({ partner, publisher, offer, status, from, to }, limit, cursor);
        return listAnswer('conversions', page.listed.map(conversionSummaryOf), page.next);
      },
    }),
    route({
      method: 'GET',
      // An event may hold a slash, and with it the id.
      path: '/conversions/{conversion_id+}',
      role: 'viewer',
      summary: 'One conversion with its postbacks, terms, ledger entries and deliveries',
      answers: { 200: z.object({ conversion: conversionDetail }) },
      async handle({ params }) {
        const listed = await records.conversions.find(params['conversion_id'] ?? '');
        if (listed === undefined) throw conversionNotFound();
        return { status: 200, body: { conversion: await readConversion(records, listed) } };
      },
    }),
    route({
      method: 'POST',
      path: '/conversions/{conversion_id+}/status',
      role: 'admin',
      summary: 'Settles a held conversion, or changes one, by hand',
      body: z.strictObject({
        status: z.enum(forwardedStatuses),
        reason: reasonText,
        payout: amount
          .optional()
          .meta({ description: 'Upward payout; absent: as it was sent. Of a reversal: the part that is taken back' }),
        click_id: idText.optional().meta({ description: 'The click that is meant, of a held postback that does not say' }),
      }),
      answers: { 200: z.object({ conversion: conversionDetail }) },
      refusals: { 409: listedCodes(handRefusals) },
      async handle({ params, body: { status, reason, payout, click_id: clickId }, caller }) {
        const id = params['conversion_id'] ?? '';
        const listed = await records.conversions.find(id);
        if (listed === undefined) throw conversionNotFound();
        if (clickId !== undefined && listed.kind === 'conversion')
          throw new AdminError(400, 'invalid_body', 'click_id: is for held postbacks only; this conversion has its click');
        const handled = await settleByHand(records, listed, { status, reason, by: whoOf(caller), payout, clickId });
        if (!handled.done) throw new AdminError(409, handled.refusal, handled.message ?? handRefusals[handled.refusal]);
        await announceTaken(records, handled.recorded);
        const changed = (await records.conversions.find(id)) ?? listed;
        return { status: 200, body: { conversion: await readConversion(records, changed) } };
      },
    }),
  ];
}

function conversionNotFound(): AdminError {
  return new AdminError(404, 'conversion_not_found', 'There is no conversion with this conversion_id');
}
