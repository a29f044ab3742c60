import { BatchWriteItemCommand, DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ulid } from 'ulid';
import { shardOf } from '../../functions/domain/shards.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Items of one request, as DynamoDB allows. */
const batchSize = 25;
const lanes = 8;

/** Puts that many settled conversions of the campaign behind the system; every hundredth is the measured user's, with its ledger entry. */
export async function storeHistory(system: LocalSystem, campaign: Campaign, count: number): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ region: system.region, endpoint: system.endpoints.dynamodb, credentials });
  const rows = historyRows(system, campaign, count);
  const lane = async () => {
    for (;;) {
      const batch = take(rows, batchSize);
      if (batch.length === 0) return;
      const requests: Record<string, WriteRequest[]> = {};
      for (const { table, item } of batch) {
        requests[table] = [...(requests[table] ?? []), { PutRequest: { Item: marshall(item) } }];
      }
      const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems: requests }));
      if (Object.keys(UnprocessedItems).length > 0) throw new Error('the emulator left items out');
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  client.destroy();
}

interface Row {
  readonly table: string;
  readonly item: Record<string, unknown>;
}

function* historyRows(system: LocalSystem, campaign: Campaign, count: number): Generator<Row> {
  const table = (name: string) => {
    const found = system.tables.get(name);
    if (found === undefined) throw new Error(`no table ${name}`);
    return found.name;
  };
  const names = { conversions: table('Conversions'), ledger: table('Ledger') };
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
      table: names.conversions,
      item: {
        ...about,
        status: 'approved',
        user_id: user,
        listed_at: logId,
        created_at: at,
        partner_shard: `${partnerId}#${shardOf(logId)}`,
        publisher_shard: `${publisherId}#${shardOf(logId)}`,
        time_shard: shardOf(logId),
      },
    };
    const entry = index / 100 + 1;
    if (!Number.isInteger(entry)) continue;
    yield {
      table: names.ledger,
      item: { account: `${publisherId}#${user}`, entry, points: 4, balance: 4 * entry, conversion_id: conversionId, log_id: logId, at },
    };
  }
}

function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = source.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
