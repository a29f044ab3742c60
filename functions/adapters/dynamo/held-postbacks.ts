import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LogEntry } from '../../domain/log-entry.ts';
import { unchangedSince } from './journal.ts';
import { logItem } from './log-row.ts';
import { commit, type Write } from './transactions.ts';

export interface HeldPostbacks {
  /**
   * Sets a held postback aside: it stays in the lists as rejected and changes no conversion.
   *
   * @param entry its log entry from now on.
   * @param rememberedBy the conversion that would book it once its original comes.
   * @returns `false` when somebody else has dealt with it since it was read; nothing was written.
   */
  dismiss(heldId: string, previous: LogEntry, entry: LogEntry, rememberedBy: string | undefined, also: readonly Write[]): Promise<boolean>;
}

export interface HeldTables {
  readonly postbacks: string;
  readonly conversions: string;
}

export function createHeldPostbacks(client: DynamoDBDocumentClient, tables: HeldTables): HeldPostbacks {
  return {
    async dismiss(heldId, previous, entry, rememberedBy, also) {
      const forget: Write[] =
        rememberedBy === undefined
          ? []
          : [
              {
                Update: {
                  TableName: tables.conversions,
                  Key: { conversion_id: rememberedBy },
                  ConditionExpression: 'early_reversal.held_as = :held',
                  UpdateExpression: 'REMOVE early_reversal',
                  ExpressionAttributeValues: { ':held': heldId },
                },
              },
            ];
      const done = await commit(client, [
        { Put: { TableName: tables.postbacks, Item: logItem(entry), ...unchangedSince(previous) } },
        {
          Update: {
            TableName: tables.conversions,
            Key: { conversion_id: heldId },
            // The row was read before its log entry: somebody may have set it aside in between.
            ConditionExpression: '#status = :held',
            UpdateExpression: 'SET #status = :rejected',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':held': 'held', ':rejected': 'rejected' },
          },
        },
        ...forget,
        ...also,
      ]);
      return done.committed;
    },
  };
}
