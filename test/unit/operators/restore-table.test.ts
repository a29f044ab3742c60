import { type DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { restoreTable } from '../../../lib/operators/restore-table.ts';

interface Table {
  rows: string;
  protected: boolean;
  recoverable: boolean;
  expires: boolean;
  tags: string[];
  /** How often its status is read until it is active. */
  busy: number;
}

/** The part of DynamoDB that no emulator has: restores, backups and their rules. */
class ControlPlane {
  readonly tables = new Map<string, Table>();
  readonly backups = new Map<string, string>();

  async send(command: { constructor: { name: string }; input: Record<string, unknown> }): Promise<unknown> {
    const { input } = command;
    const name = String(input['TableName'] ?? input['TargetTableName'] ?? '');
    const found = (of: string): Table => {
      const table = this.tables.get(of);
      if (table === undefined) throw new ResourceNotFoundException({ message: `no ${of}`, $metadata: {} });
      return table;
    };
    const isFree = () => {
      if (this.tables.has(name)) throw new Error(`ResourceInUse: ${name}`);
    };
    switch (command.constructor.name.replace('Command', '')) {
      case 'DescribeTable': {
        const table = found(name);
        table.busy -= 1;
        const TableStatus = table.busy > 0 ? 'CREATING' : 'ACTIVE';
        return { Table: { TableStatus, TableArn: `arn:${name}`, DeletionProtectionEnabled: table.protected } };
      }
      case 'DescribeTimeToLive':
        return { TimeToLiveDescription: found(name).expires ? { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' } : {} };
      case 'ListTagsOfResource':
        return {
          Tags: [
            { Key: 'stage', Value: 'production' },
            { Key: 'aws:cloudformation:stack-name', Value: 'x' },
          ],
        };
      case 'RestoreTableToPointInTime':
        isFree();
        this.tables.set(name, { rows: 'good', protected: false, recoverable: false, expires: false, tags: [], busy: 2 });
        return {};
      case 'CreateBackup':
        this.backups.set(String(input['BackupName']), found(name).rows);
        return { BackupDetails: { BackupArn: input['BackupName'] } };
      case 'DescribeBackup':
        return { BackupDescription: { BackupDetails: { BackupStatus: 'AVAILABLE' } } };
      case 'DeleteTable':
        if (found(name).protected) throw new Error('deletion protection');
        this.tables.delete(name);
        return {};
      case 'RestoreTableFromBackup':
        isFree();
        this.tables.set(name, {
          rows: this.backups.get(String(input['BackupArn'])) ?? '',
          protected: false,
          recoverable: false,
          expires: false,
          tags: [],
          busy: 2,
        });
        return {};
      case 'UpdateTable':
        found(name).protected = input['DeletionProtectionEnabled'] === true;
        return {};
      case 'UpdateContinuousBackups':
        found(name).recoverable = true;
        return {};
      case 'UpdateTimeToLive':
        found(name).expires = true;
        return {};
      case 'TagResource':
        found(String(input['ResourceArn']).replace('arn:', '')).tags = (input['Tags'] as { Key: string }[]).map(({ Key }) => Key);
        return {};
      default:
        throw new Error(command.constructor.name);
    }
  }
}

test.each([true, false])(
  'a table is put back under its own name with all that a backup leaves out (protected: %s), and as it was it is kept',
  async (protect) => {
    const plane = new ControlPlane();
    plane.tables.set('Ledger', { rows: 'damaged', protected: protect, recoverable: true, expires: true, tags: ['stage'], busy: 0 });
    const said: string[] = [];
    await restoreTable(plane as unknown as DynamoDBClient, {
      table: 'Ledger',
      to: new Date('2026-11-26T10:00:00Z'),
      say: (line) => said.push(line),
      sleep: async () => undefined,
    });
    expect([...plane.tables.keys()]).toEqual(['Ledger']);
    expect(plane.tables.get('Ledger')).toMatchObject({
      rows: 'good',
      protected: protect,
      recoverable: true,
      expires: true,
      tags: ['stage'],
    });
    expect(plane.backups.get('Ledger-replaced')).toBe('damaged');
    expect(said.at(-1)).toBe('Ledger is restored to its state at 2026-11-26T10:00:00.000Z');
  },
);
