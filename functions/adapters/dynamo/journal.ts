import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { isPostbackId } from '../../domain/conversion-id.ts';
import type { CountChange } from '../../domain/conversions/counting.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { zero } from '../../domain/money.ts';
import { Overtaken } from '../../domain/receiving/overtaken.ts';
import type { Changes, HeldPostback, Journal, Marker, Release, Written } from '../../domain/receiving/ports.ts';
import { shardOf } from '../../domain/shards.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import type { PostbackResult } from '../../domain/status.ts';
import { batchGet } from './batch-get.ts';
import { conversionItem, conversionKey, conversionRow, graceMs, heldItem } from './conversion-row.ts';
import { newDeliveryItem } from './delivery-row.ts';
import { decimal, toAttribute } from './item.ts';
import { logItem } from './log-row.ts';
import { openMinute } from './open-minutes.ts';
import { conversionsOfClick, readConversion } from './read-conversion.ts';
import { createPlainRowReader } from './row-reader.ts';
import { addToCounter } from './statistics.ts';
import { type Commit, commit, type Write } from './transactions.ts';

const counterRow = z.object({ count: decimal });
const markerRow = z.object({ became: z.optional(z.string()), about: z.optional(z.string()), status: z.optional(z.string()) });

export interface JournalTables {
  readonly postbacks: string;
  readonly conversions: string;
  readonly deliveries: string;
  readonly statistics: string;
}

/** How the journal writes a request that a person processes again, or a decision that a person takes. */
export interface Again {
  /** The log entry as it was read; the new outcome replaces it. */
  readonly previous?: LogEntry | undefined;
  /** Further writes of the same commit, such as the audit entry. */
  readonly also?: ((entry: LogEntry) => readonly Write[]) | undefined;
}

/**
 * @param again only for what an admin processes again.
 * @param readRow how a row is read by its key; the receiver's reader joins what it asks for at once.
 * @see Journal
 * @throws Overtaken when somebody else has processed `again.previous` since it was read.
 */
