import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { decodeTime, ulid } from 'ulid';
import { conversionItem } from '../../../functions/adapters/dynamo/conversion-row.ts';
import { createMinutes } from '../../../functions/adapters/dynamo/open-minutes.ts';
import { shardOf } from '../../../functions/domain/shards.ts';
import { SimulatedDynamo } from '../../simulation/dynamo/store.ts';
import { readDeployment } from '../../simulation/tables.ts';
import { blankConversion } from '../../support/blank-conversion.ts';
import { namesOf } from '../../support/faults/tables.ts';

/** Eventually consistent reads may be two seconds old, which no emulator shows. */

test('the sweeper reads a minute of the log that was opened a moment ago in its current state', async () => {
  const tables = (await readDeployment()).tables();
  const names = namesOf(tables);
  const store = new SimulatedDynamo(tables, { now: Date.now, lags: { read: () => 2_000, index: () => 0, longestRead: 2_000 } });
  const client = store.client(async (_, perform) => perform());
  const log_id = ulid();
  const shard = shardOf(log_id);
  const minute = Math.floor(decodeTime(log_id) / 60_000) * 60_000;
  const conversion = { ...blankConversion('USD', '2026-01-05T09:00:00.000Z'), revision: 1 };
  const { conversion_id } = conversion;
  await client.send(new PutCommand({ TableName: names.conversions, Item: conversionItem(conversion) }));
  await client.send(new PutCommand({ TableName: names.postbacks, Item: { shard, log_id, result: 'accepted', conversion_id } }));
  const found = await createMinutes(client, names).conversions({ minute, shard, seen: 'a moment ago' });
  expect(found.map((one) => one.conversion_id)).toEqual([conversion_id]);
});
