import { decodeTime, encodeTime } from 'ulid';
import type { LogOutline } from '../../adapters/dynamo/log-reader.ts';
import { boundedId } from '../../domain/byte-budget.ts';
import { explanationOf, type Reason } from '../../domain/comparison/explain.ts';
import { matchRows } from '../../domain/comparison/match-rows.ts';
import { compareStated, type OurRecord, recordOf, type Stated, statedBy, type TheirRow } from '../../domain/comparison/stated.ts';
import { conversionIdAt } from '../../domain/conversion-id.ts';
import { networkOf } from '../../domain/networks/resolve.ts';
import { keyFormsIn } from '../../domain/receiving/hidden-keys.ts';
import { importRequest, partnerOfImport, standardRow } from '../../domain/receiving/imported.ts';
import { understand } from '../../domain/receiving/understand.ts';
import type { Partner } from '../../domain/settings.ts';
import { dayMs } from '../../domain/statistics/calendar.ts';
import { inTurns } from '../../runtime/in-turns.ts';
import { AdminError } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import type { CsvRow } from './read-csv.ts';

export interface ComparedFile {
  readonly partner: Partner;
  /** The first and the last log id of the period. */
  readonly from: string;
  readonly to: string;
  readonly rows: readonly CsvRow[];
  readonly origin: string;
  /** Epoch milliseconds after which nothing more is looked up. */
  readonly until: number;
}

export const findings = ['only_theirs', 'only_ours', 'other_amount', 'other_status', 'agreed'] as const;
export type FindingKind = (typeof findings)[number];

/** The result of the comparison for one payment. */
export interface Finding {
  readonly kind: FindingKind;
  /** Rows of the file; empty when only we have the payment. */
  readonly rows: readonly TheirRow[];
  readonly theirs?: Stated | undefined;
  readonly ours?: OurRecord | undefined;
  readonly why: Reason;
  /** The payment lies near an end of the period, so the previous or the next file may contain it. */
  readonly nearEdge: boolean;
}

/** The most conversions of a period that one comparison handles. */
const mostRecords = 5_000;
const pageSize = 1_000;
/** The most rows that are looked up one by one, at whatever time their payment was, because neither period nor click leads to it. */
const mostLookedUp = 100;
const mostOutlines = 200_000;
/** Rows that are read or looked up at the same time. */
const mostAtOnce = 16;
/** A postback is seldom sent later than this after the event that it reports. */
const edgeMs = 3_600_000;

/**
 * Compares a partner's own file with our records (contract section 4). Everything that the file names is looked up, even outside the
 * period; the period only decides which payments are missing in the file.
 *
 * @throws AdminError `too_many_conversions` when the period has more conversions than one comparison handles.
 */
export async function compareFile(records: RecordDependencies, file: ComparedFile): Promise<readonly Finding[]> {
  const { partner, from, to } = file;
  const [read, ofPeriod] = await Promise.all([readRows(records, file), recordsOf(records, partner.partner_id, from, to)]);
  const idOf = (transaction: string): string => boundedId(transaction, records.taking.fingerprint);
  const rows = read.flatMap(({ theirs }) => (theirs === undefined || theirs.says.status === 'test' ? [] : [theirs]));
  const known = await withElsewhere(records, file, ofPeriod, matchRows(rows, ofPeriod, idOf).alone);
  const { pairs, repeated, alone } = matchRows(rows, known, idOf);

  const usual = partner.currency ?? 'USD';
  const compared = [...pairs].map(([ours, ofOne]) => {
    const theirs = statedBy(ofOne, usual);
    return { kind: compareStated(theirs, ours.stated), rows: ofOne, theirs, ours };
  });
  const spoken = new Set(rows.map(({ says }) => says.status));
  const inPeriod = new Set(ofPeriod.map(({ conversion_id }) => conversion_id));
  const missing = known.filter((ours) => !pairs.has(ours) && inPeriod.has(ours.conversion_id) && isMissed(ours, spoken));
  const outlines = outlineIndex(await outlinesAround(records, file));
  const byClick = new Map(known.map((ours) => [ours.click_id, ours]));
  const single = (row: TheirRow, why: Reason): Finding => {
    return { kind: 'only_theirs', rows: [row], theirs: statedBy([row], usual), why, nearEdge: false };
  };
  return [
    ...read.flatMap(({ row, reason, theirs }): Finding[] => {
      if (reason !== undefined) return [{ kind: 'only_theirs', rows: [{ row, says: nothingSaid }], why: reason, nearEdge: false }];
      return theirs?.says.status === 'test' ? [{ ...single(theirs, { received: 'test' }), kind: 'agreed' }] : [];
    }),
    ...repeated.map((row) => single(row, { received: 'repeated_row' })),
    ...alone.map((row) => single(row, explanationOf({ rows: [row], entries: outlines(row), besides: byClick.get(clickOf(row)) }))),
    ...compared.map(({ ours, ...one }): Finding => {
      const entries = one.rows.flatMap(outlines);
      return { ...one, ours, why: explanationOf({ ...one, ours, entries }), nearEdge: false };
    }),
    ...missing.map(
      (ours): Finding => ({
        kind: 'only_ours',
        rows: [],
        ours,
        why: explanationOf({ rows: [], ours, entries: [] }),
        nearEdge: isNearEdge(ours, file, records.now()),
      }),
    ),
  ];
}

