import { isReleaseId } from '../../functions/adapters/dynamo/delivery-row.ts';
import { isPostbackId } from '../../functions/domain/conversion-id.ts';
import { graceMs } from '../../functions/domain/forwarding/progress.ts';
import type { TableNames } from '../support/faults/tables.ts';
import type { Change, SimulatedDynamo } from './dynamo/store.ts';
import { type Item, isEqual, type Value } from './dynamo/values.ts';
import { clicksPerHour } from './workload.ts';

const hourMs = 3_600_000;
/** The number of an hour's clicks that an instance counts in its memory instead of the store. */
const clicksInMemory = 5;
/** After the first time a request with a key is over and may begin again; after the second its row is no longer kept. */
const [longestRequestMs, requestKeptMs] = [35_000, 86_400_000];

/** A law about how one row may change. @returns what is wrong with the change, or `undefined`. */
type Law = (before: Item | undefined, after: Item | undefined, changes: readonly Change[]) => string | undefined;

export interface RowLawOptions {
  readonly names: TableNames;
  readonly now: () => number;
  readonly mostSkewMs: number;
  readonly store: () => Pick<SimulatedDynamo, 'row'>;
}

/**
 * The laws that must hold for every single write, whoever makes it and for whatever reason: rows that may be created once are created once,
 * revisions grow one at a time, what is final stays, and a deleted row does not come back in part. A guard that lets two writers pass
 * breaks one of these laws the first time that two meet, long before it costs anybody money.
 */
