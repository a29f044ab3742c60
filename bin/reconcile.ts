#!/usr/bin/env node
/**
 * Compares the postback log, the conversions, the ledger, the balances and the deliveries, and prints every gap.
 *
 * `FROM` and `TO` (ISO 8601) bound the time of receipt; without them everything is compared, an hour's records at a time.
 * The tables are those of `npm start` (`DATA_DIR`), of `DYNAMODB_ENDPOINT`, or of a deployment: then `AWS_REGION` and the
 * names of its tables (`POSTBACKS_TABLE`, `CONVERSIONS_TABLE`, `LEDGER_TABLE`, `DELIVERIES_TABLE`) say where they are.
 *
 * Exits with 1 when there is a gap.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { encodeTime } from 'ulid';
import * as z from 'zod';
import { createRecordsReader, type RecordTables } from '../functions/adapters/dynamo/records-reader.ts';
import { reconcile } from '../functions/domain/reconcile.ts';
import { gapKinds } from '../functions/domain/reconciling/gap.ts';
import { openLocalTables } from '../lib/local/open-tables.ts';

const time = z.iso.datetime({ offset: true }).or(z.iso.date());
const environment = z.object({
  FROM: time.optional(),
  TO: time.optional(),
  /** Work may be unfinished for this long. */
  GRACE_SECONDS: z.coerce.number().int().min(0).default(900),
  DATA_DIR: z.string().min(1).default('.local'),
  DYNAMODB_ENDPOINT: z.url().optional(),
  POSTBACKS_TABLE: z.string().optional(),
  CONVERSIONS_TABLE: z.string().optional(),
  LEDGER_TABLE: z.string().optional(),
  DELIVERIES_TABLE: z.string().optional(),
});

/** Ids of one time: ULIDs sort by their time, and every one begins with it. */
const firstId = (ms: number) => encodeTime(ms, 10);
const lastId = (ms: number) => `${encodeTime(ms, 10)}~`;

const hourMs = 3_600_000;
const { FROM, TO, GRACE_SECONDS, ...where } = environment.parse(process.env);
const { client, tables, close } = await open();
try {
  process.exitCode = (await compare(client, tables)) === 0 ? 0 : 1;
} finally {
  await close();
}

async function open(): Promise<{ client: DynamoDBDocumentClient; tables: RecordTables; close: () => Promise<void> }> {
  const { POSTBACKS_TABLE: postbacks, CONVERSIONS_TABLE: conversions, LEDGER_TABLE: ledger, DELIVERIES_TABLE: deliveries } = where;
  const options = { unmarshallOptions: { wrapNumbers: true } };
  if (postbacks !== undefined && conversions !== undefined && ledger !== undefined && deliveries !== undefined) {
    const deployed = new DynamoDBClient({});
    const document = DynamoDBDocumentClient.from(deployed, options);
    return { client: document, tables: { postbacks, conversions, ledger, deliveries }, close: async () => deployed.destroy() };
  }
  const local = await openLocalTables(where.DATA_DIR, where.DYNAMODB_ENDPOINT);
  const table = (id: string) => local.names.get(id) ?? id;
  const names = {
    postbacks: table('Postbacks'),
    conversions: table('Conversions'),
    ledger: table('Ledger'),
    deliveries: table('Deliveries'),
  };
  return { client: DynamoDBDocumentClient.from(local.client, options), tables: names, close: local.close };
}

/** @returns how many gaps there are. */
async function compare(client: DynamoDBDocumentClient, tables: RecordTables): Promise<number> {
  const reader = createRecordsReader(client, tables);
  const now = Date.now();
  const stretches =
    FROM === undefined && TO === undefined
      ? [{ from: '0', to: '~' }]
      : hours(Date.parse(FROM ?? '2020-01-01'), Math.min(now, Date.parse(TO ?? '2100-01-01')));
  const seen = { log: 0, conversions: 0, accounts: 0, deliveries: 0 };
  let gaps = 0;
  for (const stretch of stretches) {
    const records = await reader.read(stretch);
    for (const gap of reconcile(records, { now, graceMs: GRACE_SECONDS * 1_000, whole: stretches.length === 1 && FROM === undefined })) {
      gaps += 1;
      console.log(`${gap.kind}\t${gap.about}\t${gap.detail}\t(${gapKinds[gap.kind]})`);
    }
    seen.log += records.log.length;
    seen.conversions += records.conversions.length;
    seen.accounts += records.accounts.length;
    seen.deliveries += records.deliveries.length;
  }
  console.log(
    `${seen.log} log entries, ${seen.conversions} conversions, ${seen.accounts} balances and ${seen.deliveries} deliveries compared: ${gaps} gaps`,
  );
  return gaps;
}

function hours(from: number, to: number): { from: string; to: string }[] {
  return Array.from({ length: Math.max(1, Math.ceil((to - from) / hourMs)) }, (_, hour) => ({
    from: firstId(from + hour * hourMs),
    to: lastId(Math.min(to, from + (hour + 1) * hourMs - 1)),
  }));
}
