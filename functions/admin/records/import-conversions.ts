import { networkOf } from '../../domain/networks/resolve.ts';
import { createDryJournal } from '../../domain/receiving/dry-journal.ts';
import { keyFormsIn } from '../../domain/receiving/hidden-keys.ts';
import { hiddenOf, hideIn } from '../../domain/receiving/hide-key.ts';
import { importBlank, importRequest, partnerOfImport, standardRow } from '../../domain/receiving/imported.ts';
import { type Taken, type TakingPorts, takePostback } from '../../domain/receiving/take-postback.ts';
import type { Partner } from '../../domain/settings.ts';
import { inTurns } from '../../runtime/in-turns.ts';
import { whoOf } from '../audit/entry.ts';
import type { Caller } from '../route.ts';
import { announceTaken } from './announce-taken.ts';
import type { RecordDependencies } from './dependencies.ts';
import { patienceMs } from './in-bulk.ts';
import type { CsvRow } from './read-csv.ts';

export interface Import {
  readonly partner: Partner;
  readonly rows: readonly CsvRow[];
  readonly dryRun: boolean;
  readonly origin: string;
  /** Epoch milliseconds after which no further row is begun. @default - 20 s from now */
  readonly until?: number;
}

/** The result of a row: that of a postback, or `skipped`. */
export interface RowReport {
  /** 1 for the first row after the header. */
  readonly row: number;
  readonly result: Taken['result'] | 'skipped';
  readonly code: string | null;
  readonly message: string | null;
  readonly click_id: string | null;
  /** Absent in a dry run. */
  readonly log_id: string | null;
}

/** Rows that are processed at the same time. */
const mostAtOnce = 16;

/**
 * Passes the rows of a partner's file through the pipeline of postbacks, each with a log entry of its own (contract section 4). Sending a
 * file again is safe: a row that was recorded before is a duplicate.
 */
export async function importConversions(
  records: RecordDependencies,
  { partner, rows, dryRun, origin, until = records.now().getTime() + patienceMs }: Import,
  caller: Caller,
): Promise<RowReport[]> {
  const { partner_id } = partner;
  if (!dryRun)
    await records.audit({
      by: whoOf(caller),
      action: 'conversions.imported',
      kind: 'partner',
      id: partner_id,
      after: { rows: rows.length },
    });
  const ports = dryRun ? { ...records.taking, journal: createDryJournal(records.taking.journal) } : records.taking;
  // One object for all rows, since what follows from a partner's settings is worked out once per object (see dialect.ts).
  const theirs = partnerOfImport(partner);
  const network = await networkOf(records.taking.understanding.networks, partner);
  const take = async (lane: readonly NumberedRow[]): Promise<RowReport[]> => {
    const reports: RowReport[] = [];
    for (const { row, number } of lane) {
      const late = records.now().getTime() > until;
      reports.push(late ? skipped(number) : await takeRow(records, ports, { partner: theirs, row, number, dryRun, origin }));
    }
    return reports;
  };
  const reports = await inTurns(lanesOf(rows.map((row) => row && standardRow(row, partner, network))), take, mostAtOnce);
  return reports.flat().sort((a, b) => a.row - b.row);
}

interface NumberedRow {
  readonly row: CsvRow;
  readonly number: number;
}

/** Groups the rows by click: rows of one click keep their order, and those of different clicks run side by side. */
function lanesOf(rows: readonly CsvRow[]): NumberedRow[][] {
  const numbered = rows.map((row, index) => ({ row, number: index + 1 }));
  return [...Map.groupBy(numbered, ({ row }) => row?.['click_id'] ?? '').values()];
}

async function takeRow(
  records: RecordDependencies,
  ports: TakingPorts,
  { partner, row, number, dryRun, origin }: Omit<Import, 'rows' | 'until'> & NumberedRow,
): Promise<RowReport> {
  if (row === undefined)
    return {
      row: number,
      click_id: null,
      result: 'error',
      code: 'invalid_row',
      message: 'This row and the header have different numbers of cells',
      log_id: null,
    };
  const now = records.now();
  const facts = { log_id: ports.newId(), partner_id: partner.partner_id, received_at: now.toISOString() };
  try {
    const plain = importRequest(row, origin);
    const request = { ...plain, secrets: await keyFormsIn(plain, records.hiddenKeys) };
    const blank = importBlank(facts, request, records.encodeBody);
    const about = { row: number, click_id: hideIn(row['click_id'] ?? '', hiddenOf(request)) || null };
    const taken = await takePostback(ports, { partner, request, olderAddress: false, blank, now: now.getTime() });
    if (!dryRun) await announceTaken(records, taken);
    const { result, code = null, message = null } = taken;
    return { ...about, result, code, message, log_id: dryRun ? null : facts.log_id };
  } catch (error) {
    records.warn('import_row_failed', error);
    return {
      row: number,
      click_id: null,
      result: 'error',
      code: 'unavailable',
      message: 'This row could not be recorded. Import the file again',
      log_id: null,
    };
  }
}

function skipped(number: number): RowReport {
  const message = 'There was no time for it: send the file again, what has been taken is not taken twice';
  return { row: number, click_id: null, result: 'skipped', code: 'out_of_time', message, log_id: null };
}