export function createRowLaws({ names, now, mostSkewMs, store }: RowLawOptions): (changes: readonly Change[]) => string | undefined {
  const dueLater = (row: Item): boolean => Date.parse(text(row['due_at'])) > now() + mostSkewMs;

  /** Whoever postpones a delivery makes it due at its next attempt, or a minute later if a message wakes it. A sweeper does neither. */
  const wakesByItself = (row: Item): boolean =>
    [0, graceMs].includes(Date.parse(text(row['due_at'])) - Date.parse(text(row['next_attempt_at'])));

  /** The sweeper postpones rows that are due, and no others. */
  const dueLaw: Law = (before, after) => {
    if (after === undefined) return undefined;
    if (after['due_at'] !== undefined && after['due_shard'] === undefined) return 'is due and in no list of what is due';
    if (before === undefined || after['due_at'] === before['due_at'] || !dueLater(before) || wakesByItself(after)) return undefined;
    return isSameBut('due_at', before, after) ? 'is moved on by a sweeper before its time' : undefined;
  };

  const settings: Law = (before, after) => {
    if (before?.['removed_at'] !== undefined) return 'is changed or made again, and its name was to be given once';
    if (before?.['kind'] === undefined) {
      if (after?.['kind'] === undefined) return 'is removed, and is not there';
      return number(after['revision']) === 1 ? undefined : 'begins at a later revision';
    }
    if (after?.['kind'] === undefined || number(after['revision']) === number(before['revision']) + 1) return undefined;
    return `goes from revision ${before['revision']} to ${after['revision']}`;
  };

  const keys: Law = (before, after, changes) => {
    const id = text((after ?? before)?.['key_hash']);
    if (after === undefined) return undefined;
    if (id.startsWith('label#')) return labelLaw(before, after, changes);
    if (id.startsWith('id#')) return before === undefined ? undefined : 'leads to another key';
    if (before === undefined) return after['partner_id'] === undefined ? 'comes back without its partner' : undefined;
    if (before['key_id'] !== after['key_id']) return 'is issued over another key';
    if (before['status'] === 'revoked' && after['status'] !== 'revoked') return 'was revoked and is active again';
    const [earlier, later] = [before['expires_at'], after['expires_at']];
    return earlier !== undefined && (later === undefined || text(later) > text(earlier)) ? 'lives longer than was decided' : undefined;
  };
  /** Each key that was live under a label stays under it, or ends with this change. */
  const labelLaw = (before: Item | undefined, after: Item, changes: readonly Change[]): string | undefined => {
    const [from, to] = [number(before?.['revision'] ?? null), number(after['revision'])];
    if (to !== from + 1) return `goes from revision ${from} to ${to}`;
    const named = new Set(after['hashes'] as readonly string[]);
    const left = ((before?.['hashes'] ?? []) as readonly string[]).filter((hash) => !named.has(hash));
    const isLive = (hash: string): boolean => {
      const key = changes.find(({ after: other }) => other?.['key_hash'] === hash)?.after ?? store().row(names.keys, { key_hash: hash });
      const ends = key?.['expires_at'];
      return key?.['status'] === 'active' && (ends === undefined || Date.parse(text(ends)) > now() + mostSkewMs);
    };
    return left.some(isLive) ? 'forgets a key that lives on' : undefined;
  };

  const tokens: Law = (before, after) => {
    if (after === undefined || text(after['token_hash']).startsWith('id#')) return undefined;
    if (before === undefined) return after['kind'] === undefined ? 'comes back without its name' : undefined;
    return before['status'] === 'revoked' && after['status'] !== 'revoked' ? 'was revoked and is active again' : undefined;
  };

  const clicks: Law = (before, after) => {
    if (after === undefined) return undefined;
    if (text(after['click_id']).startsWith('count#'))
      return number(after['clicks']) > clicksPerHour - clicksInMemory
        ? `counts ${after['clicks']} clicks of an hour without room`
        : undefined;
    if (before === undefined) return after['offer_id'] === undefined ? 'comes back without its offer' : undefined;
    return text(after['user_id']).startsWith('erased-') ? undefined : 'is stored over the one that is there';
  };

  const postbacks: Law = (before, after) => {
    if (after?.['shard'] === 'open') {
      if (after['log_id'] !== 'next' || before === undefined) return undefined;
      return text(after['minute']) > text(before['minute']) ? undefined : `goes from ${before['minute']} to ${after['minute']}`;
    }
    if (after === undefined) return undefined;
    if (before === undefined) return after['result'] === undefined ? 'comes back without its result' : undefined;
    if ((after['raw'] as Item | undefined)?.['source_address'] === 'erased') return undefined;
    if (before['result'] !== 'held' && before['result'] !== 'error') return `was ${before['result']}, and is processed again`;
    const [had, has] = [before, after].map((row) => ((row['earlier'] ?? []) as readonly Value[]).length);
    return has === (had ?? 0) + 1 ? undefined : `is written over, with ${has} earlier outcomes in the place of ${had}`;
  };

  const conversions: Law = (before, after, changes) => {
    const id = text((after ?? before)?.['conversion_id'] ?? null);
    if (after === undefined) return undefined;
    if (text(after['owner']).startsWith('CAP-')) return number(after['count']) < 0 ? `counts ${after['count']}` : undefined;
    if (text(after['owner']).startsWith('ERASE-'))
      return before !== undefined && before['pseudonym'] !== after['pseudonym'] ? 'gives a person a second pseudonym' : undefined;
    if (after['conversion_id'] === undefined) return 'comes back without its id';
    if (isPostbackId(id)) {
      if (before?.['became'] !== undefined && after['became'] !== before['became'])
        return `leads to ${before['became']}, and from now on to ${after['became']}`;
      if (before !== undefined && before['status'] === undefined && !isEqual(before, after)) return 'is held, and leads somewhere already';
      return undefined;
    }
    return dueLaw(before, after, changes);
  };

  const deliveries: Law = (before, after, changes) => {
    if (after === undefined) return undefined;
    if (after['shard'] === 'once') {
      const between = before === undefined ? Number.POSITIVE_INFINITY : number(after['told_at']) - number(before['told_at']);
      return between < hourMs ? `is told again after ${between} ms` : undefined;
    }
    if (after['publisher_id'] === undefined) return 'comes back without its publisher';
    // This row makes the sweeper continue a release, at whatever time.
    if (isReleaseId(text(after['delivery_id']))) return undefined;
    const [had, has] = [attemptsOf(before), attemptsOf(after)];
    if (has.length > had.length + 1 || had.some((at, index) => has[index] !== at)) return 'loses attempts that were made';
    const isResent = changes.some(({ table }) => table === names.audit);
    const isOver = ['delivered', 'dead', 'no_url'].includes(text(before?.['status'] ?? null));
    if (isOver && has.length > had.length) return `was ${before?.['status']}, and is attempted again`;
    if (isOver && after['status'] !== before?.['status'] && !isResent)
      return `was ${before?.['status']}, and is ${after['status']} although nobody sends it again`;
    if (isResent && before?.['status'] === 'scheduled') return 'is sent again, and was on its way already';
    return dueLaw(before, after, changes);
  };

  const endpoints: Law = (before, after) => {
    if (after === undefined) return undefined;
    if (text(after['publisher_id']).endsWith('#rate'))
      return before !== undefined && number(after['next_at']) <= number(before['next_at']) ? 'gives the same turn to two' : undefined;
    const [from, to] = [number(before?.['version'] ?? null), number(after['version'])];
    return to === from + 1 ? undefined : `goes from version ${from} to ${to}`;
  };

  const statistics: Law = (before, after) => {
    if (!text((after ?? before)?.['day_shard'] ?? null).startsWith('request#') || before === undefined || after === undefined)
      return undefined;
    const [was, is] = [number(before['began_at']), number(after['began_at'])];
    if (is === was || is === 0) return undefined;
    const isFree = was < is - requestKeptMs || (before['answer'] === undefined && was < is - longestRequestMs);
    return isFree ? undefined : 'is begun again although it runs or has been answered';
  };

  const ledger: Law = (before, after) => (before === undefined && after === undefined ? 'is moved, and is not there' : undefined);
  // The same row again is a request that was sent twice.
  const audit: Law = (before, after) => (before === undefined || isEqual(before, after ?? {}) ? undefined : 'is written over');

  const laws = new Map<string, Law>([
    [names.settings, settings],
    [names.keys, keys],
    [names.tokens, tokens],
    [names.clicks, clicks],
    [names.postbacks, postbacks],
    [names.conversions, conversions],
    [names.deliveries, deliveries],
    [names.endpoints, endpoints],
    [names.statistics, statistics],
    [names.ledger, ledger],
    [names.audit, audit],
  ]);
  return (changes) => {
    for (const { table, before, after } of changes) {
      const wrong = laws.get(table)?.(before, after, changes);
      if (wrong !== undefined) return `${table} ${nameOf(after ?? before ?? {})} ${wrong}`;
    }
    return undefined;
  };
}

const idNames = [
  'pk',
  'key_hash',
  'token_hash',
  'conversion_id',
  'click_id',
  'delivery_id',
  'publisher_id',
  'log_id',
  'day_shard',
  'account',
  'audit_id',
];

function nameOf(row: Item): string {
  return text(row[idNames.find((name) => row[name] !== undefined) ?? ''] ?? row['owner'] ?? null);
}

function text(value: Value | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}

function number(value: Value | undefined): number {
  return Number(text(value) || 0);
}

/** The time when each attempt began. */
function attemptsOf(row: Item | undefined): string[] {
  return ((row?.['attempts'] ?? []) as readonly Item[]).map(({ at }) => text(at));
}

function isSameBut(name: string, one: Item, other: Item): boolean {
  return isEqual({ ...one, [name]: '' }, { ...other, [name]: '' });
}
