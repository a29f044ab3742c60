import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Account, LedgerEntry } from '../../domain/ledger.ts';
import { accountKey, ledgerRow } from './ledger-row.ts';

export interface LedgerReader {
  /**
   * Entries of an account, newest first; the newest entry of all contains the balance. Consistent read.
   *
   * @param before only entries with a lower number.
   */
  entries(account: Account, limit: number, before: number | undefined): Promise<readonly LedgerEntry[]>;
  /**
   * Entries of one conversion, oldest first.
   *
   * @param since ISO 8601; no entry of the conversion is older.
   * @param most the number of entries at most: reading stops when so many are found.
   */
  ofConversion(account: Account, conversionId: string, since: string, most: number): Promise<readonly LedgerEntry[]>;
}

const rows = z.array(ledgerRow);
/** The most entries that are read for one conversion, so that a user with a very long history does not delay the answer. */
const mostLookedAt = 20_000;
const pageSize = 1_000;

export function createLedgerReader(client: DynamoDBDocumentClient, table: string): LedgerReader {
  const read = async (account: Account, limit: number, before: number | undefined): Promise<readonly LedgerEntry[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `#account = :account${before === undefined ? '' : ' AND entry < :before'}`,
        ExpressionAttributeNames: { '#account': 'account' },
        ExpressionAttributeValues: { ':account': accountKey(account), ...(before === undefined ? {} : { ':before': before }) },
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      }),
    );
    return z.parse(rows, Items);
  };
  return {
    entries: read,
    async ofConversion(account, conversionId, since, most) {
      const found: LedgerEntry[] = [];
      let before: number | undefined;
      for (let lookedAt = 0; lookedAt < mostLookedAt && found.length < most; ) {
        const page = await read(account, pageSize, before);
        found.push(...page.filter(({ conversion_id }) => conversion_id === conversionId));
        const last = page.at(-1);
        // Numbers and times increase together, except where clocks differ a little.
        if (last === undefined || Date.parse(last.at) < Date.parse(since) - clockSkewMs) break;
        before = last.entry;
        lookedAt += page.length;
      }
      return found.reverse();
    },
  };
}

const clockSkewMs = 600_000;

/** The most entries that are read to count a user's conversions; a user with more has very many. */
const mostCounted = 1_000;

/**
 * The number of conversions of an account that were credited since a time (ISO 8601), including those taken back. It counts only among the
 * entries that are read.
 */
export function createPaidCounter(client: DynamoDBDocumentClient, table: string): (account: Account, since: string) => Promise<number> {
  return async (account, since) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#account = :account',
        ProjectionExpression: '#status, #at, conversion_id',
        ExpressionAttributeNames: { '#account': 'account', '#status': 'status', '#at': 'at' },
        ExpressionAttributeValues: { ':account': accountKey(account) },
        ScanIndexForward: false,
        Limit: mostCounted,
      }),
    );
    const entries = z.parse(credits, Items).filter(({ status, at }) => status === 'approved' && at >= since);
    return new Set(entries.map(({ conversion_id }) => conversion_id)).size;
  };
}

const credits = z.array(z.object({ status: z.string(), at: z.string(), conversion_id: z.string() }));
