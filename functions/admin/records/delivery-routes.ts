import * as z from 'zod';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { listAnswer, listOf, pageQuery, timeQuery } from '../list-query.ts';
import { AdminError, isForeign, type Route, route } from '../route.ts';
import { deliveryOf, deliveryView } from './delivery-view.ts';
import type { RecordDependencies } from './dependencies.ts';
import { idText, textOrNull } from './fields.ts';
import { resendMany, resendOne } from './resend.ts';

const deliveryFilter = {
  ...timeQuery,
  publisher_id: idText.optional(),
  status: z.enum(deliveryStatuses).optional(),
};

const bulkFilter = {
  ...deliveryFilter,
  status: deliveryFilter.status.meta({
    description: 'Absent: failing, held, dead and no_url, which is everything undelivered that is not already scheduled',
  }),
};

/** Deliveries to publishers. A delivery appears with its first attempt; until then its conversion shows it as scheduled. */
export function deliveryRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/forwarded-postbacks',
      role: 'viewer',
      bound: { publisher: { own: 'query' } },
      summary: 'List deliveries',
      description: 'A delivery is listed from its first attempt on.',
      query: z.strictObject({ ...pageQuery, ...deliveryFilter }),
      answers: { 200: listOf('logs', deliveryView) },
      list: 'logs',
      async handle({ query: { limit, cursor, from, to, publisher_id: publisher, status } }) {
        const statuses = status === undefined ? undefined : [status];
        const page = await records.deliveries.list({ publisher, statuses, from, to }, limit, cursor);
        return listAnswer('logs', await viewsOf(records, page.deliveries), page.next);
      },
    }),
    route({
      method: 'GET',
      path: '/forwarded-postbacks/{delivery_id}',
      role: 'viewer',
      bound: { publisher: { own: 'handler' } },
      summary: 'Get a delivery',
      description: 'Includes all its attempts.',
      answers: { 200: z.object({ delivery: deliveryView }) },
      async handle({ params, caller }) {
        const delivery = await records.deliveries.find(params['delivery_id'] ?? '');
        if (delivery === undefined || isForeign(caller, 'publisher', delivery.publisher_id)) throw deliveryNotFound();
        const [view] = await viewsOf(records, [delivery]);
        return { status: 200, body: { delivery: view } };
      },
    }),
    route({
      method: 'POST',
      path: '/forwarded-postbacks/{delivery_id}/resend',
      role: 'admin',
      bound: { publisher: { own: 'handler' } },
      summary: 'Resend a delivery',
      description: 'The delivery keeps its id, so that the publisher can recognize a repeat.',
      answers: { 200: z.object({ delivery: deliveryView }) },
      refusals: { 409: 'The delivery is already scheduled, or has just been attempted' },
      async handle({ params, caller }) {
        const id = params['delivery_id'] ?? '';
        const delivery = await records.deliveries.find(id);
        if (delivery === undefined || isForeign(caller, 'publisher', delivery.publisher_id)) throw deliveryNotFound();
        const resent = await resendOne(records, delivery, caller);
        if (resent === 'already_scheduled') throw new AdminError(409, resent, 'The delivery is already scheduled');
        if (resent === 'too_many_attempts')
          throw new AdminError(409, resent, 'The delivery has been attempted 100 times, which is the most');
        if (resent === 'changed') throw new AdminError(409, 'delivery_changed', 'The delivery has just been attempted. Reload it first');
        return { status: 200, body: { delivery: (await viewsOf(records, [(await records.deliveries.find(id)) ?? delivery]))[0] } };
      },
    }),
    route({
      method: 'POST',
      path: '/forwarded-postbacks/resend',
      role: 'admin',
      bound: { publisher: { own: 'query' } },
      summary: 'Resend many deliveries',
      description: 'Works through one page of deliveries per call. Start with `dry_run` to see what would be sent.',
      // The filters are those of the list, and may be in the query as they are there.
      query: z.strictObject({ ...bulkFilter, dry_run: z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] }).optional() }),
      body: z
        .strictObject({
          ...bulkFilter,
          dry_run: z.boolean().optional().meta({ description: 'Reports what would be resent, and sends nothing' }),
          limit: z.int().min(1).max(200).default(200),
          cursor: pageQuery.cursor,
        })
        .optional(),
      answers: {
        200: z.object({
          dry_run: z.boolean(),
          count: z.int().meta({ description: 'Matching deliveries on this page' }),
          resent: z.int(),
          sample: z.array(deliveryView).meta({ description: 'The first ten of them' }),
          next_cursor: textOrNull.meta({
            description: 'Repeat the request with this cursor to get the next page; null: this was the last page',
          }),
        }),
      },
      refusals: { 404: "`publisher_id` is not the caller's own" },
      async handle({ query, body: sent, caller }) {
        if (sent?.publisher_id !== undefined && isForeign(caller, 'publisher', sent.publisher_id))
          throw new AdminError(404, 'publisher_not_found', 'No publisher has this publisher_id');
        const { publisher_id: publisher, status, from, to, dry_run = false, limit = 200, cursor } = { ...sent, ...query };
        const filter = { publisher, status, from, to };
        const { matched, resent, next } = await resendMany(records, { filter, limit, after: cursor, dryRun: dry_run }, caller);
        const { body } = listAnswer(
          'sample',
          matched.slice(0, 10).map((delivery) => deliveryOf(delivery)),
          next,
        );
        return { status: 200, body: { dry_run, count: matched.length, resent, ...body } };
      },
    }),
  ];
}

/** Deliveries with the user and the offer that they are about, and the amounts that they report. */
async function viewsOf({ conversions }: RecordDependencies, deliveries: readonly Delivery[]) {
  const about = await conversions.findAll(deliveries.flatMap(({ conversion_id }) => conversion_id ?? []));
  return deliveries.map((delivery) => {
    const listed = about.get(delivery.conversion_id ?? '');
    return deliveryOf(delivery, listed?.kind === 'conversion' ? listed.conversion : undefined);
  });
}

function deliveryNotFound(): AdminError {
  return new AdminError(404, 'delivery_not_found', 'No delivery has this delivery_id, or it has not been attempted yet');
}
