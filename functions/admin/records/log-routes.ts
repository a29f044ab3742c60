import * as z from 'zod';
import type { LogEntry } from '../../domain/log-entry.ts';
import { type Reprocessed, type ReprocessingPorts, reprocess, reprocessRefusals } from '../../domain/receiving/reprocess.ts';
import { postbackResults } from '../../domain/status.ts';
import { whoOf } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery, timeQuery } from '../list-query.ts';
import { AdminError, type Caller, isForeign, type Route, route } from '../route.ts';
import { listed } from '../schemas/inbound.ts';
import { announceTaken } from './announce-taken.ts';
import type { RecordDependencies } from './dependencies.ts';
import { idText, textOrNull } from './fields.ts';
import { inBulk, mostInBulk } from './in-bulk.ts';
import { detailOf, logDetail, logSummary, outcome, ownLogDetail, ownLogSummary, summaryOf } from './log-view.ts';
import { quotedFilter, quotedOf } from './quoted.ts';

/** The log of received postbacks (contract section 4). */
export function logRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/received-postbacks',
      role: 'viewer',
      bound: { partner: { own: 'query', answers: { 200: listOf('logs', ownLogSummary) } } },
      summary: 'List received postbacks',
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        ...logFilter,
      }),
      answers: { 200: listOf('logs', logSummary) },
      list: 'logs',
      async handle({ query, caller }) {
        const { limit, cursor, ...asked } = query;
        if (caller.role === 'partner' && asked.user_id !== undefined)
          throw new AdminError(400, 'invalid_user_id', 'user_id: a token that is bound to a partner cannot see users');
        const filter = await filterOf(records, asked);
        if (filter === undefined) return listAnswer('logs', [], undefined);
        const page = await records.logs.list(filter, limit, cursor);
        return listAnswer('logs', page.entries.map(summaryOf), page.next);
      },
    }),
    route({
      method: 'GET',
      path: '/received-postbacks/{log_id}',
      role: 'viewer',
      bound: { partner: { own: 'handler', answers: { 200: z.object({ log: ownLogDetail }) } } },
      summary: 'Get a received postback',
      description: 'Includes the request as it was received, without the key.',
      answers: { 200: z.object({ log: logDetail }) },
      async handle({ params, caller }) {
        const entry = await records.logs.find(params['log_id'] ?? '');
        if (entry === undefined || isForeign(caller, 'partner', entry.partner_id)) throw logNotFound();
        return { status: 200, body: { log: detailOf(entry) } };
      },
    }),
    route({
      method: 'POST',
      path: '/received-postbacks/{log_id}/reprocess',
      role: 'admin',
      summary: 'Reprocess a received postback',
      description: 'Use it after you have fixed what made the postback fail, such as a missing click or a wrong setting.',
      answers: { 200: z.object({ log: logDetail, ...outcome }) },
      refusals: { 409: listed(reprocessRefusals) },
      async handle({ params, caller }) {
        const previous = await records.logs.find(params['log_id'] ?? '');
        if (previous === undefined) throw logNotFound();
        const processed = await reprocessOne(records, previous, caller);
        if (!processed.done) throw new AdminError(409, processed.refusal, reprocessRefusals[processed.refusal]);
        await announceTaken(records, processed.taken);
        const entry = (await records.logs.find(previous.log_id)) ?? previous;
        const { result, code, message } = entry;
        return { status: 200, body: { log: detailOf(entry), result, code: code ?? null, message: message ?? null } };
      },
    }),
    route({
      method: 'POST',
      path: '/received-postbacks/reprocess',
      role: 'admin',
      summary: 'Reprocess many received postbacks',
      description: 'Use it after you have fixed what made the postbacks fail. Start with `dry_run` to see which are matched.',
      body: z.strictObject({ ...timeQuery, ...logFilter, dry_run: z.boolean().default(false) }),
      answers: {
        200: z.object({
          matched: z.int().meta({ description: `At most ${mostInBulk} at a time: repeat the same request for the rest` }),
          results: z.array(z.object({ log_id: z.string(), done: z.boolean(), result: textOrNull, code: textOrNull })),
        }),
      },
      async handle({ body: { dry_run, ...asked }, caller }) {
        const filter = await filterOf(records, asked);
        const { entries } = filter === undefined ? { entries: [] } : await records.logs.list(filter, mostInBulk, undefined);
        const open = entries.filter(({ result }) => result === 'error' || result === 'held').map(({ log_id }) => log_id);
        const became = new Map<string, string>();
        const results = await inBulk(open, async (id) => {
          const previous = dry_run ? undefined : await records.logs.find(id);
          if (previous === undefined) return { done: false, code: null };
          const processed = await reprocessOne(records, previous, caller);
          if (!processed.done) return { done: false, code: processed.refusal };
          await announceTaken(records, processed.taken);
          became.set(id, processed.taken.result);
          return { done: true, code: processed.taken.code ?? null };
        });
        const shownResults = results.map(({ id, done, code }) => ({ log_id: id, done, result: became.get(id) ?? null, code }));
        return { status: 200, body: { matched: open.length, results: shownResults } };
      },
    }),
  ];
}

const logFilter = {
  partner_id: idText.optional(),
  unique_key: z.string().max(200).optional().meta({ description: 'A whole key: its hash is looked up, so a part of a key finds nothing' }),
  click_id: idText.optional(),
  ...quotedFilter,
  result: z.enum(postbackResults).optional(),
  code: idText.optional(),
};

type Asked = { readonly [Name in keyof typeof logFilter]?: z.output<(typeof logFilter)[Name]> } & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** @returns `undefined` when nothing can match, because the key is unknown or belongs to another partner. */
async function filterOf(
  records: RecordDependencies,
  { partner_id, unique_key, click_id: clickId, transaction_id, user_id, result, code, from, to }: Asked,
): Promise<Parameters<RecordDependencies['logs']['list']>[0] | undefined> {
  const key = unique_key === undefined ? undefined : await records.findKey(unique_key);
  const partner = key?.partner_id ?? partner_id;
  const impossible = (unique_key !== undefined && key === undefined) || (partner_id !== undefined && partner !== partner_id);
  if (impossible) return undefined;
  const quoted = await quotedOf(records, { partner_id: partner, transaction_id, user_id });
  return { partner, keyId: key?.key_id, clickId, quoted, result, code, from, to };
}

async function reprocessOne(records: RecordDependencies, previous: LogEntry, caller: Caller): Promise<Reprocessed> {
  const partner = await records.findPartner(previous.partner_id);
  const ports = { ...records.taking, decodeBody: records.decodeBody, journalAgain: journalOfReprocessing(records) };
  return reprocess(ports, previous, partner, records.now().toISOString(), whoOf(caller));
}

function journalOfReprocessing(records: RecordDependencies): ReprocessingPorts['journalAgain'] {
  return (previous, by) =>
    records.journalFor(previous, (entry) => ({
      by,
      action: 'postback.reprocessed',
      kind: 'postback',
      id: previous.log_id,
      before: shown(previous),
      after: shown(entry),
    }));
}

function shown({ result, code, conversion_id }: LogEntry) {
  return { result, code, conversion_id };
}

function logNotFound(): AdminError {
  return new AdminError(404, 'log_not_found', 'No received postback has this log_id');
}
