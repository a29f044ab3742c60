import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, paginateScan, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { type Account, chain } from '../../domain/ledger.ts';
import { erased } from '../../domain/log-entry.ts';
import { zero } from '../../domain/money.ts';
import { shardOf } from '../../domain/shards.ts';
import { unlessChanged } from './conditions.ts';
import { conversionKey, conversionRow, type HeldRow, heldRow, userShard } from './conversion-row.ts';
import { deliveryKey } from './delivery-row.ts';
import { toItem } from './item.ts';
import { conversionWrite } from './journal.ts';
import { accountKey, ledgerRow, linkRow } from './ledger-row.ts';
import { queryAll } from './query-all.ts';
import { readConversion } from './read-conversion.ts';
import { createPlainRowReader } from './row-reader.ts';
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

/** Entries moved at once: each is one write and one deletion, and a transaction holds 100 of these. */
const mostEntries = 40;
const mostTries = 50;
/** A person who has been found anew in so many rounds is still active. */
const mostRounds = 10;
/** No function runs longer than a minute, and its last request may arrive a little later. */
export const longestInvocationMs = 90_000;

const clickRow = z.object({ click_id: z.string() });
const logKey = z.object({ log_id: z.string() });
const claimRow = z.object({ pseudonym: z.string() });

/** What has been found of a person; its traces are erased in each round. */
interface Found {
  readonly clicks: Set<string>;
  readonly conversions: Set<string>;
  readonly log: Set<string>;
  readonly deliveries: Set<string>;
}

/**
 * Removes a person from the data and keeps the money: rows keep their amounts, statuses and ids, under a pseudonym that cannot be traced
 * back. The points move, entry by entry, to the pseudonym's account, so sums and balances stay the same, and a later reversal takes from
 * that account. Running it again completes an interrupted run, under the same pseudonym.
 *
 * The points move last, once nothing is left that names the person: each settlement is bound to a conversion, and a chain of entries
 * from whose beginning something were taken while its end grows would hold balances that nothing explains. What a function had read
 * before a row was renamed may be written afterwards, so it looks again, after a pause, until it finds nothing.
 *
 * It reads clicks and conversions page by page to find this person's, since no index finds them, and everything that belongs to them by
 * key. So it needs an operator's rights instead of a function's, and little memory however much is stored.
 *
 * @param proposed a new name that tells nothing about the person.
 * @param pause takes as long as an invocation of a function may last: {@link longestInvocationMs} where functions run.
 * @throws when the person is found again and again, because a publisher still sends clicks of this user.
 */
export async function eraseUser(
  client: DynamoDBDocumentClient,
  tables: ErasureTables,
  account: Account,
  proposed: string,
  pause: () => Promise<void>,
): Promise<Erased> {
  const pseudonym = await claim(client, tables.conversions, account, proposed);
  const found: Found = { clicks: new Set(), conversions: new Set(), log: new Set(), deliveries: new Set() };
  let postbacks = 0;
  for (let round = 1; ; round += 1) {
    const renamed = await rename(client, tables, account, pseudonym, found);
    postbacks = await eraseTraces(client, tables, found);
    if (renamed === 0 && round > 1) break;
    if (round === mostRounds) throw new Error('the publisher still sends clicks of this user: run it again when it has stopped');
    await pause();
  }
  const own = { publisher: account.publisher, user: pseudonym };
  const entries = await moveEntries(client, tables.ledger, account, own);
  await client.send(new DeleteCommand({ TableName: tables.conversions, Key: claimKey(account) }));
  const { balance } = await tailOf(client, tables.ledger, own);
  const { clicks, conversions, deliveries } = found;
  return {
    pseudonym,
    clicks: clicks.size,
    conversions: conversions.size,
    postbacks,
    deliveries: deliveries.size,
    entries,
    balance: balance.toFixed(),
  };
}

