import type Big from 'big.js';
import * as z from 'zod';
import { fileDiffers } from '../../domain/alerting/thresholds.ts';
import { receivedKinds, wordsOf } from '../../domain/comparison/explain.ts';
import { owedBy } from '../../domain/comparison/stated.ts';
import { mostComparedRows, mostImportedRows } from '../../domain/file-limits.ts';
import { zero } from '../../domain/money.ts';
import type { Partner } from '../../domain/settings.ts';
import { formatQuery, timeQuery } from '../list-query.ts';
import { AdminError, type Caller, type Route, route } from '../route.ts';
import { exactMoneyText } from '../settings/amount-text.ts';
import { type ComparedFile, compareFile, type Finding, type FindingKind, findings } from './compare-file.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, idText, textOrNull } from './fields.ts';
import { importConversions } from './import-conversions.ts';
import { fileRow, importReport } from './import-routes.ts';
import { patienceMs } from './in-bulk.ts';
import { partnerNotFound } from './partner-not-found.ts';
import { type CsvRow, readCsv } from './read-csv.ts';

const finding = z.object({
  finding: z.enum(findings),
  row: z.int().nullable().meta({ description: 'Row of the file, 1 for the first after the header; null: the file has no such row' }),
  transaction_id: textOrNull,
  click_id: textOrNull,
  event: textOrNull,
  their_status: textOrNull.meta({ description: 'The status in the file; for an unknown word, the word itself' }),
  their_amount: amountText.nullable(),
  their_currency: textOrNull,
  our_status: textOrNull.meta({
    description: 'Our status, as the partner reported it: a conversion in its hold period counts as approved',
  }),
  our_amount: amountText.nullable(),
  our_owed: amountText.nullable().meta({ description: 'What is left of it after take-backs' }),
  our_currency: textOrNull,
  received: z.enum(receivedKinds).meta({ description: 'The reason: what happened to what we received' }),
  code: textOrNull.meta({ description: 'Why it is held or was refused', example: 'click_not_found' }),
  why: z.string().meta({ description: 'The reason in words' }),
  log_id: textOrNull,
  conversion_id: textOrNull,
  near_edge: z.boolean().meta({
    description: 'Only we have it, and it is within an hour of an end of the period: the previous or the next file may contain it',
  }),
  importable: z.boolean().meta({ description: 'Whether an import of the row would be accepted; also false when there was no time to try' }),
});
type Shown = z.output<typeof finding>;

const list = z.array(finding);
const lists = z.object({ only_theirs: list, only_ours: list, other_amount: list, other_status: list, agreed: list });

const count = z.int();
const counts = z.object({ only_theirs: count, only_ours: count, other_amount: count, other_status: count, agreed: count });

const total = z.object({ currency: z.string(), theirs: amountText, ours: amountText, difference: amountText });

/** Compares a partner's own file with our records (contract section 4). */
export function reconciliationRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/reconciliations',
      role: 'admin',
      summary: "Compare a partner's file with our records",
      description: `Compares up to ${mostComparedRows} rows by transaction, else by click and event, and gives the reason for each difference. Payments in the file are found whatever their time; \`from\` and \`to\` bound what the file may be missing. \`importable\` holds the rows that an import would accept now; with \`import\` they are imported in the same step. The columns are those of an import.`,
      query: z.strictObject(formatQuery),
      body: z
        .strictObject({
          partner_id: idText,
          from: timeQuery.from.unwrap(),
          to: timeQuery.to.unwrap(),
          rows: z
            .array(fileRow)
            .optional()
            .meta({ example: [{ transaction_id: 'T-1', click_id: 'CLK-…', status: 'approved', payout: '1.50' }] }),
          csv: z.string().optional().meta({ description: 'Instead of rows: the file, with a header line' }),
          import: z.boolean().default(false).meta({ description: 'Imports the rows in `importable`' }),
        })
        .refine(({ rows, csv }) => (rows === undefined) !== (csv === undefined), 'rows or csv: give one of them')
        .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' }),
      hidesKeys: true,
      answers: {
        200: z.object({
          partner_id: z.string(),
          counts,
          totals: z.array(total).meta({ description: 'What is owed for everything that was compared' }),
          ...lists.shape,
          importable: z
            .array(z.record(z.string(), z.string()))
            .meta({ description: `Rows for an import, at most ${mostImportedRows}`, example: [{ click_id: 'CLK-…', payout: '1.50' }] }),
          imported: z.array(importReport).nullable().meta({ description: 'The results of the import; null: nothing was imported' }),
        }),
      },
      csvOf: 'all rows, one list after the other',
      refusals: { 404: 'The partner does not exist' },
      async handle({ body, caller, origin }) {
        const rows: readonly CsvRow[] = body.rows ?? readCsv(body.csv ?? '');
        if (rows.length > mostComparedRows) throw new AdminError(400, 'too_many_rows', `rows: at most ${mostComparedRows} at a time`);
        const partner = await records.findPartner(body.partner_id);
        if (partner === undefined) throw partnerNotFound();
        const until = records.now().getTime() + patienceMs;
        const file = { partner, rows, origin, from: body.from, to: body.to, until };
        const found = await compareFile(records, file);
        const candidates = importCandidates(found, rows);
        const reports =
          candidates.length === 0
            ? []
            : await importConversions(
                records,
                { partner, rows: candidates.map(({ cells }) => cells), dryRun: true, until, origin },
                caller,
              );
        const importable = candidates.filter((_, index) => reports[index]?.result === 'accepted');
        const imported = body.import && importable.length > 0 ? await importRows(records, file, importable, caller) : null;
        await tellGap(records, partner, found);
        const importableRows = new Set(importable.map(({ row }) => row));
        const shown = found.map((one) => shownOf(one, importableRows));
        const byKind = findings.map((kind) => [kind, shown.filter((one) => one.finding === kind)] as const);
        return {
          status: 200,
          body: {
            partner_id: body.partner_id,
            counts: countsOf(found),
            totals: totalsOf(found),
            ...Object.fromEntries(byKind),
            importable: importable.map(({ cells }) => cells),
            imported,
          },
          table: { name: 'reconciliation', columns: Object.keys(finding.shape), rows: byKind.flatMap(([, rows]) => rows) },
        };
      },
    }),
  ];
}