export function createJournal(
  client: DynamoDBDocumentClient,
  tables: JournalTables,
  { previous, also }: Again = {},
  readRow = createPlainRowReader(client),
): Journal {
  const log = (entry: LogEntry): Write => ({
    Put: {
      TableName: tables.postbacks,
      Item: logItem(entry),
      ...(previous === undefined ? { ConditionExpression: 'attribute_not_exists(log_id)' } : unchangedSince(previous)),
    },
  });
  /** Id of the row under which the previous outcome is held. */
  const heldId = previous?.conversion_id !== undefined && isPostbackId(previous.conversion_id) ? previous.conversion_id : undefined;

  /** Commits the log entry and the writes; the writes that reprocessing adds come after them. */
  const write = async (entry: LogEntry, writes: readonly Write[], isRefused?: () => Promise<number | undefined>): Promise<Commit> => {
    // The sweeper has finished with the minute in which it was received, and must look at that minute again.
    const reopened = previous !== undefined && entry.result === 'accepted' ? [openMinute(tables.postbacks, entry.log_id)] : [];
    const counters = counted(entry);
    const done = await commit(client, [log(entry), ...writes, ...counters, ...reopened, ...(also?.(entry) ?? [])], isRefused);
    if (done.committed || done.refusals.every(({ index }) => index > 0)) return done;
    if (previous !== undefined) throw new Overtaken(`${entry.log_id} has been processed by somebody else`);
    // Nobody else has this id, so an earlier try of the same commit succeeded and its answer was lost.
    return { committed: true };
  };

  const heldWrite = (held: HeldPostback): Write => ({
    Put: { TableName: tables.conversions, Item: heldItem(held), ...(held.conversion_id === heldId ? isStillHeld({}) : isAbsent) },
  });

  const countOf = async (offer: string, place: string): Promise<Big> => {
    const row = await readRow(tables.conversions, counterKey(offer, place), { consistent: true });
    return row === undefined ? zero : z.parse(counterRow, row).count;
  };

  return {
    async write(entry, { conversions = [], held, markers = [], releases = [], counts = [] }: Changes): Promise<Written> {
      const first = 1;
      const others = [
        ...conversions.map((conversion) => conversionWrite(tables.conversions, conversion)),
        ...(held === undefined ? [] : [heldWrite(held)]),
        ...markers.map((marker) => markerWrite(tables.conversions, marker)),
        ...releases.map((release) => releaseWrite(tables.conversions, release)),
      ];
      // Many commits at once compete for the counter of a cap. As soon as it is full, none of them tries any longer.
      const fullCount = async (): Promise<number | undefined> => {
        for (const [at, { offer_id, place, by, most }] of counts.entries())
          if (most !== undefined && (await countOf(offer_id, place)).plus(by).gt(most)) return first + others.length + at;
        return undefined;
      };
      const counting = counts.map((change) => countWrite(tables.conversions, change));
      const done = await write(entry, [...others, ...counting], fullCount);
      if (done.committed) return { kind: 'written' };
      const [refusal] = done.refusals;
      const index = (refusal?.index ?? 0) - first;
      const named = [...(held === undefined ? [] : [held.conversion_id]), ...markers.map(({ id }) => id)];
      const behind = [...named, ...releases.map((release) => release.heldId)];
      if (heldId !== undefined && done.refusals.some((refused) => behind[refused.index - first - conversions.length] === heldId))
        throw new Overtaken(`somebody has decided about ${heldId} meanwhile`);
      // The refusal contains the row that prevented the write, so no second read is needed.
      if (index < conversions.length) return { kind: 'changed', conversion: storedConversion(conversions[index], refusal?.item) };
      if (index >= others.length && index < others.length + counts.length) return { kind: 'full' };
      const id = named[index - conversions.length];
      if (id === undefined) return { kind: 'changed' };
      return { kind: 'marked', id, conversionId: z.safeParse(markerRow, refusal?.item).data?.became };
    },

    async recordForwards(entry, deliveries, markerId) {
      const now = Date.parse(entry.received_at);
      const puts = deliveries.map(
        (forward): Write => ({
          Put: {
            TableName: tables.deliveries,
            Item: newDeliveryItem(
              { ...forward, log_id: entry.log_id, status: 'scheduled', attempts: [], created_at: entry.received_at },
              now + graceMs,
            ),
          },
        }),
      );
      const done = await write(entry, [markerWrite(tables.conversions, { id: markerId }), ...puts]);
      return { kind: done.committed ? 'recorded' : 'repeated' };
    },

    conversion: (id) => readConversion(readRow, tables.conversions, id, true),
    ofClick: (clickId) => conversionsOfClick(client, tables.conversions, clickId),

    async converted(clickIds, event) {
      const keys = clickIds.map((id) => ({ owner: id, place: event }));
      const rows = await batchGet(client, tables.conversions, keys, { consistent: true, attributes: ['owner', 'listed_at'] });
      return new Set(rows.filter(({ listed_at }) => listed_at !== undefined).map(({ owner }) => String(owner)));
    },

    counted: countOf,

    async marked(id) {
      const row = await readRow(tables.conversions, conversionKey(id), { consistent: true });
      if (row === undefined) return undefined;
      const { became, about, status } = z.parse(markerRow, row);
      return { conversionId: became, about, decided: status !== undefined && status !== 'held' };
    },
  };

  /**
   * Counts everything except accepted conversions, which are counted when they settle. What is processed again was counted before, so that
   * count is taken back.
   */
  function counted(entry: LogEntry): Write[] {
    const counts = new Map<CounterName, Big>();
    const add = (result: PostbackResult, by: 1 | -1): void => {
      counts.set(result, (counts.get(result) ?? zero).plus(by));
    };
    if (entry.result !== 'accepted' || entry.conversion_id === undefined) add(entry.result, 1);
    if (previous !== undefined) add(previous.result, -1);
    const changed = new Map([...counts].filter(([, count]) => !count.eq(0)));
    if (changed.size === 0) return [];
    const key = { at: Date.parse(entry.received_at), partner: entry.partner_id };
    return [addToCounter(tables.statistics, key, previous === undefined ? Number(shardOf(entry.log_id)) : 'again', changed)];
  }
}

