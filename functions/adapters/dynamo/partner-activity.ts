import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { decodeTime, encodeTime } from 'ulid';
import * as z from 'zod/mini';
import type { Recent } from '../../domain/alerting/thresholds.ts';
import { byHandKeyId } from '../../domain/receiving/change-conversion.ts';
import { importKeyId } from '../../domain/receiving/imported.ts';
import type { LogPage, LogReader } from './log-reader.ts';
import { settingsOfKind } from './query-all.ts';

/** The newest postbacks that are read; for a busy partner they cover less than an hour. */
const mostLookedAt = 200;
/** The most pages that are read: enough to find the partner's own postbacks behind an imported file of 2,000 rows. */
const mostPages = 12;
const hourMs = 3_600_000;
/** Length of the time at the beginning of a ULID. */
const timeLength = 10;
const signatureCodes = ['signature_missing', 'signature_invalid'] as const;
const partnerRows = z.array(z.object({ partner_id: z.string(), status: z.optional(z.string()) }));

/** What a partner has sent recently. */
export function createPartnerActivity(logs: Pick<LogReader, 'list'>): (partnerId: string, now: number) => Promise<Recent> {
  return async (partner, now) => {
    const entries = await sentBy(logs, partner);
    const ofHour = entries.filter(({ log_id }) => decodeTime(log_id) > now - hourMs);
    // Among thousands of postbacks, ten failures may not be among the newest.
    const unsigned =
      ofHour.length < mostLookedAt
        ? ofHour.filter(({ code }) => signatureCodes.some((known) => known === code))
        : (await logs.list({ partner, code: signatureCodes, from: encodeTime(now - hourMs, timeLength) }, mostLookedAt, undefined)).entries;
    const count = (fits: (entry: (typeof entries)[number]) => boolean): number => ofHour.filter(fits).length;
    return {
      times: entries.map(({ log_id }) => decodeTime(log_id)),
      received: ofHour.length,
      held: count(({ result }) => result === 'held'),
      approved: count(({ result, status }) => result === 'accepted' && status === 'approved'),
      reversed: count(({ result, status }) => result === 'accepted' && status === 'reversed'),
      signatureFailures: unsigned.length,
    };
  };
}

/** The partner's newest postbacks. The log also contains imported files and decisions by hand, which the partner has not sent. */
async function sentBy(logs: Pick<LogReader, 'list'>, partner: string): Promise<LogPage['entries']> {
  let sent: LogPage['entries'] = [];
  let after: LogPage['next'];
  for (let page = 0; page < mostPages && sent.length < mostLookedAt; page += 1) {
    const { entries, next } = await logs.list({ partner }, mostLookedAt, after);
    sent = [...sent, ...entries.filter(({ key_id }) => key_id !== importKeyId && key_id !== byHandKeyId)];
    if (next === undefined) break;
    after = next;
  }
  return sent.slice(0, mostLookedAt);
}

/** Ids of the partners that may send; the silence of an inactive one means nothing. */
export function createPartnerIds(client: DynamoDBDocumentClient, settings: string): () => Promise<readonly string[]> {
  return async () =>
    z
      .parse(partnerRows, await settingsOfKind(client, settings, 'partner'))
      .flatMap(({ partner_id, status }) => (status === 'inactive' ? [] : [partner_id]));
}
