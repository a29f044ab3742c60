/**
 * Spreads rows whose keys grow with time: the target is 10,000 postbacks/s, and one key takes 1,000 write units/s (design).
 * A listing reads every shard and merges. The number is fixed for the life of the tables.
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

/** The shards of a listing; `owner` is a partner or publisher whose rows are spread too. */
export function shardsOf(owner?: string): string[] {
  return Array.from({ length: shardCount }, (_, shard) => (owner === undefined ? String(shard) : `${owner}#${shard}`));
}

/** The names by which people ask about a postback. */
export interface QuotedNames {
  readonly transaction?: string | undefined;
  readonly user?: string | undefined;
}

const userGroups = 4;
const transactionGroups = shardCount / userGroups;

/**
 * The shard of a row that people look for by these names. With a transaction an eighth of the shards has to be read, with a user a quarter,
 * with both only one. A row without one of the names is spread by its id instead.
 */
export function shardByNames(id: string, names: QuotedNames): string {
  return shardAt(transactionGroup(names.transaction ?? id), userGroup(names.user ?? id));
}

/** The shards that contain the owner's rows with these names. @see shardByNames */
export function shardsByNames(owner: string, { transaction, user }: QuotedNames): string[] {
  const groups = (count: number, one: number | undefined) =>
    one === undefined ? Array.from({ length: count }, (_, group) => group) : [one];
  const users = groups(userGroups, user === undefined ? undefined : userGroup(user));
  return groups(transactionGroups, transaction === undefined ? undefined : transactionGroup(transaction)).flatMap((group) =>
    users.map((ofUser) => `${owner}#${shardAt(group, ofUser)}`),
  );
}

function shardAt(ofTransaction: number, ofUser: number): string {
  return String(ofTransaction * userGroups + ofUser);
}

function transactionGroup(text: string): number {
  return Number(shardOf(text)) % transactionGroups;
}

/** Uses the other digits of the hash, so that rows without any name are spread over all shards. */
function userGroup(text: string): number {
  return Math.floor(Number(shardOf(text)) / transactionGroups);
}
