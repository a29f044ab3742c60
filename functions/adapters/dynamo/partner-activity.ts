import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { decodeTime } from 'ulid';
import * as z from 'zod/mini';
import type { Recent } from '../../domain/alerting/thresholds.ts';
import type { LogReader } from './log-reader.ts';
import { settingsOfKind } from './query-all.ts';

/** The newest postbacks that are looked at: of a busy partner they are less than an hour. */
const mostLookedAt = 200;
const hourMs = 3_600_000;
const partnerRows = z.array(z.object({ partner_id: z.string() }));

/** What a partner has sent lately. */
export function createPartnerActivity(logs: Pick<LogReader, 'list'>): (partnerId: string, now: number) => Promise<Recent> {
  return async (partner, now) => {
    const { entries } = await logs.list({ partner }, mostLookedAt, undefined);
    const ofHour = entries.filter(({ log_id }) => decodeTime(log_id) > now - hourMs);
    const count = (fits: (entry: (typeof entries)[number]) => boolean): number => ofHour.filter(fits).length;
    return {
      times: entries.map(({ log_id }) => decodeTime(log_id)),
      received: ofHour.length,
      held: count(({ result }) => result === 'held'),
      approved: count(({ result, status }) => result === 'accepted' && status === 'approved'),
      reversed: count(({ result, status }) => result === 'accepted' && status === 'reversed'),
      signatureFailures: count(({ code }) => code === 'signature_missing' || code === 'signature_invalid'),
    };
  };
}

/** Ids of all partners. */
export function createPartnerIds(client: DynamoDBDocumentClient, settings: string): () => Promise<readonly string[]> {
  return async () => z.parse(partnerRows, await settingsOfKind(client, settings, 'partner')).map(({ partner_id }) => partner_id);
}
