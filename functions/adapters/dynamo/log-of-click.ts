import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { stepsOf } from '../../domain/conversion.ts';
import { having, type Listing, listShards, type Position } from './listing.ts';
import type { LogFilter, LogPage, LogReader, LogSummary, LogTables } from './log-reader.ts';
import { conversionsOfClick } from './read-conversion.ts';

export interface ClickLogDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tables: LogTables;
  readonly findAll: LogReader['findAll'];
}

type Filter = Omit<LogFilter, 'clickId'>;

const listed = z.array(z.object({ log_id: z.string() }));

/**
 * The log of one click, newest first. The click's conversions name the accepted postbacks, and an index contains all others. Neither reads
 * an entry of another click, so it takes the same time however much is stored.
 */
export async function listLogOfClick(
  dependencies: ClickLogDependencies,
  click: string,
  filter: Filter,
  page: Pick<Listing, 'limit' | 'after'>,
): Promise<LogPage> {
  const { client, tables, findAll } = dependencies;
  const { partner, keyId, result, code, from, to } = filter;
  const [accepted, indexed] = await Promise.all([
    acceptedOf(dependencies, click, filter, page.after),
    listShards(client, {
      table: tables.postbacks,
      index: 'by-click',
      partition: 'by_click',
      shards: [click],
      sort: 'log_id',
      only: 'log_id',
      from,
      to,
      filter: having({ partner_id: partner, key_id: keyId, result, code }),
      ...page,
    }),
  ]);
  const others = await findAll(z.parse(listed, indexed.rows).map(({ log_id }) => log_id));
  // If the index has another page, entries that are older than its first row belong to a later page.
  const { next } = indexed;
  const entries = [...others, ...accepted.filter(({ log_id }) => next === undefined || log_id > next.key)].sort(newestFirst);
  const shown = entries.slice(0, page.limit);
  const last = shown.at(-1);
  return { entries: shown, next: entries.length > shown.length && last !== undefined ? { key: last.log_id, seen: 1 } : next };
}

function newestFirst(a: LogSummary, b: LogSummary): number {
  return a.log_id < b.log_id ? 1 : -1;
}

/** Accepted postbacks, which the click's conversions name. */
async function acceptedOf(
  { client, tables, findAll }: ClickLogDependencies,
  click: string,
  { partner, keyId, result, code, from = '', to }: Filter,
  after: Position | undefined,
): Promise<readonly LogSummary[]> {
  if (code !== undefined || (result !== undefined && result !== 'accepted')) return [];
  const conversions = await conversionsOfClick(client, tables.conversions, click);
  const ids = new Set(conversions.flatMap(stepsOf).map(({ log_id }) => log_id));
  const wanted = [...ids].filter(
    (id) =>
      id >= from && (to === undefined || id <= to) && (after === undefined || id < after.key || (id === after.key && after.seen === 0)),
  );
  const found = await findAll(wanted);
  return found.filter(
    (entry) =>
      entry.result === 'accepted' &&
      entry.click_id === click &&
      (partner === undefined || entry.partner_id === partner) &&
      (keyId === undefined || entry.key_id === keyId),
  );
}
