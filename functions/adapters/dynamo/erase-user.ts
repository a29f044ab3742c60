import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Account, chain } from '../../domain/ledger.ts';
import { zero } from '../../domain/money.ts';
import { shardOf } from '../../domain/shards.ts';
import { deliveryKey } from './delivery-row.ts';
import { toItem } from './item.ts';
import { accountKey, ledgerRow, linkRow } from './ledger-row.ts';
import { commit } from './transactions.ts';

export interface ErasureTables {
  readonly clicks: string;
  readonly conversions: string;
  readonly postbacks: string;
  readonly deliveries: string;
  readonly ledger: string;
}

/** How many rows were changed. */
export interface Erased {
  readonly pseudonym: string;
  readonly clicks: number;
  readonly conversions: number;
  readonly postbacks: number;
  readonly deliveries: number;
  readonly entries: number;
  /** Decimal text; the same before and after. */
  readonly balance: string;
}

/** Entries moved at once: each is written and deleted, and a transaction holds 100 writes. */
const mostEntries = 40;
const mostTries = 50;

const identified = z.object({ click_id: z.optional(z.string()), conversion_id: z.optional(z.string()), log_id: z.optional(z.string()) });
const settled = z.object({
  settlements: z.optional(z.array(z.object({ deliveries: z.optional(z.array(z.object({ delivery_id: z.string() }))) }))),
});

/**
 * Takes a person out of the data and leaves the money: rows keep their amounts, statuses and ids under a pseudonym that leads to
 * nobody. The points move, entry by entry, to the pseudonym's account, so sums and balances stay what they were; a reversal that comes
 * later takes from there. Running it again finishes what was interrupted.
 *
 * It reads whole tables, which functions must not: it runs with an operator's rights, not with theirs.
 *
 * @param pseudonym a new name that tells nothing.
 */
export async function eraseUser(
  client: DynamoDBDocumentClient,
  tables: ErasureTables,
  account: Account,
  pseudonym: string,
): Promise<Erased> {
  const renamed = { publisher: account.publisher, user: pseudonym };
  const isTheirs = {
    FilterExpression: 'publisher_id = :publisher AND user_id = :user',
    ExpressionAttributeValues: { ':publisher': account.publisher, ':user': account.user },
  };
  const clicks = await scan(client, tables.clicks, isTheirs);
  const conversions = await scan(client, tables.conversions, isTheirs);
  // The ledger first: from the moment a conversion carries the pseudonym, new entries go to the pseudonym's account.
  let entries = await moveEntries(client, tables.ledger, account, renamed);
  const clickIds = new Set(clicks.flatMap(({ click_id }) => click_id ?? []));
  const conversionIds = new Set(conversions.flatMap(({ conversion_id }) => conversion_id ?? []));

  const postbacks = (await scan(client, tables.postbacks, {})).filter(
    ({ click_id = '', conversion_id = '' }) => clickIds.has(click_id) || conversionIds.has(conversion_id),
  );
  for (const { log_id } of postbacks) if (log_id !== undefined) await eraseLogEntry(client, tables.postbacks, log_id);
  let deliveries = 0;
  for (const id of conversionIds) {
    deliveries += await eraseDeliveries(client, tables, id);
    await eraseConversion(client, tables.conversions, id, pseudonym);
  }
  for (const id of clickIds) await eraseClick(client, tables.clicks, id, pseudonym);
  entries += await moveEntries(client, tables.ledger, account, renamed);
  const { balance } = await tailOf(client, tables.ledger, renamed);
  return {
    pseudonym,
    clicks: clickIds.size,
    conversions: conversionIds.size,
    postbacks: postbacks.length,
    deliveries,
    entries,
    balance: balance.toFixed(),
  };
}

async function scan(client: DynamoDBDocumentClient, table: string, filter: object): Promise<z.output<typeof identified>[]> {
  const found: z.output<typeof identified>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: table,
        ...filter,
        ProjectionExpression: 'click_id, conversion_id, log_id',
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    found.push(...Items.map((item) => z.parse(identified, item)));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return found;
}

async function tailOf(client: DynamoDBDocumentClient, ledger: string, account: Account) {
  const { Items = [] } = await client.send(new QueryCommand({ ...ofAccount(ledger, account), ScanIndexForward: false, Limit: 1 }));
  return Items[0] === undefined ? { entry: 0, balance: zero } : z.parse(linkRow, Items[0]);
}

function ofAccount(ledger: string, account: Account) {
  return {
    TableName: ledger,
    KeyConditionExpression: '#account = :account',
    ExpressionAttributeNames: { '#account': 'account' },
    ExpressionAttributeValues: { ':account': accountKey(account) },
    ConsistentRead: true,
  };
}

