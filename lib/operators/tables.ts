import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openLocalTables } from '../local/open-tables.ts';
import { deployedStage } from './deployed-stage.ts';

/** Tables for an operator's command. */
export interface OperatorTables {
  readonly client: DynamoDBClient;
  /** A table's name. @param part such as `Ledger`. @throws Error when there is no such table. */
  table(part: string): string;
  close(): Promise<void>;
}

/**
 * Opens the tables of a deployed stage or, when no stage is named, of a local run: those of `DATA_DIR` (default `.local`) or of
 * `DYNAMODB_ENDPOINT`.
 *
 * @throws Error when the stage is not deployed or the directory does not exist: the command never falls back to other tables.
 */
export async function openTables(stage: string | undefined, environment: NodeJS.ProcessEnv): Promise<OperatorTables> {
  if (stage !== undefined) {
    const { region, table } = await deployedStage(stage);
    const client = new DynamoDBClient({ region });
    return { client, table, close: async () => client.destroy() };
  }
  const { client, names, close } = await openLocalTables(
    environment['DATA_DIR'] || '.local',
    environment['DYNAMODB_ENDPOINT'] || undefined,
  );
  const table = (part: string): string => {
    const name = names.get(part);
    if (name === undefined) throw new Error(`there is no table ${part}; there are: ${[...names.keys()].join(', ')}`);
    return name;
  };
  return { client, table, close };
}