/** The row that says under which pseudonym a person is being erased. No click id begins like its key. */
function claimKey({ publisher, user }: Account): { readonly owner: string; readonly place: string } {
  return { owner: `ERASE-${publisher}#${user}`, place: '-' };
}

/** All runs for a person use the pseudonym of the first, until one of them is complete. */
async function claim(client: DynamoDBDocumentClient, table: string, account: Account, proposed: string): Promise<string> {
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: table,
      Key: claimKey(account),
      UpdateExpression: 'SET pseudonym = if_not_exists(pseudonym, :proposed)',
      ExpressionAttributeValues: { ':proposed': proposed },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return z.parse(claimRow, Attributes).pseudonym;
}

/** Gives the pseudonym to every row that names the person. @returns how many there were. */
async function rename(
  client: DynamoDBDocumentClient,
  tables: ErasureTables,
  account: Account,
  pseudonym: string,
  found: Found,
): Promise<number> {
  let renamed = 0;
  // Clicks come first: from then on, postbacks become conversions of the pseudonym.
  for await (const item of rowsOf(client, tables.clicks, account)) {
    const { click_id: id } = z.parse(clickRow, item);
    found.clicks.add(id);
    await eraseClick(client, tables.clicks, id, pseudonym);
    renamed += 1;
  }
  for await (const item of rowsOf(client, tables.conversions, account)) {
    const held = z.safeParse(heldRow, item);
    if (held.success) {
      found.conversions.add(held.data.conversion_id);
      found.log.add(held.data.log_id);
      if (held.data.click_id !== undefined) found.clicks.add(held.data.click_id);
      await eraseHeld(client, tables.conversions, held.data, pseudonym);
    } else {
      const conversion = z.parse(conversionRow, item);
      const written = await eraseConversion(client, tables.conversions, conversion, pseudonym);
      found.conversions.add(written.conversion_id);
      found.clicks.add(written.click_id);
      for (const { log_id } of written.statements) found.log.add(log_id);
      for (const { deliveries } of written.settlements) for (const { delivery_id } of deliveries) found.deliveries.add(delivery_id);
    }
    renamed += 1;
  }
  return renamed;
}

/** Erases the person from what was received and sent. @returns how many log entries there are. */
async function eraseTraces(client: DynamoDBDocumentClient, tables: ErasureTables, { clicks, log, deliveries }: Found): Promise<number> {
  for (const click of clicks) for (const id of await logOf(client, tables.postbacks, click)) log.add(id);
  let postbacks = 0;
  for (const id of log) if (await eraseLogEntry(client, tables.postbacks, id)) postbacks += 1;
  for (const id of deliveries) await eraseDelivery(client, tables.deliveries, id);
  return postbacks;
}

/** A person's rows in a table without an index by person, one page at a time. */
async function* rowsOf(client: DynamoDBDocumentClient, table: string, { publisher, user }: Account): AsyncGenerator<unknown> {
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'publisher_id = :publisher AND user_id = :user',
      ExpressionAttributeValues: { ':publisher': publisher, ':user': user },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
}

/** Log entries of a click, except for the accepted postbacks that its conversion names. */
async function logOf(client: DynamoDBDocumentClient, table: string, click: string): Promise<string[]> {
  const rows = await queryAll(client, {
    TableName: table,
    IndexName: 'by-click',
    KeyConditionExpression: 'by_click = :click',
    ExpressionAttributeValues: { ':click': click },
  });
  return rows.map((row) => z.parse(logKey, row).log_id);
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

/**
 * Moves entries, oldest first, to the end of the other account's chain. No entry is lost or counted twice, whatever is settled in the
 * meantime.
 */
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

/** @returns `false` when the entry has expired. */
async function eraseLogEntry(client: DynamoDBDocumentClient, table: string, logId: string): Promise<boolean> {
  return unlessChanged(() =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: { shard: shardOf(logId), log_id: logId },
        ConditionExpression: 'attribute_exists(log_id)',
        UpdateExpression:
          'SET #raw.#query = :erased, #raw.headers = :nothing, #raw.source_address = :erased, custom_data = :no_data REMOVE #raw.body, user_id',
        ExpressionAttributeNames: { '#raw': 'raw', '#query': 'query' },
        ExpressionAttributeValues: { ':erased': erased, ':nothing': {}, ':no_data': '{}' },
      }),
    ),
  );
}

