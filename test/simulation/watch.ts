import Big from 'big.js';
import { decodeTime } from 'ulid';
import { conversionKey } from '../../functions/adapters/dynamo/conversion-row.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import type { TableNames } from '../support/faults/tables.ts';
import type { Change } from './dynamo/store.ts';
import { type Item, isEqual } from './dynamo/values.ts';
import { capLimit } from './workload.ts';
import type { Told, World } from './world.ts';

/** Something that must never be so. */
export class Violation extends Error {
  override name = 'Violation';
  /** How many conversions of the episode there were when it was seen. */
  conversions = 0;
}

/** A committed log entry: which telling it records, and what came of it. */
export interface Recorded {
  readonly action: number;
  readonly result: string;
  readonly code: string | undefined;
}

interface Statement {
  readonly verdict: string;
  readonly log_id: string;
  readonly status?: string;
  readonly release_at?: string;
  readonly releases?: boolean;
}

const minuteMs = 60_000;
const largestMessage = 262_144;

/** Looks at every commit, every message and every request to a publisher, and remembers what the oracle is to be asked. */
export class Watch {
  violation: Violation | undefined;
  readonly byClick = new Map<string, Recorded[]>();
  /** Log ids that were answered with a success that accepts. */
  readonly acknowledged = new Set<string>();
  conversions = 0;
  commits = 0;
  told = 0;
  private readonly now: () => number;
  private readonly mostSkewMs: number;
  private readonly tails = new Map<string, { readonly entry: number; readonly balance: Big }>();
  private readonly capped = new Map<string, Set<string>>();
  private readonly unsettled = new Map<string, readonly Statement[]>();
  /** Conversions with an approval in its hold period. */
  private readonly waiting = new Set<string>();
  private readonly ids = new Map<string, string>();
  private readonly seen = new Set<string>();

  constructor(now: () => number, mostSkewMs: number) {
    this.now = now;
    this.mostSkewMs = mostSkewMs;
  }

  fault(what: string): void {
    this.violation ??= new Violation(what);
  }

  committed(changes: readonly Change[], names: TableNames): void {
    try {
      this.look(changes, names);
    } catch (error) {
      // The product would take it for a failure of the store.
      this.fault(`${error instanceof Error ? error.stack : error}`);
    }
  }

  private look(changes: readonly Change[], { conversions, ledger, postbacks }: TableNames): void {
    this.commits += 1;
    for (const { table, before, after } of changes) {
      if (table === conversions) this.conversion(before, after);
      if (table === postbacks) this.logged(before, after);
    }
    for (const { table, before, after } of changes) if (table === ledger) this.entry(before, after, changes);
  }

  readonly onMessage = (url: string, body: string): void => {
    if (body.length > largestMessage || !/^[\x20-\x7e]*$/.test(body))
      this.fault(`a message to ${url} that SQS would not take: ${body.length} characters`);
  };

