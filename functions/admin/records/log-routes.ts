import * as z from 'zod';
import type { LogEntry } from '../../domain/log-entry.ts';
import { type ReprocessingPorts, reprocess, reprocessRefusals } from '../../domain/receiving/reprocess.ts';
import { postbackResults } from '../../domain/status.ts';
import { listAnswer, listOf, pageQuery, timeQuery } from '../list-query.ts';
import { AdminError, isForeign, type Route, route } from '../route.ts';
import { listed } from '../schemas/inbound.ts';
import { announceTaken } from './announce-taken.ts';
import type { RecordDependencies } from './dependencies.ts';
import { idText } from './fields.ts';
import { detailOf, logDetail, logSummary, outcome, ownLogDetail, ownLogSummary, summaryOf } from './log-view.ts';

/** The log of received postbacks (contract section 4). */
export function logRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/received-postbacks',
      role: 'viewer',
      bound: { partner: { own: 'query', answers: { 200: listOf('logs', ownLogSummary) } } },
      summary: 'Received postbacks, newest first',
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        partner_id: idText.optional(),
        unique_key: z.string().max(200).optional().meta({ description: 'A whole key, or none: only its hash is looked up' }),
        click_id: idText.optional(),
        result: z.enum(postbackResults).optional(),
        code: idText.optional(),
      }),
      answers: { 200: listOf('logs', logSummary) },
      list: 'logs',
      async handle({ query }) {
        const { partner_id, unique_key, click_id: clickId, result, code, from, to, limit, cursor } = query;
        const key = unique_key === undefined ? undefined : await records.findKey(unique_key);
        const partner = key?.partner_id ?? partner_id;
        const impossible = (unique_key !== undefined && key === undefined) || (partner_id !== undefined && partner !== partner_id);
        if (impossible) return listAnswer('logs', [], undefined);
        const page = await records.logs.list({ partner, keyId: key?.key_id, clickId, result, code, from, to }, limit, cursor);
        return listAnswer('logs', page.entries.map(summaryOf), page.next);
      },
    }),
    route({
      method: 'GET',
      path: '/received-postbacks/{log_id}',
      role: 'viewer',
      bound: { partner: { own: 'handler', answers: { 200: z.object({ log: ownLogDetail }) } } },
      summary: 'One received postback, with the request as it came',
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
      summary: 'Processes a received postback again, after the cause of its failure is fixed',
      answers: { 200: z.object({ log: logDetail, ...outcome }) },
      refusals: { 409: listed(reprocessRefusals) },
      async handle({ params, caller }) {
        const previous = await records.logs.find(params['log_id'] ?? '');
        if (previous === undefined) throw logNotFound();
        const partner = await records.findPartner(previous.partner_id);
        const ports = { ...records.taking, decodeBody: records.decodeBody, journalAgain: journalOfReprocessing(records) };
        const processed = await reprocess(ports, previous, partner, records.now().toISOString(), caller.name);
        if (!processed.done) throw new AdminError(409, processed.refusal, reprocessRefusals[processed.refusal]);
        await announceTaken(records, processed.taken);
        const entry = (await records.logs.find(previous.log_id)) ?? previous;
        const { result, code, message } = entry;
        return { status: 200, body: { log: detailOf(entry), result, code: code ?? null, message: message ?? null } };
      },
    }),
  ];
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
  return new AdminError(404, 'log_not_found', 'There is no received postback with this log_id');
}
