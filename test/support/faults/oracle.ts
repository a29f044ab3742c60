import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import * as z from 'zod/mini';
import { conversionRow } from '../../../functions/adapters/dynamo/conversion-row.ts';
import { deliveryRow, isReleaseId } from '../../../functions/adapters/dynamo/delivery-row.ts';
import { ledgerRow } from '../../../functions/adapters/dynamo/ledger-row.ts';
import { logRow } from '../../../functions/adapters/dynamo/log-row.ts';
import { isSettled } from '../../../functions/domain/conversion.ts';
import { isPostbackId } from '../../../functions/domain/conversion-id.ts';
import { type Records, reconcile } from '../../../functions/domain/reconcile.ts';
import type { Gap } from '../../../functions/domain/reconciling/gap.ts';
import { openWork } from '../../../functions/domain/recovery/open-work.ts';
import { publisherId } from '../../../functions/runtime/ids.ts';
import type { PublisherServer } from '../publisher-server.ts';
import type { TableNames } from './tables.ts';

/** What an experiment knows from outside; the tables must agree with it. */
interface Expectation {
  /** Clicks whose postback was answered as accepted. */
  readonly acknowledged: ReadonlySet<string>;
  /** The points that each click's conversion must have in the end. */
  readonly points: ReadonlyMap<string, string>;
}

export interface Verdict {
  readonly records: Records;
  readonly gaps: readonly Gap[];
  readonly acknowledged: number;
  /** Acknowledged clicks without a conversion, or with one that is not settled. */
  readonly lost: readonly string[];
  /** Clicks that have been credited more than they should have been. */
  readonly paidTwice: readonly string[];
  /** Clicks that have other points than they should have. */
  readonly wrong: readonly string[];
  /** Deliveries that count as delivered and that no publisher has received. */
  readonly notReceived: readonly string[];
}

export interface OracleOptions {
  readonly client: DynamoDBDocumentClient;
  readonly names: TableNames;
  readonly now: number;
  readonly expectation: Expectation;
  readonly publishers: readonly PublisherServer[];
}

/**
 * Reads every row of every table, without faults and without the system's own readers. It compares the rows with one another (by the
 * reconciler), with what was acknowledged, with what should have been earned, and with what the publishers have received.
 */
export async function judge({ client, names, now, expectation, publishers }: OracleOptions): Promise<Verdict> {
  const records = await readAll(client, names);
  const gaps = reconcile(records, { now, graceMs: 0, whole: true });
  const byClick = Map.groupBy(records.conversions, ({ click_id }): string => click_id);
  const paid = new Map<string, Big>();
  const clickOf = new Map<string, string>(records.conversions.map(({ conversion_id, click_id }) => [conversion_id, click_id]));
  for (const { entries } of records.accounts) {
    for (const { conversion_id, points } of entries) {
      const click = clickOf.get(conversion_id) ?? conversion_id;
      paid.set(click, (paid.get(click) ?? new Big(0)).plus(points));
    }
  }
  const of = (click: string): Big => paid.get(click) ?? new Big(0);
  const lost = [...expectation.acknowledged].filter((click) => {
    const found = byClick.get(click) ?? [];
    return found.length === 0 || found.some((conversion) => !isSettled(conversion));
  });
  const expected = [...expectation.points];
  const received = new Set(publishers.flatMap(({ requests }) => requests.map(({ headers }) => headers['webhook-id'])));
  return {
    records,
    gaps,
    acknowledged: expectation.acknowledged.size,
    lost,
    paidTwice: expected.filter(([click, points]) => of(click).gt(points)).map(([click]) => click),
    wrong: expected.filter(([click, points]) => !of(click).eq(points)).map(([click]) => click),
    notReceived: records.deliveries
      .filter(({ row }) => row.status === 'delivered' && !received.has(row.delivery_id))
      .map(({ row }) => row.delivery_id),
  };
}

/** Whether everything is settled and every delivery that was decided on has been attempted. */
export function isAllDone({ conversions, deliveries }: Pick<Records, 'conversions' | 'deliveries'>, now: number): boolean {
  const { settle, deliver } = openWork(conversions, new Set(deliveries.map(({ row }) => row.delivery_id)), now);
  return settle.length === 0 && deliver.length === 0;
}

const due = z.object({ due_shard: z.optional(z.string()), due_at: z.optional(z.string()) });
const accountOf = z.object({ account: z.string() });

export async function readAll(client: DynamoDBDocumentClient, names: TableNames): Promise<Records> {
  const [log, conversions, ledger, deliveries] = await Promise.all([
    scan(client, names.postbacks),
    scan(client, names.conversions),
    scan(client, names.ledger),
    scan(client, names.deliveries),
  ]);
  const watched = (row: unknown): boolean => {
    const { due_shard, due_at } = z.parse(due, row);
    return due_shard !== undefined && due_at !== undefined;
  };
  const accounts = Map.groupBy(ledger, (row) => z.parse(accountOf, row).account);
  return {
    // The log's table also contains the open minutes; that of the conversions also contains pointers to conversions and the counters of
    // caps.
    log: log.filter(({ shard }) => shard !== 'open').map((row) => z.parse(logRow, row)),
    conversions: conversions
      .filter(({ conversion_id: id }) => id !== undefined && !isPostbackId(String(id)))
      .map((row) => z.parse(conversionRow, row)),
    accounts: [...accounts].map(([account, rows]) => {
      const separator = account.indexOf('#');
      const entries = rows.map((row) => z.parse(ledgerRow, row)).sort((a, b) => a.entry - b.entry);
      return {
        account: { publisher: z.parse(publisherId, account.slice(0, separator)), user: account.slice(separator + 1) },
        entries,
        cut: false,
      };
    }),
    deliveries: deliveries
      // The table of deliveries also contains the rows that make the sweeper continue, and those that say when each alert was sent.
      .filter(({ shard, delivery_id }) => shard !== 'once' && !isReleaseId(String(delivery_id)))
      .map((row) => ({ row: z.parse(deliveryRow, row), watched: watched(row) })),
  };
}

async function scan(client: DynamoDBDocumentClient, table: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
    );
    rows.push(...Items);
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}
