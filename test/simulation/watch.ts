import Big from 'big.js';
import { decodeTime } from 'ulid';
import { conversionKey } from '../../functions/adapters/dynamo/conversion-row.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import type { TableNames } from '../support/faults/tables.ts';
import type { Change, SimulatedDynamo } from './dynamo/store.ts';
import { type Item, isEqual } from './dynamo/values.ts';
import { createRowLaws } from './row-laws.ts';
import { capLimit, partnerKinds, publishers } from './workload.ts';
import type { Told, World } from './world.ts';

/** Something that must never happen. */
export class Violation extends Error {
  override name = 'Violation';
  /** The number of the episode's conversions when it was seen. */
  conversions = 0;
}

/** A committed log entry: the action that it records, and the result. */
export interface Recorded {
  readonly action: number;
  readonly result: string;
  readonly code: string | undefined;
  /** The conversion that it is about, or the id under which it is held. */
  readonly about: string;
  /** Epoch milliseconds of its commit, and of its receipt by the receiver's own clock. */
  readonly committedAt: number;
  readonly receivedAt: number;
}

interface Statement {
  readonly verdict: string;
  readonly log_id: string;
  readonly status?: string;
  readonly transaction_id?: string;
  readonly by?: string;
  readonly release_at?: string;
  readonly releases?: boolean;
}

interface Settlement {
  readonly deliveries: readonly { readonly delivery_id: string }[];
}

const minuteMs = 60_000;
/** A pause takes effect within a second or two, and a request that is under way ends within ten. */
const pauseMs = 15_000;
const largestMessage = 262_144;

/** Checks every commit, every message and every request to a publisher, and remembers what the oracle will be asked about. */
export class Watch {
  violation: Violation | undefined;
  /** Log entries in the order of their commits. */
  readonly recorded: Recorded[] = [];
  /** Log ids of postbacks that were answered with a success, whatever their result. */
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
  /** Requests that were accepted, with the log entry that accepted each. */
  private readonly requests = new Map<string, string>();
  /** The conversion that was paid for a transaction, and when, for partners whose clicks are guessed or that sign. */
  private readonly paidFor = new Map<string, { readonly id: string; readonly at: number }>();
  /** Deliveries that nobody has attempted yet, by conversion, with the conversion's accepted statements. */
  private readonly unattempted = new Map<string, { readonly ids: Set<string>; readonly steps: readonly Statement[] }>();
  /** The time since which each endpoint has been paused. */
  private readonly paused = new Map<string, number>();
  /** Slices of the log that the sweeper has left open, and the next minute that it will look at. */
  private readonly openSlices = new Set<string>();
  private nextMinute = 0;
  private readonly rowLaws: (changes: readonly Change[]) => string | undefined;

  constructor(now: () => number, mostSkewMs: number, names: TableNames, store: () => Pick<SimulatedDynamo, 'row'>) {
    this.now = now;
    this.mostSkewMs = mostSkewMs;
    this.rowLaws = createRowLaws({ names, now, mostSkewMs, store });
  }

  fault(what: string): void {
    this.violation ??= new Violation(what);
  }

  committed(changes: readonly Change[], names: TableNames): void {
    try {
      this.look(changes, names);
    } catch (error) {
      // If this were thrown, the product would think that the store had failed.
      this.fault(`${error instanceof Error ? error.stack : error}`);
    }
  }

  private look(changes: readonly Change[], { conversions, ledger, postbacks, deliveries, endpoints }: TableNames): void {
    this.commits += 1;
    const wrong = this.rowLaws(changes);
    if (wrong !== undefined) this.fault(wrong);
    const slices = changes.filter(({ table, before, after }) => table === postbacks && (after ?? before)?.['shard'] === 'open');
    for (const { before, after } of slices) this.slice(before, after);
    for (const { table, before, after } of changes) {
      if (table === conversions) this.conversion(before, after, changes);
      if (table === postbacks) this.logged(before, after);
      if (table === deliveries && before === undefined) this.attempted(after);
      if (table === endpoints) this.endpoint(after);
    }
    // Something can become unreachable only when a conversion begins to wait or a slice is closed.
    if (slices.length > 0) this.reachable();
    for (const { table, before, after } of changes) if (table === ledger) this.entry(before, after, changes);
  }

  readonly onMessage = (url: string, body: string): void => {
    if (body.length > largestMessage || !/^[\x20-\x7e]*$/.test(body))
      this.fault(`a message to ${url} that SQS would not take: ${body.length} characters`);
  };

