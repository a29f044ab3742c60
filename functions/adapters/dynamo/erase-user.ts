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
import { unlessChanged } from './conditions.ts';
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

const clickRow = z.object({ click_id: z.string() });
const conversionRow = z.object({
  conversion_id: z.string(),
  click_id: z.optional(z.string()),
  /** Of a postback that is held. */
  log_id: z.optional(z.string()),
  steps: z.optional(z.array(z.object({ log_id: z.string() }))),
});
const logKey = z.object({ log_id: z.string() });
const settled = z.object({ settlements: z.optional(z.array(z.object({ delivery_id: z.optional(z.string()) }))) });

/**
 * Takes a person out of the data and leaves the money: rows keep their amounts, statuses and ids under a pseudonym that leads to
 * nobody. The points move, entry by entry, to the pseudonym's account, so sums and balances stay what they were; a reversal that comes
 * later takes from there. Running it again finishes what was interrupted.
 *
 * Clicks and conversions are read page by page for this person's, which no index finds, and everything that belongs to them by key;
 * so it runs with an operator's rights, not with a function's, and in little memory however much is stored.
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
  const seenClicks = new Set<string>();
  const log = new Set<string>();
  let [clicks, conversions, deliveries] = [0, 0, 0];
  const eraseLogOf = async (click: string | undefined, named: readonly string[]): Promise<void> => {
    const indexed = click === undefined || seenClicks.has(click) ? [] : await logOf(client, tables.postbacks, click);
    if (click !== undefined) seenClicks.add(click);
    for (const id of [...named, ...indexed].filter((id) => !log.has(id))) {
      if (await eraseLogEntry(client, tables.postbacks, id)) log.add(id);
    }
  };
  // The ledger first: from the moment a conversion carries the pseudonym, new entries go to the pseudonym's account.
  let entries = await moveEntries(client, tables.ledger, account, renamed);
  for await (const item of rowsOf(client, tables.conversions, account)) {
    const { conversion_id: id, click_id, log_id, steps = [] } = z.parse(conversionRow, item);
    await eraseLogOf(click_id, [...steps.map((step) => step.log_id), ...(log_id === undefined ? [] : [log_id])]);
    deliveries += await eraseDeliveries(client, tables, id);
    await eraseConversion(client, tables.conversions, id, pseudonym);
    conversions += 1;
  }
  for await (const item of rowsOf(client, tables.clicks, account)) {
    const { click_id: id } = z.parse(clickRow, item);
    await eraseLogOf(id, []);
    await eraseClick(client, tables.clicks, id, pseudonym);
    clicks += 1;
  }
  entries += await moveEntries(client, tables.ledger, account, renamed);
  const { balance } = await tailOf(client, tables.ledger, renamed);
  return { pseudonym, clicks, conversions, postbacks: log.size, deliveries, entries, balance: balance.toFixed() };
}

/** A person's rows of a table without an index by person, a page at a time. */
async function* rowsOf(client: DynamoDBDocumentClient, table: string, { publisher, user }: Account): AsyncGenerator<unknown> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'publisher_id = :publisher AND user_id = :user',
        ExpressionAttributeValues: { ':publisher': publisher, ':user': user },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    yield* Items;
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** What the log has of a click but for the accepted postbacks that its conversion names. */
async function logOf(client: DynamoDBDocumentClient, table: string, click: string): Promise<string[]> {
  const ids: string[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'by-click',
        KeyConditionExpression: 'by_click = :click',
        ExpressionAttributeValues: { ':click': click },
        ExclusiveStartKey: start,
      }),
    );
    ids.push(...Items.map((item) => z.parse(logKey, item).log_id));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return ids;
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

/** @returns `false`: it has expired. */
async function eraseLogEntry(client: DynamoDBDocumentClient, table: string, logId: string): Promise<boolean> {
  return unlessChanged(() =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: { shard: shardOf(logId), log_id: logId },
        ConditionExpression: 'attribute_exists(log_id)',
        UpdateExpression:
          'SET #raw.#query = :erased, #raw.headers = :nothing, #raw.source_address = :erased, custom_data = :no_data REMOVE #raw.body',
        ExpressionAttributeNames: { '#raw': 'raw', '#query': 'query' },
        ExpressionAttributeValues: { ':erased': 'erased', ':nothing': {}, ':no_data': '{}' },
      }),
    ),
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
  const ids = (z.parse(settled, Item ?? {}).settlements ?? []).flatMap(({ delivery_id }) => delivery_id ?? []);
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
