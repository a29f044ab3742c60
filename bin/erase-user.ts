#!/usr/bin/env node
/**
 * Removes a user's personal data and keeps the money (docs/security.md):
 * `npm run erase-user -- --stage production --publisher <id> --user <id>`, with an operator's AWS credentials. Without `--stage` it works
 * on the tables of `npm start`.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { eraseUser, longestInvocationMs } from '../functions/adapters/dynamo/erase-user.ts';
import { newId } from '../functions/adapters/ids.ts';
import { publisherId } from '../functions/runtime/ids.ts';
import { openTables } from '../lib/operators/tables.ts';

const usage = 'npm run erase-user -- [--stage <stage>] --publisher <publisher id> --user <user id> [--pause <seconds>]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      publisher: { type: 'string' },
      user: { type: 'string' },
      pause: { type: 'string', default: String(longestInvocationMs / 1_000) },
    },
  });
  const seconds = Number(values.pause);
  if (values.publisher === undefined || values.user === undefined || !(seconds >= 0)) throw new Error(usage);
  const { client, table, close } = await openTables(values.stage, process.env);
  try {
    const erased = await eraseUser(
      DynamoDBDocumentClient.from(client, {
        marshallOptions: { removeUndefinedValues: true },
        unmarshallOptions: { wrapNumbers: true },
      }),
      {
        clicks: table('Clicks'),
        conversions: table('Conversions'),
        postbacks: table('Postbacks'),
        deliveries: table('Deliveries'),
        ledger: table('Ledger'),
      },
      { publisher: publisherId.parse(values.publisher), user: values.user },
      `erased-${newId().toLowerCase()}`,
      async () => {
        // Nothing else runs on the tables of a laptop, which were opened for this command alone.
        if (values.stage === undefined || seconds === 0) return;
        console.error(
          `The rows that name this person have a pseudonym. In ${seconds} s, when no function can still have read the old ones, it looks again.`,
        );
        await setTimeout(seconds * 1_000);
      },
    );
    console.log(JSON.stringify(erased, undefined, 2));
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
