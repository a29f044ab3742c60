/**
 * Spreads rows whose keys grow with time (contract and design: 10,000 postbacks/s; one key takes 1,000 write units/s).
 * A listing reads every shard and merges. Fixed for the life of the tables.
 */
export const shardCount = 32;

/** The shard of a row: FNV-1a over its id, so that anyone who knows the id finds the row. */
export function shardOf(id: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return String((hash >>> 0) % shardCount);
}

/** The shards of a listing; `owner` is a partner or publisher whose rows are spread as well. */
export function shardsOf(owner?: string): string[] {
  return Array.from({ length: shardCount }, (_, shard) => (owner === undefined ? String(shard) : `${owner}#${shard}`));
}