async function eraseDelivery(client: DynamoDBDocumentClient, deliveries: string, id: string): Promise<void> {
  const { Item: row } = await client.send(new GetCommand({ TableName: deliveries, Key: deliveryKey(id), ConsistentRead: true }));
  const { attempts } = z.parse(z.object({ attempts: z.optional(z.array(z.record(z.string(), z.unknown()))) }), row ?? {});
  if (attempts === undefined) return;
  await client.send(
    new UpdateCommand({
      TableName: deliveries,
      Key: deliveryKey(id),
      // The request that was sent names the person, wherever the publisher wants it: in the URL, a header or the body.
      UpdateExpression: 'SET attempts = :attempts REMOVE sent',
      ExpressionAttributeValues: { ':attempts': attempts.map(({ answer: _, ...attempt }) => attempt) },
    }),
  );
}

/**
 * Erases the person from a conversion. It is written as every conversion is, so that a statement made in the meantime is not lost and does
 * not bring the person back.
 *
 * @returns the conversion as it was written.
 */
async function eraseConversion(client: DynamoDBDocumentClient, table: string, read: Conversion, pseudonym: string): Promise<Conversion> {
  let conversion: Conversion | undefined = read;
  for (let tried = 0; tried < mostTries && conversion !== undefined; tried += 1) {
    const next = withoutPerson(conversion, pseudonym);
    const { committed } = await commit(client, [conversionWrite(table, next)]);
    if (committed) return next;
    conversion = await readConversion(createPlainRowReader(client), table, read.conversion_id, true);
  }
  throw new Error(`${read.conversion_id} kept changing: run it again`);
}

function withoutPerson(conversion: Conversion, pseudonym: string): Conversion {
  return {
    ...conversion,
    revision: conversion.revision + 1,
    user_id: pseudonym,
    click: { clicked_at: conversion.click.clicked_at },
    statements: conversion.statements.map(({ ip: _ip, country: _country, device_id: _device, ...said }) => said),
  };
}

/** One that has expired, or has become a conversion meanwhile, stays as it is; the next round finds what it has become. */
async function eraseHeld(
  client: DynamoDBDocumentClient,
  table: string,
  { conversion_id, click, became }: HeldRow,
  pseudonym: string,
): Promise<void> {
  const { username: _name, ip: _ip, country: _country, device_id: _device, ...kept } = click ?? {};
  // A postback that has become a conversion is no longer listed.
  const listed = became === undefined && click !== undefined ? userShard(click.publisher_id, pseudonym) : undefined;
  await unlessChanged(() =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: conversionKey(conversion_id),
        ConditionExpression: `attribute_exists(#owner)${listed === undefined ? '' : ' AND attribute_not_exists(became)'}`,
        UpdateExpression: `SET user_id = :pseudonym, click = :click${listed === undefined ? '' : ', publisher_shard = :listed'}`,
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: {
          ':pseudonym': pseudonym,
          ':click': { ...kept, user_id: pseudonym, sub_ids: {} },
          ...(listed !== undefined && { ':listed': listed }),
        },
      }),
    ),
  );
}

/** One that has expired does not come back. */
async function eraseClick(client: DynamoDBDocumentClient, table: string, id: string, pseudonym: string): Promise<void> {
  await unlessChanged(() =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: { click_id: id },
        ConditionExpression: 'attribute_exists(click_id)',
        UpdateExpression: 'SET user_id = :pseudonym, sub_ids = :nothing REMOVE username, ip, device_id, country',
        ExpressionAttributeValues: { ':pseudonym': pseudonym, ':nothing': {} },
      }),
    ),
  );
}
