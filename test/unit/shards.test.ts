import { describe, expect, test } from '@jest/globals';
import { ulid as newUlid } from 'ulid';
import { shardByNames, shardCount, shardOf, shardsByNames, shardsOf } from '../../functions/domain/shards.ts';
import { createRandom } from '../support/faults/random.ts';

const { next } = createRandom('shards', 1);
/** Ids like the receiver's, except for the randomness, which takes long; the receiver makes one id at a time. */
const ulid = (at?: number): string => newUlid(at, next);
/** The ids of one second at the rate that the system is made for. */
const perSecond = 10_000;
/** DynamoDB's limit for one partition key value. */
const mostPerKey = 1_000;

function spread(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(shardOf(id), (counts.get(shardOf(id)) ?? 0) + 1);
  return counts;
}

describe('shards', () => {
  test('are all used by the ids of one second, and none gets over a fifth more than its share', () => {
    // Made like the receiver's ids: so many in each millisecond, each with its own random part.
    const ids = Array.from({ length: perSecond }, (_, index) => ulid(1_790_000_000_000 + Math.floor(index / 10)));
    const counts = spread(ids);
    expect(counts.size).toBe(shardCount);
    expect(Math.max(...counts.values())).toBeLessThan((perSecond / shardCount) * 1.25);
  });

  test('keep the log below the limit of one key, two units for each entry in a transaction, at 10,000 postbacks a second', () => {
    const counts = spread(Array.from({ length: perSecond }, () => ulid()));
    expect(2 * Math.max(...counts.values())).toBeLessThan(mostPerKey);
  });

  test('spread what one partner sends alone: the index by partner stays below the limit as well', () => {
    const ids = Array.from({ length: perSecond }, () => ulid());
    const keys = new Map<string, number>();
    for (const id of ids) {
      const key = `one-partner#${shardOf(id)}`;
      keys.set(key, (keys.get(key) ?? 0) + 1);
    }
    expect(Math.max(...keys.values())).toBeLessThan(mostPerKey);
    expect([...keys.keys()].sort()).toEqual(shardsOf('one-partner').sort());
  });

  test('follow from the id', () => {
    const id = ulid();
    expect(shardOf(id)).toBe(shardOf(`${id}`));
    expect(shardsOf()).toContain(shardOf(id));
  });

  test('by quoted names are few for one name, a single one for both, and all without a name', () => {
    const names = { transaction: 'T-77', user: 'user-9' };
    const at = `one-partner#${shardByNames(ulid(), names)}`;
    const known = [names, { transaction: 'T-77' }, { user: 'user-9' }, {}].map((some) => shardsByNames('one-partner', some));
    expect(known.map(({ length }) => length)).toEqual([1, 4, 8, shardCount]);
    for (const shards of known) expect(shards).toContain(at);
    expect(known[3]?.sort()).toEqual(shardsOf('one-partner').sort());
  });

  test('by quoted names spread entries with only a transaction, only a user, or neither', () => {
    const used = (names: (index: number) => object): number =>
      new Set(Array.from({ length: 2_000 }, (_, index) => shardByNames(ulid(), names(index)))).size;
    expect(used(() => ({}))).toBe(shardCount);
    expect(used((index) => ({ transaction: `T-${index}` }))).toBe(shardCount);
    expect(used((index) => ({ user: `user-${index}` }))).toBe(shardCount);
    // The postbacks of one user at full rate are spread by their transactions.
    expect(used((index) => ({ user: 'often', transaction: `T-${index}` }))).toBe(8);
  });
});