/** What we know about a row that cannot be read: nothing. */
const nothingSaid: TheirRow['says'] = { status: undefined, event: '', eventSent: false };

interface ReadRow {
  readonly row: number;
  readonly theirs?: TheirRow;
  readonly reason?: Reason;
}

/** Reads the rows as an import does, so that missing ones can be imported exactly as they were compared. */
async function readRows(records: RecordDependencies, { partner, rows, origin }: ComparedFile): Promise<readonly ReadRow[]> {
  const { understanding } = records.taking;
  const network = await networkOf(understanding.networks, partner);
  const theirs: Partner = { ...partnerOfImport(partner), status: 'active' };
  const now = records.now().getTime();
  return inTurns(
    rows,
    async (cells, index): Promise<ReadRow> => {
      const row = index + 1;
      if (cells === undefined)
        return {
          row,
          reason: { received: 'unreadable', code: 'invalid_row', message: 'This row and the header have different numbers of cells' },
        };
      const plain = importRequest(standardRow(cells, partner, network), origin);
      const request = { ...plain, secrets: await keyFormsIn(plain, records.hiddenKeys) };
      const understood = await understand(understanding, theirs, request, false, now);
      if (!understood.understood) return { row, reason: { received: 'unreadable', ...understood.refusal } };
      return { row, theirs: { row, says: understood.postback } };
    },
    mostAtOnce,
  );
}

/** The partner's conversions and held postbacks of the period. */
async function recordsOf(records: RecordDependencies, partner: string, from: string, to: string): Promise<readonly OurRecord[]> {
  const found: OurRecord[] = [];
  let after: Parameters<RecordDependencies['conversions']['list']>[2];
  do {
    const page = await records.conversions.list({ partner, from, to }, pageSize, after);
    found.push(...page.listed.flatMap((listed) => ourRecord(listed) ?? []));
    after = page.next;
    if (found.length > mostRecords)
      throw new AdminError(400, 'too_many_conversions', `from, to: more than ${mostRecords} conversions; compare a shorter period`);
  } while (after !== undefined);
  return found;
}

type Listed = NonNullable<Awaited<ReturnType<RecordDependencies['conversions']['find']>>>;

/** Returns `undefined` for a held postback that was set aside: it is none of our records any more. */
function ourRecord(listed: Listed): OurRecord | undefined {
  if (listed.kind === 'conversion') return recordOf(listed.conversion);
  const { held } = listed;
  if (held.status !== 'held') return undefined;
  const { conversion_id, event, code, log_id, transaction_id, currency } = held;
  return {
    conversion_id,
    click_id: held.click?.click_id,
    event,
    transactions: new Set(transaction_id === undefined ? [] : [transaction_id]),
    perTransaction: false,
    stated: { status: 'held', amount: undefined, currency },
    statements: [],
    code,
    log_id,
    listed_at: log_id,
  };
}

