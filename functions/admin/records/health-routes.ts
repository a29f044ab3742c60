import * as z from 'zod';
import type { Delivery, DeliveryStatus } from '../../domain/delivery/delivery.ts';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import type { Publisher } from '../../domain/settings.ts';
import { AdminError, type Route, route } from '../route.ts';
import { healthView } from '../schemas/publisher-postback.ts';
import { endpointViewOf } from '../settings/publisher.ts';
import type { RecordDependencies } from './dependencies.ts';

/** The statuses of deliveries that have not arrived, in the order in which they are shown. */
const undelivered = ['scheduled', 'failing', 'held', 'dead', 'no_url'] as const satisfies readonly DeliveryStatus[];
const pageSize = 200;
/** The most deliveries that are counted one by one; `counted_all` says whether there are more. */
const mostCounted = 1_000;

const answer = z.object({
  endpoints: z.array(healthView).meta({ description: 'The plain postback URL comes first' }),
  counted_all: z.boolean().meta({ description: `False: more than ${mostCounted} have not arrived; only the newest of them were counted` }),
});

/** The health of a publisher's endpoints: a publisher looks at it when users do not get their points. */
export function healthRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/publishers/{publisher_id}/health',
      role: 'viewer',
      bound: { publisher: { own: 'path' } },
      summary: "Get the health of a publisher's postbacks",
      description:
        'Shows for each postback: attempts and failures of the last 24 hours, deliveries that have not arrived, and the last failure.',
      answers: { 200: answer },
      async handle({ params }) {
        const publisher = await records.findPublisher(params['publisher_id'] ?? '');
        if (publisher === undefined) throw new AdminError(404, 'publisher_not_found', 'No publisher has this publisher_id');
        const { waiting, all } = await countWaiting(records, publisher);
        const postbacks = [{ postback_id: undefined, url: publisher.postback_url }, ...publisher.postbacks];
        const endpoints = await Promise.all(postbacks.map((postback) => healthOf(records, publisher, postback, waiting)));
        return { status: 200, body: { endpoints, counted_all: all } };
      },
    }),
  ];
}

async function healthOf(
  { endpoints, endpointStatistics, now }: RecordDependencies,
  { publisher_id }: Publisher,
  { postback_id: postbackId, url }: { readonly postback_id?: string | undefined; readonly url?: string | undefined },
  waiting: readonly Delivery[],
): Promise<z.output<typeof healthView>> {
  const at = now().getTime();
  const endpoint = endpointOf(publisher_id, postbackId);
  const [health, day] = await Promise.all([endpoints.health(endpoint), endpointStatistics.lastDay(endpoint, at)]);
  const own = waiting.filter(({ postback_id }) => postback_id === postbackId);
  const count = (status: DeliveryStatus): number => own.filter((delivery) => delivery.status === status).length;
  const failure = health.last_failure;
  return {
    ...endpointViewOf(health, at),
    postback_id: postbackId ?? null,
    url: url ?? null,
    last_24_hours: { ...day, success_rate: day.attempts === 0 ? null : (day.attempts - day.failures) / day.attempts },
    undelivered: {
      scheduled: count('scheduled'),
      failing: count('failing'),
      held: count('held'),
      dead: count('dead'),
      no_url: count('no_url'),
    },
    last_failure:
      failure === undefined
        ? null
        : {
            at: new Date(failure.at).toISOString(),
            delivery_id: failure.delivery_id,
            code: failure.code,
            http_status: failure.http_status ?? null,
            answer: failure.answer ?? null,
          },
  };
}

async function countWaiting({ deliveries }: RecordDependencies, { publisher_id: publisher }: Publisher) {
  const waiting: Delivery[] = [];
  let after: Parameters<typeof deliveries.list>[2];
  do {
    const page = await deliveries.list({ publisher, statuses: undelivered }, pageSize, after);
    waiting.push(...page.deliveries);
    after = page.next;
  } while (after !== undefined && waiting.length < mostCounted);
  return { waiting, all: after === undefined };
}