const isAbsent = { ConditionExpression: 'attribute_not_exists(#owner)', ExpressionAttributeNames: { '#owner': 'owner' } } as const;
const withRow = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/**
 * Writes the new state of a conversion, on condition that it is still stored as it was read. Conversions are never written in any other
 * way.
 */
export function conversionWrite(table: string, conversion: Conversion): Write {
  const isNew = conversion.revision === 1;
  return {
    Put: {
      TableName: table,
      Item: conversionItem(conversion),
      ...(isNew
        ? { ...isAbsent, ...withRow }
        : { ConditionExpression: 'revision = :read', ExpressionAttributeValues: { ':read': conversion.revision - 1 }, ...withRow }),
    },
  };
}

/** The conversion in the row of a refusal; `undefined` when the row is not the refused conversion. */
function storedConversion(refused: Conversion | undefined, item: unknown): Conversion | undefined {
  const { success, data } = z.safeParse(conversionRow, item);
  return success && data.conversion_id === refused?.conversion_id ? data : undefined;
}

function markerWrite(table: string, { id, conversionId }: Pick<Marker, 'id'> & Partial<Marker>): Write {
  const leads = conversionId === undefined ? {} : { became: conversionId };
  return { Put: { TableName: table, Item: { ...conversionKey(id), conversion_id: id, ...leads }, ...isAbsent, ...withRow } };
}

/**
 * The counters of caps are in the table of conversions, so that they change in the same commit as a conversion. No click id begins like
 * their keys.
 */
function counterKey(offer: string, place: string): { readonly owner: string; readonly place: string } {
  return { owner: `CAP-${offer}`, place };
}

/** Changes the counter of a cap. It is exact under any concurrency, because the same write checks the condition and changes the counter. */
function countWrite(table: string, { offer_id, place, by, most }: CountChange): Write {
  const room = most?.minus(by);
  const condition =
    room === undefined
      ? { ExpressionAttributeValues: { ':by': toAttribute(by) } }
      : {
          // An amount that is larger than the whole cap never fits, even if nothing has been counted yet.
          ConditionExpression: room.lt(0) ? '#count <= :room' : 'attribute_not_exists(#count) OR #count <= :room',
          ExpressionAttributeValues: { ':by': toAttribute(by), ':room': toAttribute(room) },
        };
  return {
    Update: {
      TableName: table,
      Key: counterKey(offer_id, place),
      UpdateExpression: 'ADD #count :by',
      ExpressionAttributeNames: { '#count': 'count' },
      ...condition,
    },
  };
}

/**
 * The condition that neither a person nor a take-back has decided about a held postback. An erased row does not meet it, so it is not
 * created again.
 */
function isStillHeld(values: Readonly<Record<string, string>>) {
  return {
    ConditionExpression: '#status = :held',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ...values, ':held': 'held' },
  };
}

function releaseWrite(table: string, release: Release): Write {
  const Key = conversionKey(release.heldId);
  if ('status' in release)
    return {
      Update: {
        TableName: table,
        Key,
        UpdateExpression: 'SET #status = :status',
        ...isStillHeld({ ':status': release.status }),
      },
    };
  return {
    Update: {
      TableName: table,
      Key,
      UpdateExpression: 'SET became = :became REMOVE partner_shard, publisher_shard',
      ...isStillHeld({ ':became': release.became }),
    },
  };
}

/** The condition that the log entry is still as it was read, so that two people cannot both process it. */
function unchangedSince({
  result,
  earlier = [],
}: LogEntry): Pick<NonNullable<Write['Put']>, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  return {
    ConditionExpression: `#result = :result AND ${earlier.length === 0 ? 'attribute_not_exists(earlier)' : 'size(earlier) = :earlier'}`,
    ExpressionAttributeNames: { '#result': 'result' },
    ExpressionAttributeValues: { ':result': result, ...(earlier.length === 0 ? {} : { ':earlier': earlier.length }) },
  };
}
