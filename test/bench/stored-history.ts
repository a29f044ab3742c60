import { ulid } from 'ulid';
import { conversionKey, userShard } from '../../functions/adapters/dynamo/conversion-row.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';
import type { Campaign } from '../support/local-stack.ts';
import { putRows, type Row } from './put-rows.ts';

/** Stores so many settled conversions of the campaign directly. Every hundredth is the measured user's, with its ledger entry. */
export async function storeHistory(system: LocalSystem, campaign: Campaign, count: number): Promise<void> {
  await putRows(system, historyRows(campaign, count));
}

function* historyRows(campaign: Campaign, count: number): Generator<Row> {
  const { partnerId, publisherId, offerId } = campaign;
  const begin = Date.now() - count * 20;
  for (let index = 0; index < count; index += 1) {
    const time = begin + index * 20;
    const logId = ulid(time);
    const at = new Date(time).toISOString();
    const conversionId = `CLK-${ulid(time)}.complete`;
    const user = index % 100 === 0 ? 'user-0' : `past-${index % 1_000}`;
    const about = { conversion_id: conversionId, partner_id: partnerId, publisher_id: publisherId, offer_id: offerId };
    yield {
      table: 'Conversions',
      item: {
        ...conversionKey(conversionId),
        ...about,
        status: 'approved',
        user_id: user,
        listed_at: logId,
        created_at: at,
        partner_shard: `${partnerId}#${shardOf(logId)}`,
        publisher_shard: userShard(publisherId, user),
      },
    };
    const entry = index / 100 + 1;
    if (!Number.isInteger(entry)) continue;
    yield {
      table: 'Ledger',
      item: { account: `${publisherId}#${user}`, entry, points: 4, balance: 4 * entry, conversion_id: conversionId, log_id: logId, at },
    };
  }
}