  /** @param world the world in which the delivery must have been decided on. */
  heard({ publisher, url, deliveryId }: Told, world: World): void {
    this.told += 1;
    // Alerts to our own people are not about a conversion.
    if (publisher === 'ops') return;
    const since = this.paused.get(publisher === `pub-${publishers}` ? `${publisher}#slow` : publisher);
    if (since !== undefined && this.now() - since > pauseMs)
      this.fault(`${publisher} is told of something ${this.now() - since} ms after it was paused`);
    const [conversion, sequence] = [url.searchParams.get('c') ?? '', url.searchParams.get('s') ?? ''];
    const change = `${publisher} ${conversion} ${sequence}`;
    const known = this.ids.get(change) ?? deliveryId;
    this.ids.set(change, known);
    if (known !== deliveryId) this.fault(`${publisher} is told of change ${sequence} of ${conversion} as ${known} and as ${deliveryId}`);
    const row = world.store.row(world.names.conversions, conversionKey(conversion));
    const settlements = (row?.['settlements'] ?? []) as unknown as Settlement[];
    if (!settlements.some(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === deliveryId)))
      this.fault(`${publisher} is told of ${conversion} as ${deliveryId}, which nobody has decided on`);
  }

  private slice(before: Item | undefined, after: Item | undefined): void {
    const id = String((after ?? before)?.['log_id']);
    if (id === 'next') this.nextMinute = Date.parse(String(after?.['minute']));
    else if (after === undefined) this.openSlices.delete(id);
    else this.openSlices.add(id);
  }

  /**
   * Checks that the sweeper can find all open work: every change that is not settled is in an open minute, or in one that the sweeper has
   * not looked at yet.
   */
  private reachable(): void {
    for (const [id, statements] of this.unsettled) this.isReachable(id, statements);
    for (const [id, { steps }] of this.unattempted) this.isReachable(id, steps);
  }

  private attempted(row: Item | undefined): void {
    const id = String(row?.['conversion_id']);
    const waiting = this.unattempted.get(id);
    waiting?.ids.delete(String(row?.['delivery_id']));
    if (waiting?.ids.size === 0) this.unattempted.delete(id);
  }

  private endpoint(row: Item | undefined): void {
    const id = String(row?.['publisher_id']);
    if (row?.['paused'] === undefined) this.paused.delete(id);
    else this.paused.set(id, this.paused.get(id) ?? this.now());
  }

  private isReachable(id: string, statements: readonly Statement[]): void {
    const leads = statements.some(({ log_id }) => {
      const minute = Math.floor(decodeTime(log_id) / minuteMs) * minuteMs;
      return minute >= this.nextMinute || this.openSlices.has(`${new Date(minute).toISOString()}#${shardOf(log_id)}`);
    });
    if (!leads) this.fault(`${id} is not settled or not told, and nothing leads the sweeper to it any more`);
  }

  isAllSettled(): boolean {
    return this.unsettled.size === 0 && this.waiting.size === 0;
  }

  private conversion(before: Item | undefined, after: Item | undefined, changes: readonly Change[]): void {
    if (after?.['revision'] === undefined) return;
    const [from, to] = [Number(String(before?.['revision'] ?? 0)), Number(String(after['revision']))];
    // Only the sweeper, when it postpones a row that is due, changes a row without a new revision.
    const isMovedOn = to === from && before !== undefined && isEqual({ ...before, due_at: '' }, { ...after, due_at: '' });
    if (to !== from + 1 && !isMovedOn) this.fault(`${after['conversion_id']} goes from revision ${from} to ${to}`);
    if (before === undefined) this.conversions += 1;
    const id = String(after['conversion_id']);
    const statements = (after['statements'] ?? []) as unknown as Statement[];
    const kept = ((before?.['statements'] ?? []) as unknown as Statement[]).map(({ log_id }) => log_id);
    if (
      !inOrder(
        kept,
        statements.map(({ log_id }) => log_id),
      )
    )
      this.fault(`${id} forgets what was said of it, or when: ${kept}, and then ${statements.map(({ log_id }) => log_id)}`);
    const steps = statements.filter(({ verdict, status }) => verdict === 'accepted' && status !== undefined);
    const settlements = (after['settlements'] ?? []) as unknown as Settlement[];
    const settled = settlements.length;
    const decided = settlements
      .slice(((before?.['settlements'] ?? []) as unknown as unknown[]).length)
      .flatMap(({ deliveries }) => deliveries.map(({ delivery_id }) => delivery_id));
    if (decided.length > 0) {
      const { ids } = this.unattempted.get(id) ?? { ids: new Set() };
      this.unattempted.set(id, { ids: new Set([...ids, ...decided]), steps });
      this.isReachable(id, steps);
    }
    if (settled < steps.length) {
      this.unsettled.set(id, steps);
      this.isReachable(id, steps);
    } else this.unsettled.delete(id);
    this.matched(id, before, after, changes);
    if (after['release_at'] === undefined) this.waiting.delete(id);
    else this.waiting.add(id);
    if (String(after['offer_id']).startsWith('off-cap')) this.counted(id, String(after['offer_id']), String(after['status']));
  }

  /**
   * Checks that nobody is paid for a click that was made after the postback came, and that no two are paid for one transaction that is
   * guessed or signed.
   */
  private matched(id: string, before: Item | undefined, after: Item, changes: readonly Change[]): void {
    const statements = (after['statements'] ?? []) as unknown as Statement[];
    const [first] = statements;
    const { clicked_at } = after['click'] as { clicked_at?: string };
    const isGuessed = after['matched_by'] !== undefined;
    if (
      before === undefined &&
      isGuessed &&
      clicked_at !== undefined &&
      first !== undefined &&
      Date.parse(clicked_at) > decodeTime(first.log_id)
    )
      this.fault(`${id} is paid for a click made at ${clicked_at}, after ${first.log_id} came`);
    const kind = partnerKinds.get(Number(String(after['partner_id']).slice('par-'.length)));
    if (kind !== 'latest' && kind !== 'unique' && kind !== 'signed') return;
    const old = new Set(((before?.['statements'] ?? []) as unknown as Statement[]).map(({ log_id }) => log_id));
    for (const { verdict, status, transaction_id, by, log_id } of statements) {
      if (old.has(log_id)) continue;
      if (verdict !== 'accepted' || status !== 'approved' || transaction_id === undefined || by !== undefined) continue;
      const name = `${after['partner_id']} ${transaction_id}`;
      const paid = this.paidFor.get(name) ?? { id, at: this.now() };
      const entry = changes.find(({ after: other }) => other?.['log_id'] === log_id && other['raw'] !== undefined)?.after;
      const { query = '' } = (entry?.['raw'] ?? {}) as { query?: string };
      // When a postback names its click, nothing leads from the transaction to the conversion, unless the partner matches by transaction.
      const isNamed = query.includes('click_id=') && kind !== 'signed';
      if (!isNamed) this.paidFor.set(name, paid);
      // One that names its click may have been first, if it came before the other was written.
      const mayBeFirst = isNamed && decodeTime(log_id) < paid.at + this.mostSkewMs;
      if (paid.id !== id && !mayBeFirst) this.fault(`${name} is paid for as ${paid.id} and as ${id}`);
    }
  }

  /**
   * Checks that an approval under a cap finds a free place. A person's approval may exceed the cap, and a pending conversion takes no
   * place.
   */
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
  /** Conversions that a person has decided about. */
  readonly byHand = new Set<string>();

  private entry(before: Item | undefined, after: Item | undefined, changes: readonly Change[]): void {
    // Only an erasure moves entries, and it moves all entries of an account.
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
    const logId = String(after['log_id']);
    const [, action] = /(?:^|&)n=(\d+)/.exec(raw.query) ?? [];
    if (action === undefined) return;
    if (after['result'] === 'accepted') {
      const request = `${after['partner_id']} ${raw.query}`;
      const by = this.requests.get(request) ?? logId;
      this.requests.set(request, by);
      if (by !== logId) this.fault(`${raw.query} is accepted as ${by}, and as ${logId} again`);
    }
    if (before !== undefined || this.seen.has(logId)) return;
    this.seen.add(logId);
    this.recorded.push({
      action: Number(action),
      result: String(after['result']),
      code: after['code'] === undefined ? undefined : String(after['code']),
      about: String(after['conversion_id'] ?? ''),
      committedAt: this.now(),
      receivedAt: decodeTime(logId),
    });
  }
}

/** Whether everything stands among the others in its own order. What was said was judged by what had been said before it. */
function inOrder(ones: readonly string[], others: readonly string[]): boolean {
  let found = 0;
  for (const other of others) if (other === ones[found]) found += 1;
  return found === ones.length;
}
