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

/** What people quote of a postback. */
export interface QuotedNames {
  readonly transaction?: string | undefined;
  readonly user?: string | undefined;
}

const userGroups = 4;
const transactionGroups = shardCount / userGroups;

/**
 * The shard of a row that is looked for by what people quote: who knows its transaction reads an eighth of the shards, who knows its
 * user a quarter, who knows both one. What it has no name for is spread by its id.
 */
export function shardByNames(id: string, names: QuotedNames): string {
  return shardAt(transactionGroup(names.transaction ?? id), userGroup(names.user ?? id));
}

/** The shards in which rows of the owner with these names are. @see shardByNames */
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

/** By the other digits of the hash: what has no name at all is spread over all shards. */
function userGroup(text: string): number {
  return Math.floor(Number(shardOf(text)) / transactionGroups);
}
