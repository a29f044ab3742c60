#!/usr/bin/env node
/**
 * Compares the postback log, the conversions, the ledger, the balances and the deliveries, and prints every gap.
 *
 * `FROM` and `TO` (ISO 8601; `TO` defaults to now) bound the time of receipt, and the records are compared one hour at a time. Without them
 * everything is compared at once in memory, which suits a laptop or a test stage.
 * With `--stage` the tables are those of a deployed stage (`npm run reconcile -- --stage production`; the credentials must be allowed to
 * read the tables and the stack's outputs). Otherwise they are those of `npm start` (`DATA_DIR`) or of `DYNAMODB_ENDPOINT`.
 *
 * Exits with 1 when there is a gap, and with 2 when it could not compare.
 */
import { parseArgs } from 'node:util';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { createRecordsReader, type RecordTables, type Stretch } from '../functions/adapters/dynamo/records-reader.ts';
import { findGaps } from '../functions/domain/reconciling/find-gaps.ts';
import { gapKinds } from '../functions/domain/reconciling/gap.ts';
import { openTables } from '../lib/operators/tables.ts';

const time = z.iso.datetime({ offset: true }).or(z.iso.date());
const environment = z
  .object({
    FROM: time.optional(),
    TO: time.optional(),
    /** Seconds for which work may be unfinished without being a gap. */
    GRACE_SECONDS: z.coerce.number().int().min(0).default(900),
  })
  .refine(({ FROM, TO }) => FROM !== undefined || TO === undefined, 'TO needs a FROM');

const hourMs = 3_600_000;
const read = environment.safeParse(process.env);
if (!read.success) {
  console.error(z.prettifyError(read.error));
  process.exit(2);
}
const { FROM, TO, GRACE_SECONDS } = read.data;
try {
  const { client, tables, close } = await open();
  try {
    process.exitCode = (await compare(client, tables)) === 0 ? 0 : 1;
  } finally {
    await close();
  }
} catch (error) {
  console.error(`Not compared: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}

async function open(): Promise<{ client: DynamoDBDocumentClient; tables: RecordTables; close: () => Promise<void> }> {
  const { stage } = parseArgs({ options: { stage: { type: 'string' } } }).values;
  const { client, table, close } = await openTables(stage, process.env);
  const tables = {
    postbacks: table('Postbacks'),
    conversions: table('Conversions'),
    ledger: table('Ledger'),
    deliveries: table('Deliveries'),
  };
  return { client: DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } }), tables, close };
}

/** @returns the number of gaps. */
async function compare(client: DynamoDBDocumentClient, tables: RecordTables): Promise<number> {
  const reader = createRecordsReader(client, tables);
  const now = Date.now();
  const stretches: Stretch[] = FROM === undefined ? [{}] : hours(Date.parse(FROM), TO === undefined ? now : Math.min(now, Date.parse(TO)));
  const seen = { log: 0, conversions: 0, accounts: 0, deliveries: 0 };
  let gaps = 0;
  for (const [index, stretch] of stretches.entries()) {
    const options = { now, graceMs: GRACE_SECONDS * 1_000, whole: FROM === undefined };
    const { records, gaps: found } = await findGaps(() => reader.read(stretch), options);
    gaps += found.length;
    for (const gap of found) {
      console.log(`${gap.kind}\t${gap.about}\t${gap.detail}\t(${gapKinds[gap.kind]})`);
    }
    seen.log += records.log.length;
    seen.conversions += records.conversions.length;
    seen.accounts += records.accounts.length;
    seen.deliveries += records.deliveries.length;
    if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${stretches.length} hours, ${gaps} gaps`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  console.log(
    `${seen.log} log entries, ${seen.conversions} conversions, ${seen.accounts} balances and ${seen.deliveries} deliveries compared: ${gaps} gaps`,
  );
  return gaps;
}

function hours(from: number, to: number): Stretch[] {
  return Array.from({ length: Math.max(1, Math.ceil((to - from) / hourMs)) }, (_, hour) => ({
    from: from + hour * hourMs,
    to: Math.min(to, from + (hour + 1) * hourMs - 1),
  }));
}
