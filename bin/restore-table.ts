#!/usr/bin/env node
/**
 * Restores tables of a stage to a second of the last 35 days, under their own names (docs/runbooks.md#restore-from-backup):
 * `npm run restore-table -- --stage production --tables Conversions,Ledger,Deliveries,Postbacks --to 2026-11-26T10:00:00Z
 * --writes-are-stopped`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { deployedStage } from '../lib/operators/deployed-stage.ts';
import { restoreTable } from '../lib/operators/restore-table.ts';

const usage = 'npm run restore-table -- --stage <stage> --tables <Ledger,…> --to <ISO 8601, with a zone> --writes-are-stopped';
const options = z.object({
  stage: z.string(),
  tables: z.string().transform((names) => names.split(',')),
  to: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  'writes-are-stopped': z.literal(true),
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      tables: { type: 'string' },
      to: { type: 'string' },
      'writes-are-stopped': { type: 'boolean' },
    },
  });
  const read = options.safeParse(values);
  if (!read.success) throw new Error(`${z.prettifyError(read.error)}\n${usage}`);
  const { stage, tables, to } = read.data;
  const deployed = await deployedStage(stage);
  // All names are looked up first, so that a wrong one stops the command before it has changed any table.
  const names = tables.map((part) => deployed.table(part));
  const client = new DynamoDBClient({ region: deployed.region });
  const results = await Promise.allSettled(
    names.map((table) => restoreTable(client, { table, to, sleep, say: (line) => console.log(`${table}: ${line}`) })),
  );
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