/** Adds the conversions of rows that match nothing in the period: by their clicks and, as far as the time allows, by their transactions. */
async function withElsewhere(
  records: RecordDependencies,
  { partner, until }: ComparedFile,
  known: readonly OurRecord[],
  alone: readonly TheirRow[],
): Promise<readonly OurRecord[]> {
  const { conversions, taking } = records;
  const { partner_id } = partner;
  const found = new Map(known.map((record) => [record.conversion_id, record]));
  const add = (listed: readonly Listed[]): void => {
    for (const record of listed.filter((one) => partnerOf(one) === partner_id).flatMap((one) => ourRecord(one) ?? []))
      if (!found.has(record.conversion_id)) found.set(record.conversion_id, record);
  };
  add([...(await conversions.findAll([...new Set(alone.flatMap((row) => placesOf(row, taking.fingerprint)))])).values()]);
  const clicks = new Set([...found.values()].map(({ click_id }) => click_id));
  const named = new Set([...found.values()].flatMap(({ transactions }) => [...transactions]));
  const open = alone.filter((row) => !clicks.has(clickOf(row)) && !namesOf(row).some((name) => named.has(name))).slice(0, mostLookedUp);
  const isLate = (): boolean => records.now().getTime() > until;
  await inTurns(
    open,
    async (row) => {
      const click = clickOf(row);
      if (isLate()) return;
      if (click !== undefined) add((await taking.journal.ofClick(click)).map((conversion) => ({ kind: 'conversion', conversion })));
      for (const transaction of namesOf(row)) {
        if (isLate()) return;
        const quoted = { transaction, partners: [partner_id] };
        add((await conversions.list({ partner: partner_id, quoted }, pageSize, undefined)).listed);
      }
    },
    mostAtOnce,
  );
  return [...found.values()];
}

function partnerOf(listed: Listed): string {
  return listed.kind === 'held' ? listed.held.partner_id : listed.conversion.partner_id;
}

function namesOf({ says }: TheirRow): readonly string[] {
  return [says.originalTransactionId, says.transactionId].filter((name) => name !== undefined);
}

/** Ids that the conversion of a row may have, if the row names its click. */
function placesOf(row: TheirRow, digest: (text: string) => string): readonly string[] {
  const click = clickOf(row);
  if (click === undefined) return [];
  const { event } = row.says;
  const transactions = [undefined, ...namesOf(row).map((name) => boundedId(name, digest))];
  return transactions.map((transaction_id) => conversionIdAt(click, { event, transaction_id }, digest));
}

function clickOf({ says }: TheirRow): string | undefined {
  return says.clickId?.toUpperCase();
}

/** Whether a record of ours is missing in the file. A file that never mentions rejected or reversed payments is not missing any of them. */
function isMissed({ stated: { status, owed } }: OurRecord, spoken: ReadonlySet<TheirRow['says']['status']>): boolean {
  if (status === 'held' || status === 'test' || status === undefined) return false;
  return owed?.gt(0) === true || status === 'approved' || spoken.has(status);
}

/** Whether a record lies near an end of the period. An end that is still in the future has no payments after it, so it does not count. */
function isNearEdge({ listed_at }: OurRecord, { from, to }: ComparedFile, now: Date): boolean {
  const at = decodeTime(listed_at);
  const end = decodeTime(to);
  return at - decodeTime(from) < edgeMs || (end < now.getTime() && end - at < edgeMs);
}

/** What the partner sent in the period and three days around it, which includes late, early and refused postbacks. */
function outlinesAround({ logs }: RecordDependencies, { partner, from, to }: ComparedFile): Promise<readonly LogOutline[]> {
  const early = encodeTime(Math.max(0, decodeTime(from) - 3 * dayMs), 10);
  const late = encodeTime(decodeTime(to) + 3 * dayMs, 10);
  return logs.outlines(partner.partner_id, early, `${late}~`, mostOutlines);
}

/** Finds the log entries that name a row's transaction, or else those that name its click. */
function outlineIndex(outlines: readonly LogOutline[]): (row: TheirRow) => readonly LogOutline[] {
  const byTransaction = Map.groupBy(outlines, ({ transaction_id }) => transaction_id);
  const byClick = Map.groupBy(outlines, ({ click_id }) => click_id?.toUpperCase());
  return (row) => {
    const { transactionId } = row.says;
    const click = clickOf(row);
    const named = transactionId === undefined ? [] : (byTransaction.get(transactionId) ?? []);
    const ofClick = click === undefined ? [] : (byClick.get(click) ?? []);
    return [
      ...new Set([
        ...named,
        ...ofClick.filter(
          ({ transaction_id }) => transaction_id === undefined || transaction_id === transactionId || transactionId === undefined,
        ),
      ]),
    ];
  };
}
