import {
  CreateBackupCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';

export interface Restoration {
  /** The table's name. It stays the same, since the stack and the functions know the table by it. */
  readonly table: string;
  readonly to: Date;
  /** Prints what is being done. */
  readonly say: (line: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const pollMs = 15_000;

/**
 * Restores a table to a second of the last 35 days, under its own name. DynamoDB restores a point in time only into a new table, and a
 * backup only under a name that is free. So this restores the point in time into a second table, backs that up, and restores the backup in
 * the table's place. Nothing may write to the table meanwhile. The table's previous state is kept in a backup too.
 *
 * If it is interrupted, either the table is untouched or both backups exist (`aws dynamodb list-backups`).
 *
 * @throws whatever DynamoDB refuses.
 */
export async function restoreTable(client: DynamoDBClient, { table, to, say, sleep }: Restoration): Promise<void> {
  const until = async (what: string, done: () => Promise<boolean>): Promise<void> => {
    say(`waiting: ${what}`);
    while (!(await done())) await sleep(pollMs);
  };
  const describe = async (name: string) => (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  const isActive = async (name: string) => {
    const found = await describe(name);
    return found?.TableStatus === 'ACTIVE' && (found.GlobalSecondaryIndexes ?? []).every(({ IndexStatus }) => IndexStatus === 'ACTIVE');
  };
  const backUp = async (name: string, BackupName: string): Promise<string> => {
    const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName: name, BackupName }));
    const BackupArn = BackupDetails?.BackupArn ?? '';
    await until(`backup ${BackupName}`, async () => {
      const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn }));
      return BackupDescription?.BackupDetails?.BackupStatus === 'AVAILABLE';
    });
    return BackupArn;
  };

  const before = await describe(table);
  const { TimeToLiveDescription: expiry } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const { Tags = [] } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: before?.TableArn }));
  const mark = to.toISOString().replaceAll(/[:.]/g, '-');
  const beside = `${table.slice(0, 200)}-at-${mark}`;

  await client.send(new RestoreTableToPointInTimeCommand({ SourceTableName: table, TargetTableName: beside, RestoreDateTime: to }));
  await until(`${beside} is being restored`, () => isActive(beside));
  const restored = await backUp(beside, beside);
  const replaced = await backUp(table, `${table.slice(0, 200)}-replaced`);
  say(`the table's previous state is in the backup ${replaced}`);

  if (before?.DeletionProtectionEnabled) await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
  await until('the old table becomes ready to be deleted', () => isActive(table));
  await client.send(new DeleteTableCommand({ TableName: table }));
  await until('the old table is being deleted', async () => !(await exists(client, table)));
  await client.send(new RestoreTableFromBackupCommand({ TargetTableName: table, BackupArn: restored }));
  await until(`${table} is being restored`, () => isActive(table));

  // A backup contains none of these settings.
  await client.send(
    new UpdateContinuousBackupsCommand({ TableName: table, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
  );
  if (expiry?.TimeToLiveStatus === 'ENABLED')
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { AttributeName: expiry.AttributeName, Enabled: true },
      }),
    );
  if (before?.DeletionProtectionEnabled) await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: true }));
  const own = Tags.filter(({ Key = '' }) => !Key.startsWith('aws:'));
  if (own.length > 0) await client.send(new TagResourceCommand({ ResourceArn: before?.TableArn, Tags: own }));
  await client.send(new DeleteTableCommand({ TableName: beside }));
  say(`${table} is restored to its state at ${to.toISOString()}`);
}

async function exists(client: DynamoDBClient, table: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}
