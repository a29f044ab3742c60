import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Conversion, shownStatus, stepsOf } from '../../domain/conversion.ts';
import { isPostbackId } from '../../domain/conversion-id.ts';
import { shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { conversionIdAtKey, conversionKey, conversionRow, type HeldRow, heldRow, userShard } from './conversion-row.ts';
import { fitsKeys } from './keys.ts';
import { having, type Listing, listShards, type Position, type Row } from './listing.ts';
import { attributesOf, type Quoted, shardsOfQuoted } from './log-reader.ts';

/** Which conversions are wanted; an absent field admits all. */
interface ConversionFilter {
  readonly partner?: string | undefined;
  readonly publisher?: string | undefined;
  readonly offer?: string | undefined;
  readonly status?: string | undefined;
  /** The reason why it is held. */
  readonly code?: string | undefined;
  /** Bounds of the log id of the entry under which the conversion is listed, inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The user of the click. Each of the publishers may have a user with this id. */
  readonly user?: { readonly id: string; readonly publishers: readonly string[] } | undefined;
  readonly quoted?: Quoted | undefined;
}

/** What a list of conversions contains: conversions, and held postbacks, which may become conversions. */
export type Listed = { readonly kind: 'conversion'; readonly conversion: Conversion } | { readonly kind: 'held'; readonly held: HeldRow };

interface ConversionPage {
  readonly listed: readonly Listed[];
  readonly next: Position | undefined;
}

export interface ConversionReader {
  /** Consistent read. Given the id of a held postback, it finds the conversion that the postback has become. */
  find(id: string): Promise<Listed | undefined>;
  /** Finds those that exist, by id. The answer may be a moment old. */
  findAll(ids: readonly string[]): Promise<ReadonlyMap<string, Listed>>;
  /** Newest first. With a publisher or a user, those that are not settled yet are missing. */
  list(filter: ConversionFilter, limit: number, after: Position | undefined): Promise<ConversionPage>;
}

const keyRow = z.object({ owner: z.string(), place: z.string() });
const listedLog = z.array(z.object({ log_id: z.string(), conversion_id: z.optional(z.string()) }));
const pointer = z.object({ became: z.string() });
/**
 * The most pointers that are followed. Chains are short: a held postback may be held again for another reason, and then become a
 * conversion.
 */
const mostHops = 5;

export function createConversionReader(
  client: DynamoDBDocumentClient,
  tables: { readonly conversions: string; readonly postbacks: string },
): ConversionReader {
  const table = tables.conversions;
  const read = async (id: string): Promise<Row | undefined> => {
    const key = conversionKey(id);
    if (!fitsKeys(key)) return undefined;
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
    return Item;
  };
  const readAll = async (ids: readonly string[]): Promise<ReadonlyMap<string, Listed>> => {
    const rows = await batchGet(client, table, [...new Set(ids)].map(conversionKey));
    return new Map(
      rows
        .flatMap((row) => [[String(row['conversion_id']), listedOf(row)] as const])
        .flatMap(([id, listed]) => (listed ? [[id, listed] as const] : [])),
    );
  };

  const find = async (id: string): Promise<Listed | undefined> => {
    let row = await read(id);
    for (let hop = 0; hop < mostHops && row !== undefined; hop += 1) {
      const { success: moved, data } = z.safeParse(pointer, row);
      if (!moved) return listedOf(row) ?? (await heldOf(row, read));
      row = await read(data.became);
    }
    return undefined;
  };

  /**
   * Lists conversions in the order of the log, which contains every conversion's first postback; with a status, the postback that gave it
   * this status. So no index of conversions by time is needed (docs/data-model.md). Each conversion is shown at the entry under which it is
   * listed.
   */
  const listByTime = async (
    { offer, status, code, from, to }: ConversionFilter,
    limit: number,
    after: Position | undefined,
  ): Promise<ConversionPage> => {
    const filter = having({ ...filterOf(code === undefined ? status : 'held'), offer_id: offer, code });
    const found: Listed[] = [];
    let position = after;
    for (let round = 0; round < mostRounds; round += 1) {
      const { rows, next } = await listShards(client, {
        table: tables.postbacks,
        partition: 'shard',
        shards: shardsOf(),
        sort: 'log_id',
        only: 'conversion_id',
        from,
        to,
        filter,
        firstRead: offer === undefined && status === undefined && code === undefined ? undefined : firstReadOfFew,
        limit: Math.ceil(limit * entriesPerConversion),
        after: position,
      });
      const entries = z.parse(listedLog, rows);
      for (let read = 0; read < entries.length; ) {
        const some = entries.slice(read, read + limit - found.length);
        const byId = await readAll(some.flatMap(({ conversion_id }) => conversion_id ?? []));
        for (const { log_id, conversion_id = '' } of some) {
          const listed = byId.get(conversion_id);
          if (listed !== undefined && belongsTo(listed, log_id, status)) found.push(listed);
        }
        read += some.length;
        const last = some.at(-1);
        if (found.length === limit && last !== undefined && (read < entries.length || next !== undefined))
          return { listed: found, next: { key: last.log_id, seen: 1 } };
      }
      position = next;
      if (next === undefined) break;
    }
    return { listed: found, next: position };
  };

  /**
   * Lists what postbacks that name a transaction were about, so a take-back's own id leads to what it takes back. These are few, and may be
   * listed under an entry that does not name the transaction.
   */
  const listOfTransaction = async (quoted: Quoted, filter: ConversionFilter, limit: number, after: Position | undefined) => {
    const { rows, next } = await listShards(client, {
      ...shardsOfQuoted(quoted),
      table: tables.postbacks,
      sort: 'log_id',
      only: 'conversion_id',
      filter: having(attributesOf(quoted)),
      limit,
      after,
    });
    const ids = new Set(z.parse(listedLog, rows).flatMap(({ conversion_id }) => conversion_id ?? []));
    const found = await Promise.all([...ids].map(find));
    const byId = new Map(found.flatMap((listed) => (listed === undefined ? [] : [[idOf(listed), listed] as const])));
    return { listed: [...byId.values()].filter((listed) => passes(listed, filter)), next };
  };

  return {
    find,
    findAll: (ids) => readAll(ids.filter((id) => fitsKeys(conversionKey(id)))),
    async list(filter, limit, after) {
      const { partner, publisher, user, offer, status, code, from, to, quoted } = filter;
      if (quoted !== undefined) return listOfTransaction(quoted, filter, limit, after);
      const byPublisher = publisher !== undefined || user !== undefined;
      if (!byPublisher && partner === undefined) return listByTime(filter, limit, after);
      const { rows, next } = await listShards(client, {
        table,
        ...(byPublisher ? indexByPublisher(filter) : { index: 'by-partner', partition: 'partner_shard', shards: shardsOf(partner) }),
        sort: 'listed_at',
        only: ['owner', 'place'],
        from,
        to,
        filter: having({ user_id: user?.id, offer_id: offer, status, code, partner_id: byPublisher ? partner : undefined }),
        limit,
        after,
      });
      const ids = rows.map((row) => conversionIdAtKey(z.parse(keyRow, row)));
      const byId = await readAll(ids);
      return { listed: ids.flatMap((id) => byId.get(id) ?? []), next };
    },
  };
}

/**
 * How many log entries are read at once for each conversion of a page: some, such as conflicts, belong to a conversion that another entry
 * lists, and of those that were approved some have been reversed. A few more than needed are cheaper than a second round for the last
 * conversion of a page.
 */
const entriesPerConversion = 2.5;
/** When few entries of the log are of what is asked for, some more of each shard are read at once rather than in a second round. */
const firstReadOfFew = 6;
/** The most rounds of one page: when hardly anything passes the filter, the answer is a short page and a cursor. */
const mostRounds = 20;

function filterOf(status: ConversionFilter['status']): Readonly<Record<string, string | readonly string[]>> {
  if (status === 'held') return { result: 'held' };
  if (status === undefined) return { result: ['accepted', 'held'] };
  // A conversion that waits in a hold period was approved by its postback.
  return { result: 'accepted', status: status === 'pending' ? ['pending', 'approved'] : status };
}

/** Whether the log entry is the one under which the conversion is listed, so that each is listed once. */
function belongsTo(listed: Listed, logId: string, status: ConversionFilter['status']): boolean {
  if (listed.kind === 'held') return listed.held.log_id === logId && (status === undefined || listed.held.status === status);
  const { conversion } = listed;
  if (status === undefined) return conversion.listed_at === logId;
  return conversion.status === status && stepsOf(conversion).findLast((step) => shownStatus(step) === status)?.log_id === logId;
}

function idOf(listed: Listed): string {
  return listed.kind === 'held' ? listed.held.conversion_id : listed.conversion.conversion_id;
}

/** Whether a conversion passes a filter. */
function passes(listed: Listed, { partner, publisher, offer, status, code, from = '', to }: ConversionFilter): boolean {
  const one =
    listed.kind === 'held'
      ? { ...listed.held, publisher_id: listed.held.click?.publisher_id, listed_at: listed.held.log_id }
      : listed.conversion;
  const asked = [
    [partner, one.partner_id],
    [publisher, one.publisher_id],
    [offer, one.offer_id],
    [status, one.status],
    [code, one.code],
  ] as const;
  const at = one.listed_at ?? '';
  return asked.every(([wanted, is]) => wanted === undefined || wanted === is) && at >= from && (to === undefined || at <= to);
}

function indexByPublisher({ publisher, user }: ConversionFilter): Pick<Listing, 'index' | 'partition' | 'shards' | 'rare'> {
  const index = { index: 'by-publisher', partition: 'publisher_shard' };
  if (user === undefined) return { ...index, shards: shardsOf(publisher) };
  return { ...index, shards: user.publishers.map((one) => userShard(one, user.id)), rare: true };
}

/** What a row is in a list; `undefined` when it is only a pointer, or when nothing of its conversion has been accepted. */
function listedOf(row: Row): Listed | undefined {
  if (isPostbackId(String(row['conversion_id']))) {
    const held = z.safeParse(heldRow, row);
    return held.success ? { kind: 'held', held: held.data } : undefined;
  }
  const conversion = z.parse(conversionRow, row);
  return conversion.listed_at === undefined ? undefined : { kind: 'conversion', conversion };
}

/** The held postback that stands for a conversion of which nothing has been accepted. */
async function heldOf(row: Row, read: (id: string) => Promise<Row | undefined>): Promise<Listed | undefined> {
  const { success, data } = z.safeParse(conversionRow, row);
  const heldAs = success ? data.statements.findLast(({ held_as }) => held_as !== undefined)?.held_as : undefined;
  const held = heldAs === undefined ? undefined : await read(heldAs);
  return held && listedOf(held);
}
