import * as z from 'zod';
import { whoOf } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import { AdminError, type Route, route } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import { ageOf } from './statistics-routes.ts';

const queueView = z
  .object({
    name: z.string(),
    depth: z.int().meta({ description: 'Waiting messages; all counts are approximate' }),
    in_flight: z.int(),
    delayed: z.int(),
    dead_letters: z.int(),
    oldest_age_seconds: z
      .int()
      .nullable()
      .meta({ description: 'Age of the oldest unfinished work according to the tables; null: there is none' }),
  })
  .meta({ id: 'Queue' });

/** The two queues: what waits in them, and their dead letters (contract section 4). */
export function queueRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/queues',
      role: 'viewer',
      summary: 'List queues',
      description: 'Shows how many messages wait in each queue, and its dead letters. Counts are approximate.',
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('queues', queueView) },
      list: 'queues',
      async handle({ query: { limit, cursor } }) {
        const [queues, { unsettled, undelivered }] = await Promise.all([records.queues.list(), records.backlog.oldest()]);
        const now = records.now().getTime();
        const ages = { conversions: ageOf(unsettled, now), deliveries: ageOf(undelivered, now) };
        const rest = queues.filter(({ name }) => cursor === undefined || name > cursor.key);
        const shown = rest.slice(0, limit).map(({ name, depth, inFlight, delayed, deadLetters }) => ({
          name,
          depth,
          in_flight: inFlight,
          delayed,
          dead_letters: deadLetters,
          oldest_age_seconds: ages[name],
        }));
        const last = shown.at(-1);
        return listAnswer('queues', shown, last !== undefined && rest.length > limit ? { key: last.name, seen: 0 } : undefined);
      },
    }),
    route({
      method: 'POST',
      path: '/queues/{name}/redrive',
      role: 'admin',
      summary: 'Move dead letters back to their queue',
      answers: { 202: z.object({ name: z.string(), moving: z.int().meta({ description: 'Approximately how many' }) }) },
      refusals: { 409: 'Its dead letters are already being moved' },
      async handle({ params, caller }) {
        const queue = (await records.queues.list()).find(({ name }) => name === params['name']);
        if (queue === undefined) throw new AdminError(404, 'queue_not_found', 'There is no such queue. Use conversions or deliveries');
        const { name, deadLetters } = queue;
        if (!(await records.queues.redrive(name)))
          throw new AdminError(409, 'already_redriving', 'Its dead letters are already being moved');
        await records.audit({ by: whoOf(caller), action: 'queue.redriven', kind: 'queue', id: name, after: { dead_letters: deadLetters } });
        return { status: 202, body: { name, moving: deadLetters } };
      },
    }),
  ];
}
