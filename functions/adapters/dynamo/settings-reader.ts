import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { NetworkReader } from '../../domain/networks/resolve.ts';
import type { SettingsReader } from '../../domain/receiving/ports.ts';
import { offerId } from '../../runtime/ids.ts';
import { createCache } from '../cache.ts';
import { findRow } from './find-row.ts';
import { settingsOfKind } from './query-all.ts';
import { createPlainRowReader } from './row-reader.ts';
import {
  campaignKey,
  networkRow,
  offerRow,
  partnerRow,
  placementRow,
  publisherRow,
  ruleRow,
  type SettingKind,
  settingKey,
} from './setting-rows.ts';

/** Reads settings through a cache, at most `cacheSeconds` old (contract 1.3 allows 60 s). */
export function createSettingsReader(client: DynamoDBDocumentClient, table: string, cacheSeconds: number): SettingsReader & NetworkReader {
  const readRow = createPlainRowReader(client);
  const read = <T>(kind: SettingKind, row: z.ZodMiniType<T>) =>
    createCache(cacheSeconds, async (id: string): Promise<T | undefined> => {
      const found = await findRow(readRow, table, { pk: settingKey(kind, id) });
      // Of some settings that were removed, a row stays that says there was one.
      return found === undefined || found['removed_at'] !== undefined ? undefined : z.parse(row, found);
    });
  const offer = read('offer', offerRow);
  const rules = createCache(cacheSeconds, async (kind: 'rule') => {
    const found = (await settingsOfKind(client, table, kind)).map((row) => z.parse(ruleRow, row));
    // Rules of one priority are evaluated in the order of their creation, which is that of the index.
    return found.filter(({ status }) => status === 'active').sort((a, b) => a.priority - b.priority);
  });
  const networks = read('network', networkRow);
  return {
    partner: read('partner', partnerRow),
    offer,
    publisher: read('publisher', publisherRow),
    placement: read('placement', placementRow),
    rules: async () => (await rules('rule')) ?? [],
    network: async (id) => (await networks(id))?.network,
    async offersByReference(partner, reference) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'by-campaign',
          KeyConditionExpression: 'campaign = :campaign',
          ExpressionAttributeValues: { ':campaign': campaignKey(partner, reference) },
          Limit: 10,
        }),
      );
      const byCampaign = Items.map((item) => z.parse(offerRow, item));
      if (byCampaign.length > 0) return byCampaign;
      const id = z.safeParse(offerId, reference);
      const own = id.success ? await offer(id.data) : undefined;
      return own?.partner_id === partner ? [own] : [];
    },
  };
}