interface Candidate {
  readonly row: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** Rows that may be missing in our records, with the click if we know it. */
function importCandidates(found: readonly Finding[], rows: readonly CsvRow[]): readonly Candidate[] {
  return found
    .filter(({ kind, why }) => kind !== 'agreed' && why.received !== 'repeated_row' && why.received !== 'unreadable')
    .flatMap(({ rows: ofOne, ours }) =>
      ofOne.flatMap(({ row, says }): Candidate[] => {
        const cells = rows[row - 1];
        if (cells === undefined) return [];
        const click = says.clickId === undefined ? ours?.click_id : undefined;
        return [{ row, cells: click === undefined ? cells : { ...cells, click_id: click } }];
      }),
    )
    .slice(0, mostImportedRows);
}

async function importRows(
  records: RecordDependencies,
  { partner, origin, until }: ComparedFile,
  importable: readonly Candidate[],
  caller: Caller,
) {
  const reports = await importConversions(
    records,
    { partner, rows: importable.map(({ cells }) => cells), dryRun: false, until, origin },
    caller,
  );
  return reports.map((report, index) => ({ ...report, row: importable[index]?.row ?? report.row }));
}

function countsOf(found: readonly Finding[]): z.output<typeof counts> {
  const of = (kind: FindingKind): number => found.filter((one) => one.kind === kind).length;
  return {
    only_theirs: of('only_theirs'),
    only_ours: of('only_ours'),
    other_amount: of('other_amount'),
    other_status: of('other_status'),
    agreed: of('agreed'),
  };
}

function totalsOf(found: readonly Finding[]): z.output<typeof total>[] {
  const sums = new Map<string, { theirs: Big; ours: Big }>();
  const add = (currency: string, side: 'theirs' | 'ours', amount: Big): void => {
    const sum = sums.get(currency) ?? { theirs: zero, ours: zero };
    sums.set(currency, { ...sum, [side]: sum[side].plus(amount) });
  };
  for (const { theirs, ours } of found) {
    if (theirs !== undefined) add(theirs.currency, 'theirs', owedBy(theirs, ours?.stated));
    if (ours !== undefined) add(ours.stated.currency, 'ours', ours.stated.owed ?? zero);
  }
  return [...sums].map(([currency, { theirs, ours }]) => ({
    currency,
    theirs: exactMoneyText(theirs, currency),
    ours: exactMoneyText(ours, currency),
    difference: exactMoneyText(theirs.minus(ours), currency),
  }));
}

function shownOf({ kind, rows, theirs, ours, why, nearEdge }: Finding, importable: ReadonlySet<number>): Shown {
  const [first] = rows;
  const money = (amount: Big | undefined, currency: string) => (amount === undefined ? null : exactMoneyText(amount, currency));
  const taken = theirs?.taken === 'all' ? undefined : theirs?.taken;
  return {
    finding: kind,
    row: first?.row ?? null,
    transaction_id: first?.says.transactionId ?? [...(ours?.transactions ?? [])][0] ?? null,
    click_id: first?.says.clickId ?? ours?.click_id ?? null,
    event: ours?.event ?? (first?.says.event || null),
    their_status: theirs?.status ?? first?.says.statusWord ?? null,
    their_amount: theirs === undefined ? null : money(theirs.amount ?? taken, theirs.currency),
    their_currency: theirs?.currency ?? null,
    our_status: ours?.stated.status ?? null,
    our_amount: ours === undefined ? null : money(ours.stated.amount, ours.stated.currency),
    our_owed: ours === undefined ? null : money(ours.stated.owed, ours.stated.currency),
    our_currency: ours?.stated.currency ?? null,
    received: why.received,
    code: why.code ?? null,
    why: wordsOf(why),
    log_id: why.log_id ?? null,
    conversion_id: why.conversion_id ?? ours?.conversion_id ?? null,
    near_edge: nearEdge,
    importable: rows.some(({ row }) => importable.has(row)),
  };
}

/** Raises an alert about differences, for those who subscribed to it (contract 3.1). */
async function tellGap({ alerts, warn }: RecordDependencies, { partner_id }: Partner, found: readonly Finding[]): Promise<void> {
  const { agreed: _agreed, ...differences } = countsOf(found);
  const gap = fileDiffers(partner_id, differences);
  try {
    if (gap !== undefined) await alerts.raise(gap);
  } catch (error) {
    warn('alert_not_raised', error);
  }
}