  /** @param world where it must have been decided on. */
  heard({ publisher, url, deliveryId }: Told, world: World): void {
    this.told += 1;
    const [conversion, sequence] = [url.searchParams.get('c') ?? '', url.searchParams.get('s') ?? ''];
    const change = `${publisher} ${conversion} ${sequence}`;
    const known = this.ids.get(change) ?? deliveryId;
    this.ids.set(change, known);
    if (known !== deliveryId) this.fault(`${publisher} is told of change ${sequence} of ${conversion} as ${known} and as ${deliveryId}`);
    const row = world.store.row(world.names.conversions, conversionKey(conversion));
    const settlements = (row?.['settlements'] ?? []) as unknown as { deliveries: { delivery_id: string }[] }[];
    if (!settlements.some(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === deliveryId)))
      this.fault(`${publisher} is told of ${conversion} as ${deliveryId}, which nobody has decided on`);
  }

  /** What the sweeper must still come to: every change that is not settled is in a minute that is open, or not looked at yet. */
  reachable(world: World): void {
    const rows = world.store.partition(world.names.postbacks, 'open');
    const next = Date.parse(String(rows.find(({ log_id }) => log_id === 'next')?.['minute'] ?? '1970-01-01T00:00:00.000Z'));
    const open = new Set(rows.map(({ log_id }) => String(log_id)));
    for (const [id, statements] of this.unsettled) {
      const isFound = statements.some(({ log_id }) => {
        const minute = Math.floor(decodeTime(log_id) / minuteMs) * minuteMs;
        return minute >= next || open.has(`${new Date(minute).toISOString()}#${shardOf(log_id)}`);
      });
      if (!isFound) this.fault(`${id} is not settled, and nothing leads the sweeper to it any more`);
    }
  }

  isAllSettled(): boolean {
    return this.unsettled.size === 0 && this.waiting.size === 0;
  }

  private conversion(before: Item | undefined, after: Item | undefined): void {
    if (after?.['revision'] === undefined) return;
    const [from, to] = [Number(String(before?.['revision'] ?? 0)), Number(String(after['revision']))];
    // The sweeper moves on what is due, and nothing else, without a revision.
    const isMovedOn = to === from && before !== undefined && isEqual({ ...before, due_at: '' }, { ...after, due_at: '' });
    if (to !== from + 1 && !isMovedOn) this.fault(`${after['conversion_id']} goes from revision ${from} to ${to}`);
    if (before === undefined) this.conversions += 1;
    const id = String(after['conversion_id']);
    const statements = (after['statements'] ?? []) as unknown as Statement[];
    const kept = ((before?.['statements'] ?? []) as unknown as Statement[]).map(({ log_id }) => log_id);
    const known = new Set(statements.map(({ log_id }) => log_id));
    if (kept.some((logId) => !known.has(logId))) this.fault(`${id} forgets what was said of it`);
    const steps = statements.filter(({ verdict, status }) => verdict === 'accepted' && status !== undefined);
    const settled = ((after['settlements'] ?? []) as unknown as unknown[]).length;
    if (settled < steps.length) this.unsettled.set(id, steps);
    else this.unsettled.delete(id);
    if (after['release_at'] === undefined) this.waiting.delete(id);
    else this.waiting.add(id);
    if (String(after['offer_id']).startsWith('off-cap')) this.counted(id, String(after['offer_id']), String(after['status']));
  }

  /** An approval that takes a place under a cap finds one free, but for a person's, which takes one more. What is pending takes none. */
  private counted(id: string, offer: string, status: string): void {
    const standing = this.capped.get(offer) ?? new Set<string>();
    this.capped.set(offer, standing);
    if (status !== 'approved') {
      standing.delete(id);
      return;
    }
    if (standing.has(id)) return;
    standing.add(id);
    if (standing.size > capLimit && !this.byHand.has(id))
      this.fault(`${standing.size} conversions stand under a cap of ${capLimit} of ${offer}`);
  }
  /** Conversions that a person had a say in. */
  readonly byHand = new Set<string>();

  private entry(before: Item | undefined, after: Item | undefined, changes: readonly Change[]): void {
    // Only an erasure moves entries, and it moves all of an account.
    if (after === undefined) {
      this.tails.delete(String(before?.['account']));
      return;
    }
    const account = String(after['account']);
    if (before !== undefined) this.fault(`entry ${after['entry']} of ${account} is written over`);
    const [entry, balance, points] = [Number(String(after['entry'])), new Big(String(after['balance'])), new Big(String(after['points']))];
    const tail = this.tails.get(account) ?? { entry: entry - 1, balance: balance.minus(points) };
    if (entry !== tail.entry + 1 || !balance.eq(tail.balance.plus(points)))
      this.fault(`entry ${entry} of ${account} does not follow from entry ${tail.entry}: ${tail.balance} and ${points} make ${balance}`);
    this.tails.set(account, { entry, balance });
    const conversion = changes.find(
      ({ after: other }) => other?.['conversion_id'] === after['conversion_id'] && other?.['revision'] !== undefined,
    );
    const release = conversion?.after?.['release_at'];
    if (typeof release === 'string' && points.gt(0) && Date.parse(release) > this.now() + this.mostSkewMs)
      this.fault(`${after['conversion_id']} is paid before ${release}`);
  }

  private logged(before: Item | undefined, after: Item | undefined): void {
    const raw = after?.['raw'] as { query?: string } | undefined;
    if (after === undefined || raw?.query === undefined) return;
    if (before !== undefined || this.seen.has(String(after['log_id']))) return;
    const [, action] = /(?:^|&)n=(\d+)/.exec(raw.query) ?? [];
    const click = /(?:^|&)click_id=([^&]+)/.exec(raw.query)?.[1] ?? '';
    this.seen.add(String(after['log_id']));
    if (action === undefined) return;
    const recorded = {
      action: Number(action),
      result: String(after['result']),
      code: after['code'] === undefined ? undefined : String(after['code']),
    };
    this.byClick.set(click, [...(this.byClick.get(click) ?? []), recorded]);
  }
}
