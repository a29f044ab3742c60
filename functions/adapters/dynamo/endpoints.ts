import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type EndpointHealth, healthy } from '../../domain/delivery/circuit.ts';
import type { Endpoints } from '../../domain/forwarding/ports.ts';
import { createCache } from '../cache.ts';
import { unlessChanged } from './conditions.ts';
import { count, toItem } from './item.ts';

const healthRow: z.ZodMiniType<EndpointHealth> = z.object({
  consecutive_failures: count,
  failing_since: z.optional(count),
  open_until: z.optional(count),
  openings: z.optional(count),
  probe_until: z.optional(count),
  last_failure: z.optional(
    z.object({
      at: count,
      delivery_id: z.string(),
      code: z.string(),
      http_status: z.optional(count),
      answer: z.optional(z.string()),
    }),
  ),
  paused: z.optional(z.object({ at: count, reason: z.enum(['gone', 'failing', 'manual']) })),
});

interface Stored {
  readonly health: EndpointHealth;
  readonly version: number;
}

const mostTries = 10;

/** After this many lost races for a time, many must be taken: the next free one is later than what was read. */
const mostRaces = 20;
const rateRow = z.object({ next_at: count });

/**
 * Health and rate limits of the publishers' endpoints; one without a row is healthy.
 *
 * @param cacheSeconds contract section 3 requires that a pause takes effect within a second or two.
 */
export function createEndpoints(client: DynamoDBDocumentClient, table: string, cacheSeconds: number): Endpoints {
  const read = async (publisher: string, consistent: boolean): Promise<Stored> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { publisher_id: publisher }, ConsistentRead: consistent }));
    return Item === undefined
      ? { health: healthy, version: 0 }
      : { health: z.parse(healthRow, Item), version: z.parse(count, Item['version']) };
  };
  const cached = createCache(cacheSeconds, async (publisher: string) => (await read(publisher, false)).health);

  return {
    health: async (publisher) => (await cached(publisher)) ?? healthy,
    async update(publisher, change) {
      for (let tried = 0; tried < mostTries; tried += 1) {
        const { health, version } = await read(publisher, true);
        const next = change(health);
        if (next === undefined) return false;
        const written = await unlessChanged(() =>
          client.send(
            new PutCommand({
              TableName: table,
              Item: { ...toItem(next), publisher_id: publisher, version: version + 1 },
              ConditionExpression: version === 0 ? 'attribute_not_exists(publisher_id)' : 'version = :version',
              ...(version === 0 ? {} : { ExpressionAttributeValues: { ':version': version } }),
            }),
          ),
        );
        if (written) return true;
      }
      return false;
    },
    async reserve(endpoint, perSecond, now, horizonMs) {
      const Key = { publisher_id: `${endpoint}#rate` };
      let at = now;
      for (let tried = 0; tried < mostRaces; tried += 1) {
        const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
        const free = Item === undefined ? undefined : z.parse(rateRow, Item).next_at;
        at = Math.max(now, free ?? now);
        if (at - now > horizonMs) break;
        const taken = await unlessChanged(() =>
          client.send(
            new PutCommand({
              TableName: table,
              Item: { ...Key, next_at: at + Math.ceil(1_000 / perSecond) },
              ConditionExpression: free === undefined ? 'attribute_not_exists(publisher_id)' : 'next_at = :free',
              ...(free === undefined ? {} : { ExpressionAttributeValues: { ':free': free } }),
            }),
          ),
        );
        if (taken) return { at, reserved: true };
      }
      return { at, reserved: false };
    },
  };
}
