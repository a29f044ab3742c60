#!/usr/bin/env node
/**
 * Takes a user out of the data and leaves the money (docs/security.md):
 * `npm run erase-user -- --stage production --publisher <id> --user <id>`, with an operator's AWS credentials and `AWS_REGION`.
 */
import { parseArgs } from 'node:util';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { createDocumentClient } from '../functions/adapters/dynamo/client.ts';
import { eraseUser } from '../functions/adapters/dynamo/erase-user.ts';
import { newId } from '../functions/adapters/ids.ts';
import { publisherId } from '../functions/runtime/ids.ts';

const usage = 'npm run erase-user -- --stage <stage> --publisher <publisher id> --user <user id>';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { stage: { type: 'string' }, publisher: { type: 'string' }, user: { type: 'string' } } });
  if (values.stage === undefined || values.publisher === undefined || values.user === undefined) throw new Error(usage);
  const names = await tableNames(values.stage);
  const table = (part: string): string => {
    // CloudFormation puts a suffix behind the logical id; a local run has none.
    const found = names.filter((name) => new RegExp(`(^|-)${part}Table`).test(name));
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} tables look like ${part} of ${values.stage}`);
    return found[0];
  };
  const erased = await eraseUser(
    createDocumentClient(),
    {
      clicks: table('Clicks'),
      conversions: table('Conversions'),
      postbacks: table('Postbacks'),
      deliveries: table('Deliveries'),
      ledger: table('Ledger'),
    },
    { publisher: publisherId.parse(values.publisher), user: values.user },
    `erased-${newId().toLowerCase()}`,
  );
  console.log(JSON.stringify(erased, undefined, 2));
}

/** The stage's tables; without any of that stage, those of a local run, whose names have no prefix. */
async function tableNames(stage: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client: new DynamoDBClient({}) }, {})) all.push(...TableNames);
  const ofStage = all.filter((name) => name.startsWith(`postback-${stage}-data-`));
  return ofStage.length > 0 ? ofStage : all.filter((name) => !name.startsWith('postback-'));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
