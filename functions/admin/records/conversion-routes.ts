import * as z from 'zod';
import { createDryJournal } from '../../domain/receiving/dry-journal.ts';
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
import { idText, reasonText, textOrNull } from './fields.ts';
import { inBulk, mostInBulk } from './in-bulk.ts';
import { quotedFilter, quotedOf } from './quoted.ts';
import { readConversion } from './read-conversion.ts';
import { findDecided, settleByHand } from './settle-by-hand.ts';

/** Conversions and held postbacks (contract section 4). */
export function conversionRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/conversions',
      role: 'viewer',
      summary: 'List conversions and held postbacks',
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        ...conversionFilter,
      }),
      answers: { 200: listOf('conversions', conversionSummary) },
      list: 'conversions',
      async handle({ query: { limit, cursor, ...filter } }) {
        const page = await records.conversions.list(await filterOf(records, filter), limit, cursor);
        return listAnswer('conversions', page.listed.map(conversionSummaryOf), page.next);
      },
    }),
    route({
      method: 'GET',
      // The `+` is there because an event, and so the id, may contain a slash.
      path: '/conversions/{conversion_id+}',
      role: 'viewer',
      summary: 'Get a conversion',
      description: 'Includes its postbacks, terms, ledger entries and deliveries.',
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
      summary: 'Change the status of a conversion',
      description: 'Settles a held or pending conversion, or reverses an approved one. The reason is kept in the audit log.',
      body: z.strictObject({
        status: z.enum(forwardedStatuses),
        reason: reasonText,
        payout: amount
          .optional()
          .meta({ description: 'Upward payout; absent: the one that was sent. For a reversal: the part to take back' }),
        click_id: idText.optional().meta({ description: 'The click, for a held postback that does not name one' }),
      }),
      answers: { 200: z.object({ conversion: conversionDetail }) },
      refusals: { 409: listedCodes(handRefusals) },
      async handle({ params, body: { status, reason, payout, click_id: clickId }, caller }) {
        const id = params['conversion_id'] ?? '';
        const decided = await findDecided(records, id);
        if (decided === undefined) throw conversionNotFound();
        if (clickId !== undefined && decided.kind === 'conversion')
          throw new AdminError(400, 'invalid_body', 'click_id: only for held postbacks; this conversion already has a click');
        const handled = await settleByHand(records, decided, { status, reason, by: whoOf(caller), payout, clickId });
        if (!handled.done) throw new AdminError(409, handled.refusal, handled.message ?? handRefusals[handled.refusal]);
        await announceTaken(records, handled.recorded);
        const changed = await records.conversions.find(handled.recorded.settle?.conversionId ?? id);
        if (changed === undefined) throw conversionNotFound();
        return { status: 200, body: { conversion: await readConversion(records, changed) } };
      },
    }),
    route({
      method: 'POST',
      path: '/conversions/status',
      role: 'admin',
      summary: 'Change the status of many conversions',
      body: z
        .strictObject({
          ids: z
            .array(idText)
            .min(1)
            .max(mostInBulk)
            .optional()
            .meta({ description: 'Ids of conversions, held postbacks or refused log entries' }),
          filter: z.strictObject({ ...timeQuery, ...conversionFilter }).optional(),
          status: z.enum(forwardedStatuses),
          reason: reasonText,
          payout: amount.optional().meta({ description: 'Upward payout of each conversion; absent: the one that was sent' }),
          dry_run: z.boolean().default(false),
        })
        .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), 'ids or filter: give one of them'),
      answers: { 200: bulkAnswer },
      async handle({ body: { ids, filter, status, reason, payout, dry_run }, caller }) {
        const wanted = new Set(ids ?? (await idsOf(records, filter ?? {})));
        // One journal for all of them, so that each sees what the ones before it would change.
        const dryJournal = createDryJournal(records.taking.journal);
        const deciding = dry_run ? { ...records, journalFor: () => dryJournal } : records;
        const results = await inBulk(wanted, async (id) => {
          const decided = await findDecided(records, id);
          if (decided === undefined) return { done: false, code: 'conversion_not_found' };
          const handled = await settleByHand(deciding, decided, { status, reason, by: whoOf(caller), payout });
          if (!handled.done) return { done: false, code: handled.refusal };
          if (dry_run) return { done: false, code: handled.recorded.code ?? null };
          await announceTaken(records, handled.recorded);
          return { done: true, code: handled.recorded.code ?? null };
        });
        return {
          status: 200,
          body: { matched: wanted.size, results: results.map(({ id, ...result }) => ({ conversion_id: id, ...result })) },
        };
      },
    }),
  ];
}

const conversionFilter = {
  partner_id: idText.optional(),
  publisher_id: idText.optional(),
  offer_id: idText.optional(),
  status: z.enum(conversionStatuses).optional(),
  code: idText.optional().meta({ description: 'Why it is held' }),
  ...quotedFilter,
};

const bulkAnswer = z.object({
  matched: z.int().meta({ description: `At most ${mostInBulk} at a time: repeat the same request for the rest` }),
  results: z.array(
    z.object({
      conversion_id: z.string(),
      done: z.boolean().meta({ description: 'Always false in a dry run' }),
      code: textOrNull.meta({ description: 'Why it was refused, or would be in a dry run; or why it ended as held' }),
    }),
  ),
});

type Asked = { readonly [Name in keyof typeof conversionFilter]?: z.output<(typeof conversionFilter)[Name]> } & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

async function filterOf(records: RecordDependencies, asked: Asked) {
  const { partner_id: partner, publisher_id: publisher, offer_id: offer, transaction_id, user_id, status, code, from, to } = asked;
  const plain = { partner, publisher, offer, status, code, from, to };
  if (transaction_id !== undefined) return { ...plain, quoted: await quotedOf(records, asked) };
  if (user_id === undefined) return plain;
  return { ...plain, user: { id: user_id, publishers: publisher === undefined ? await records.publisherIds() : [publisher] } };
}

async function idsOf(records: RecordDependencies, filter: Asked): Promise<readonly string[]> {
  const { listed } = await records.conversions.list(await filterOf(records, filter), mostInBulk, undefined);
  return listed.map((one) => (one.kind === 'held' ? one.held.conversion_id : one.conversion.conversion_id));
}

function conversionNotFound(): AdminError {
  return new AdminError(404, 'conversion_not_found', 'No conversion has this conversion_id');
}
