import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import * as z from 'zod/mini';
import type { Conversion, EarlyReversal } from '../../domain/conversion.ts';
import { isPostbackId } from '../../domain/conversion-id.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { zero } from '../../domain/money.ts';
import { Overtaken } from '../../domain/receiving/overtaken.ts';
import type { Journal, Marker } from '../../domain/receiving/ports.ts';
import { shardOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { conversionRow, dueAttributes, graceMs, heldItem, newConversionItem } from './conversion-row.ts';
import { newDeliveryItem } from './delivery-row.ts';
import { toAttribute } from './item.ts';
import { logItem, usualConversionOf } from './log-row.ts';
import { readConversion } from './read-conversion.ts';
import { addToCounter } from './statistics.ts';
import { type Commit, commit, type Write } from './transactions.ts';

const markerRow = z.object({ became: z.optional(z.string()) });

export interface JournalTables {
  readonly postbacks: string;
  readonly conversions: string;
  readonly deliveries: string;
  readonly statistics: string;
}

/** A request is processed for a second time, or by hand. */
export interface Again {
  /** Its log entry as it was read: the new outcome takes its place, and a postback that was held is held no longer. */
  readonly previous?: LogEntry | undefined;
  /** Writes that belong to the same commit: the audit's. */
  readonly also?: ((entry: LogEntry) => readonly Write[]) | undefined;
}

/**
 * @param again only what an admin has processed again.
 * @see Journal
 * @throws Overtaken when somebody else has processed `again.previous` since it was read.
 */
export function createJournal(client: DynamoDBDocumentClient, tables: JournalTables, { previous, also }: Again = {}): Journal {
  const log = (entry: LogEntry): Write => ({
    Put: {
      TableName: tables.postbacks,
      Item: logItem(entry),
      ...(previous === undefined ? { ConditionExpression: 'attribute_not_exists(log_id)' } : unchangedSince(previous)),
    },
  });
  const once = (item: Record<string, unknown>): Write => ({
    Put: {
      TableName: tables.conversions,
      Item: item,
      ConditionExpression: 'attribute_not_exists(conversion_id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });
  /** The row under which the previous outcome was held. */
  const heldId = previous?.conversion_id !== undefined && isPostbackId(previous.conversion_id) ? previous.conversion_id : undefined;
  /** Those that are not the held row itself, which leads to the conversion by being released. */
  const toWrite = (markers: readonly Marker[]): readonly Marker[] => markers.filter(({ id }) => id !== heldId);
  const marking = (markers: readonly Marker[]): Write[] =>
    toWrite(markers).map(({ id, conversionId }) => once({ conversion_id: id, became: conversionId }));
  /**
   * Whether the commit was refused because the same postback is there.
   *
   * @throws when another postback of its transaction has just been matched: sent again, this one finds what that one did.
   */
  const isRepeated = ({ refusals }: Extract<Commit, { committed: false }>, markers: readonly Marker[]): boolean => {
    const firstMarker = 2;
    const refused = refusals.filter(({ index }) => index >= firstMarker).map(({ index }) => index - firstMarker);
    if (refused.length === 0) return false;
    const written = toWrite(markers);
    if (refused.some((index) => written[index] === markers[0])) return true;
    throw new Error('another postback of the same transaction was matched at the same time');
  };
  /** Commits the writes with the log entry before them, and what processing it again entails behind them. */
  const write = async (entry: LogEntry, writes: readonly Write[]): Promise<Commit> => {
    const released = heldId === undefined ? [] : releaseHeld(tables.conversions, heldId, entry);
    const done = await commit(client, [log(entry), ...writes, ...released, ...(also?.(entry) ?? [])]);
    if (done.committed || done.refusals.every(({ index }) => index > 0)) return done;
    if (previous !== undefined) throw new Overtaken(`${entry.log_id} has been processed by somebody else`);
    // Nobody else has its id: an earlier try of this very commit came through, and its answer was lost.
    return { committed: true };
  };

  const journal: Journal = {
    async recordNew(entry, conversion, markers) {
      const done = await write(entry, [
        once(newConversionItem(conversion, Date.parse(entry.received_at))),
        ...marking(markers),
        ...counted(),
      ]);
      if (done.committed) return { kind: 'recorded' };
      if (isRepeated(done, markers)) return { kind: 'repeated' };
      const [refusal] = done.refusals;
      // The row that is in the way comes with the refusal: no second read.
      return { kind: 'existing', conversion: z.parse(conversionRow, refusal?.item) };
    },

    async recordSteps(entry, existing, accepted, fingerprint, markers) {
      const { due_shard, due_at } = dueAttributes(existing.conversion_id, Date.parse(entry.received_at) + graceMs);
      const forget = accepted.earlyReversal === undefined;
      const update: Write = {
        Update: {
          TableName: tables.conversions,
          Key: { conversion_id: existing.conversion_id },
          // Only if nobody else appended in between: the decision was made on exactly these steps.
          ConditionExpression: 'size(steps) = :count',
          UpdateExpression: `SET steps = list_append(steps, :steps), #status = :status, due_shard = :shard, due_at = :due${forget ? '' : ', early_reversal = :early'} REMOVE code${forget ? ', early_reversal' : ''} ADD seen :seen`,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':count': existing.steps.length,
            ':steps': toAttribute(accepted.steps),
            ':status': accepted.status,
            ':shard': due_shard,
            ':due': due_at,
            ':seen': new Set([fingerprint]),
            ...(forget ? {} : { ':early': toAttribute(accepted.earlyReversal) }),
          },
        },
      };
      const done = await write(entry, [update, ...marking(markers), ...counted(), ...bringIn(tables, existing, accepted.brings, entry)]);
      if (done.committed) return { kind: 'recorded' };
      return { kind: isRepeated(done, markers) ? 'repeated' : 'changed' };
    },

    async recordHeld(entry, held, remembered) {
      const remember: Write[] =
        remembered === undefined
          ? []
          : [
              {
                Update: {
                  TableName: tables.conversions,
                  Key: { conversion_id: remembered.conversion.conversion_id },
                  ConditionExpression: 'size(steps) = :count',
                  UpdateExpression: `${remembered.earlyReversal === undefined ? '' : 'SET early_reversal = :early '}ADD seen :seen`,
                  ExpressionAttributeValues: {
                    ':count': remembered.conversion.steps.length,
                    ':seen': new Set([remembered.fingerprint]),
                    ...(remembered.earlyReversal === undefined ? {} : { ':early': toAttribute(remembered.earlyReversal) }),
                  },
                },
              },
            ];
      const done = await write(entry, [
        // Still held, perhaps for another reason: its row is as its log entry, which nobody has changed.
        held.conversion_id === heldId ? { Put: { TableName: tables.conversions, Item: heldItem(held) } } : once(heldItem(held)),
        ...counted(entry),
        ...remember,
      ]);
      if (done.committed) return { kind: 'recorded' };
      return { kind: done.refusals.some(({ index }) => index === 1) ? 'repeated' : 'changed' };
    },

    async record(entry) {
      await write(entry, counted(entry));
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
      const done = await write(entry, [...counted(entry), once({ conversion_id: markerId }), ...puts]);
      return { kind: done.committed ? 'recorded' : 'repeated' };
    },

    conversion: (id) => readConversion(client, tables.conversions, id, true),

    async converted(ids) {
      const keys = ids.map((id) => ({ conversion_id: id }));
      const rows = await batchGet(client, tables.conversions, keys, { consistent: true, attributes: ['conversion_id'] });
      return new Set(rows.map(({ conversion_id }) => String(conversion_id)));
    },

    async marked(id) {
      // A held postback does not stand in its own way.
      if (id === heldId) return undefined;
      const { Item } = await client.send(
        new GetCommand({
          TableName: tables.conversions,
          Key: { conversion_id: id },
          ConsistentRead: true,
          ProjectionExpression: 'conversion_id, became',
        }),
      );
      return Item === undefined ? undefined : { conversionId: z.parse(markerRow, Item).became };
    },
  };

  /**
   * Everything but an accepted conversion is counted here; those are counted as they settle. What is processed again was counted
   * before: that is taken back.
   */
  function counted(entry?: LogEntry): Write[] {
    const counts = new Map<string, Big>();
    const add = (result: string, by: 1 | -1): void => {
      counts.set(`received_${result}`, (counts.get(`received_${result}`) ?? zero).plus(by));
    };
    if (entry !== undefined) add(entry.result, 1);
    if (previous !== undefined) add(previous.result, -1);
    const changed = new Map([...counts].filter(([, count]) => !count.eq(0)));
    const about = entry ?? previous;
    if (about === undefined || changed.size === 0) return [];
    return [
      addToCounter(
        tables.statistics,
        { day: about.received_at.slice(0, 10), partner: about.partner_id },
        Number(shardOf(about.log_id)),
        changed,
      ),
    ];
  }

  return journal;
}

/** The log entry is as it was read: two people cannot both process it. */
export function unchangedSince({
  result,
  earlier = [],
}: LogEntry): Pick<NonNullable<Write['Put']>, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  return {
    ConditionExpression: `#result = :result AND ${earlier.length === 0 ? 'attribute_not_exists(earlier)' : 'size(earlier) = :earlier'}`,
    ExpressionAttributeNames: { '#result': 'result' },
    ExpressionAttributeValues: { ':result': result, ...(earlier.length === 0 ? {} : { ':earlier': earlier.length }) },
  };
}

/**
 * A postback that was held is held no longer: it leads to what it has become, or has come to nothing. The row changes only with
 * its log entry, whose condition guards both.
 */
function releaseHeld(table: string, heldId: string, { conversion_id: became, result }: LogEntry): Write[] {
  if (result === 'error' || (result === 'held' && became === heldId)) return [];
  return [became === undefined || became === heldId ? setAside(table, heldId) : leadTo(table, heldId, became)];
}

function setAside(table: string, heldId: string): Write {
  return {
    Update: {
      TableName: table,
      Key: { conversion_id: heldId },
      UpdateExpression: 'SET #status = :rejected',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':rejected': 'rejected' },
    },
  };
}

/** A reversal that was held because it came too early has been booked with its original: it is held no longer, and the log says so. */
function bringIn(
  tables: JournalTables,
  conversion: Conversion,
  brings: EarlyReversal | undefined,
  { log_id: by, received_at: at }: LogEntry,
): Write[] {
  if (brings?.held_as === undefined) return [];
  const { conversion_id: became, click_id } = conversion;
  const was = { result: 'held', code: 'conflict', at, by: `postback ${by}` };
  return [
    leadTo(tables.conversions, brings.held_as, became),
    {
      Update: {
        TableName: tables.postbacks,
        Key: { shard: shardOf(brings.log_id), log_id: brings.log_id },
        UpdateExpression: `SET #result = :accepted, conversion_id = :became, earlier = list_append(if_not_exists(earlier, :none), :was) REMOVE #code, message${became === usualConversionOf(click_id) ? ', by_click' : ''}`,
        ExpressionAttributeNames: { '#result': 'result', '#code': 'code' },
        ExpressionAttributeValues: { ':accepted': 'accepted', ':became': became, ':none': [], ':was': [was] },
      },
    },
  ];
}

/** The row of a held postback leaves the lists and leads to the conversion it has become. */
function leadTo(table: string, heldId: string, became: string): Write {
  return {
    Update: {
      TableName: table,
      Key: { conversion_id: heldId },
      UpdateExpression: 'SET became = :became REMOVE partner_shard, publisher_shard, time_shard',
      ExpressionAttributeValues: { ':became': became },
    },
  };
}
