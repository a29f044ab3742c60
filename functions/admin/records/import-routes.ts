import * as z from 'zod';
import { mostImportedRows } from '../../domain/file-limits.ts';
import { postbackResults } from '../../domain/status.ts';
import { AdminError, type Route, route } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import { idText, textOrNull } from './fields.ts';
import { importConversions } from './import-conversions.ts';
import { partnerNotFound } from './partner-not-found.ts';
import { type CsvRow, readCsv } from './read-csv.ts';

const cell = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** A row of a file, as JSON. */
export const fileRow = z.record(z.string(), cell);
const jsonImport = z.strictObject({
  partner_id: idText.optional(),
  dry_run: z.boolean().optional(),
  rows: z.array(fileRow).meta({ example: [{ click_id: 'CLK-…', status: 'reversed', payout: '1.50', reason: 'reconciled' }] }),
});

const results = [...postbackResults, 'skipped'] as const;
/** The result of a row. */
export const importReport = z.object({
  row: z.int().meta({ description: '1 for the first row after the header' }),
  result: z.enum(results),
  code: textOrNull,
  message: textOrNull,
  click_id: textOrNull,
  log_id: textOrNull.meta({ description: 'Id of its log entry; null in a dry run' }),
});

/** Import of conversions and adjustments, for partners who reconcile by file (contract section 4). */
export function importRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/conversions/import',
      role: 'admin',
      summary: 'Import conversions of a partner',
      description:
        'Reads conversions and adjustments from CSV or JSON. Start with `dry_run` to see what each row would do. Importing the same file again changes nothing.',
      query: z.strictObject({
        partner_id: idText.optional(),
        dry_run: z.enum(['true', 'false']).optional().meta({ description: 'Reports what each row would do, and stores nothing' }),
      }),
      body: z
        .union([z.string(), jsonImport], 'must be an object with rows, or text/csv')
        .meta({ description: 'Columns are the standard parameters: click_id, status, payout, currency, transaction_id, event, reason, …' }),
      textBody: 'text/csv',
      hidesKeys: true,
      answers: {
        200: z.object({
          dry_run: z.boolean(),
          partner_id: z.string(),
          counts: z.record(z.string(), z.int()).meta({ description: 'Rows by result' }),
          rows: z.array(importReport),
        }),
      },
      refusals: { 404: 'The partner does not exist' },
      async handle({ query, body, caller, origin }) {
        const sent: Partial<z.output<typeof jsonImport>> = typeof body === 'string' ? {} : body;
        const rows: readonly CsvRow[] = typeof body === 'string' ? readCsv(body) : body.rows;
        const partnerId = sent.partner_id ?? query.partner_id;
        if (partnerId === undefined) throw new AdminError(400, 'invalid_body', 'partner_id: is required, in the body or the query');
        if (rows.length === 0) throw new AdminError(400, 'invalid_body', 'rows: must not be empty');
        if (rows.length > mostImportedRows) throw new AdminError(400, 'too_many_rows', `rows: at most ${mostImportedRows} at a time`);
        const partner = await records.findPartner(partnerId);
        if (partner === undefined) throw partnerNotFound();
        const dryRun = sent.dry_run ?? query.dry_run === 'true';
        const reports = await importConversions(records, { partner, rows, dryRun, origin }, caller);
        const counts = Object.fromEntries(results.map((result) => [result, reports.filter((one) => one.result === result).length]));
        return { status: 200, body: { dry_run: dryRun, partner_id: partnerId, counts, rows: reports } };
      },
    }),
  ];
}