/** Oldest first, appended to the chain of the other account: no entry is lost or counted twice, whatever is settled meanwhile. */
async function moveEntries(client: DynamoDBDocumentClient, ledger: string, from: Account, to: Account): Promise<number> {
  let moved = 0;
  for (let tried = 0; tried < mostTries; ) {
    const { Items = [] } = await client.send(new QueryCommand({ ...ofAccount(ledger, from), Limit: mostEntries }));
    if (Items.length === 0) return moved;
    const oldest = Items.map((item) => z.parse(ledgerRow, item));
    const appended = chain(await tailOf(client, ledger, to), oldest);
    const done = await commit(client, [
      ...appended.map((entry) => ({
        Put: { TableName: ledger, Item: { ...toItem(entry), account: accountKey(to) }, ConditionExpression: 'attribute_not_exists(entry)' },
      })),
      ...oldest.map(({ entry }) => ({
        Delete: { TableName: ledger, Key: { account: accountKey(from), entry }, ConditionExpression: 'attribute_exists(entry)' },
      })),
    ]);
    if (done.committed) moved += oldest.length;
    else tried += 1;
  }
  throw new Error('the account kept changing while it was moved: run it again');
}

async function eraseLogEntry(client: DynamoDBDocumentClient, table: string, logId: string): Promise<void> {
  await client.send(
    new UpdateCommand({
      TableName: table,
      Key: { shard: shardOf(logId), log_id: logId },
      ConditionExpression: 'attribute_exists(log_id)',
      UpdateExpression:
        'SET #raw.#query = :erased, #raw.headers = :nothing, #raw.source_address = :erased, custom_data = :nothing REMOVE #raw.body',
      ExpressionAttributeNames: { '#raw': 'raw', '#query': 'query' },
      ExpressionAttributeValues: { ':erased': 'erased', ':nothing': {} },
    }),
  );
}

async function eraseDeliveries(
  client: DynamoDBDocumentClient,
  { conversions, deliveries }: ErasureTables,
  conversionId: string,
): Promise<number> {
  const { Item } = await client.send(
    new GetCommand({ TableName: conversions, Key: { conversion_id: conversionId }, ConsistentRead: true }),
  );
  const ids = (z.parse(settled, Item ?? {}).settlements ?? []).flatMap(({ deliveries = [] }) =>
    deliveries.map(({ delivery_id }) => delivery_id),
  );
  for (const id of ids) {
    const { Item: row } = await client.send(new GetCommand({ TableName: deliveries, Key: deliveryKey(id), ConsistentRead: true }));
    const { attempts } = z.parse(z.object({ attempts: z.optional(z.array(z.record(z.string(), z.unknown()))) }), row ?? {});
    if (attempts === undefined) continue;
    await client.send(
      new UpdateCommand({
        TableName: deliveries,
        Key: deliveryKey(id),
        UpdateExpression: 'SET attempts = :attempts',
        ExpressionAttributeValues: {
          ':attempts': attempts.map(({ url, answer: _, ...attempt }) => ({ ...attempt, url: String(url).split('?')[0] })),
        },
      }),
    );
  }
  return ids.length;
}

async function eraseConversion(client: DynamoDBDocumentClient, table: string, id: string, pseudonym: string): Promise<void> {
  const key = { conversion_id: id };
  for (let tried = 0; tried < mostTries; tried += 1) {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
    const { steps } = z.parse(z.object({ steps: z.optional(z.array(z.record(z.string(), z.unknown()))) }), Item ?? {});
    const plain = steps?.map(({ ip: _ip, country: _country, device_id: _device, ...step }) => step);
    const { committed } = await commit(client, [
      {
        Update: {
          TableName: table,
          Key: key,
          // A step that came in between would be lost.
          ConditionExpression: plain === undefined ? 'attribute_not_exists(steps)' : 'size(steps) = :count',
          UpdateExpression: `SET user_id = :pseudonym, click = :nothing${plain === undefined ? '' : ', steps = :steps'}`,
          ExpressionAttributeValues: {
            ':pseudonym': pseudonym,
            ':nothing': {},
            ...(plain === undefined ? {} : { ':count': plain.length, ':steps': plain }),
          },
        },
      },
    ]);
    if (committed) return;
  }
  throw new Error(`${id} kept changing: run it again`);
}

async function eraseClick(client: DynamoDBDocumentClient, table: string, id: string, pseudonym: string): Promise<void> {
  await client.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Update: {
            TableName: table,
            Key: { click_id: id },
            ConditionExpression: 'attribute_exists(click_id)',
            UpdateExpression: 'SET user_id = :pseudonym, sub_ids = :nothing REMOVE username, ip, device_id, country',
            ExpressionAttributeValues: { ':pseudonym': pseudonym, ':nothing': {} },
          },
        },
      ],
    }),
  );
}
