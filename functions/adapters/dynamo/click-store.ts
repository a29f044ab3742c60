import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Click } from '../../domain/click.ts';
import type { ClickId } from '../../domain/ids.ts';
import type { ClickReader } from '../../domain/receiving/ports.ts';
import { shardOf, shardsOf } from '../../domain/shards.ts';
import { offerId, partnerId, placementId, publisherId } from '../../runtime/ids.ts';
import { findRow } from './find-row.ts';
import { toItem } from './item.ts';
import { listShards, type Position } from './listing.ts';
import { createPlainRowReader } from './row-reader.ts';

export const clickId = z.custom<ClickId>((value) => typeof value === 'string' && value.length > 0 && value.length <= 128);

export const clickRow: z.ZodMiniType<Click> = z.object({
  click_id: clickId,
  offer_id: offerId,
  partner_id: partnerId,
  publisher_id: publisherId,
  placement_id: z.optional(placementId),
  user_id: z.string(),
  username: z.optional(z.string()),
  sub_ids: z.record(z.string(), z.string()),
  ip: z.optional(z.string()),
  country: z.optional(z.string()),
  device_id: z.optional(z.string()),
  clicked_at: z.string(),
});

/** Clicks are kept for 400 days, which is longer than conversion windows are and than partners take to reverse. */
const keptSeconds = 400 * 86_400;
/** How many recent clicks are read at once; most offers have fewer. */
const clicksAtOnce = 50;

/** @param readRow how a row is read by its key; the receiver's reader joins what it asks for at once. */
export function createClickStore(
  client: DynamoDBDocumentClient,
  table: string,
  readRow = createPlainRowReader(client),
): ClickReader & { put(click: Click): Promise<void> } {
  return {
    async find(id) {
      // No click id contains a `#`; the ids of the rows that count clicks do.
      if (id.length > 128 || id === '' || id.includes('#')) return undefined;
      const row = await findRow(readRow, table, { click_id: id });
      return row === undefined ? undefined : z.parse(clickRow, row);
    },
    async *recent(offer, from, to) {
      const keys = z.array(z.object({ click_id: z.string() }));
      let after: Position | undefined;
      do {
        const { rows, next } = await listShards(client, {
          table,
          index: 'by-offer',
          partition: 'offer_shard',
          shards: shardsOf(offer),
          sort: 'clicked_at',
          only: 'click_id',
          from,
          to,
          limit: clicksAtOnce,
          after,
        });
        yield z.parse(keys, rows).map(({ click_id }) => click_id);
        after = next;
      } while (after !== undefined);
    },
    async put(click) {
      const expires = Math.floor(Date.parse(click.clicked_at) / 1_000) + keptSeconds;
      const item = { ...toItem(click), offer_shard: `${click.offer_id}#${shardOf(click.click_id)}`, expires_at: expires };
      await client.send(new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(click_id)' }));
    },
  };
}
