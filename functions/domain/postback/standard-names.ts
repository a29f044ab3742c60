import type { Network } from '../networks/network.ts';
import type { Partner } from '../settings.ts';
import { type StandardParameter, standardParameters } from './postback.ts';

/** Other names by which a standard parameter is accepted (contract 1.2). */
export const aliases: Readonly<Partial<Record<StandardParameter, readonly string[]>>> = {
  click_id: ['clickid', 'aff_click_id', 'aff_sub', 'subid', 's1'],
  status: ['conversion_status'],
  payout: ['amount', 'revenue'],
  offer_id: ['oid', 'campaign_id'],
  transaction_id: ['txn_id', 'trans_id', 'tx_id', 'trans'],
  event: ['event_type', 'goal', 'action', 'conversion_type'],
  affiliate_id: ['aff_id'],
  sub_id: ['sub'],
  sub_id1: ['sub1'],
  sub_id2: ['sub2'],
  sub_id3: ['sub3'],
  sub_id4: ['sub4'],
  sub_id5: ['sub5'],
  country: ['country_code'],
  reason: ['chargeback_reason', 'term_reason', 'reversal_reason'],
};

const standardByName: ReadonlyMap<string, StandardParameter> = new Map(
  standardParameters.flatMap((standard) => [standard, ...(aliases[standard] ?? [])].map((name) => [name, standard] as const)),
);

/** Every name of contract 1.2, aliases included. */
export const allStandardNames: ReadonlySet<string> = new Set(standardByName.keys());

/** The standard parameter with this name or alias. */
export function standardOf(name: string): StandardParameter | undefined {
  return standardByName.get(name);
}

/** The meaning of a name for one partner. */
export interface Meaning {
  readonly standard: StandardParameter;
  /** If a parameter has several sources, the lowest tier that was sent counts; the others are custom data. */
  readonly tier: number;
  /** Where the meaning comes from: the partner's mapping, its network, or contract 1.2. */
  readonly by: 'partner' | 'network' | 'contract';
}

/** The names that have a meaning for one partner. Names are case-sensitive; {@link NameReader.near} finds near misses. */
export interface NameReader {
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** The exact names by their folded form. */
  readonly near: ReadonlyMap<string, string>;
}

/** The settings that determine a partner's names. */
export type Naming = Pick<Partner, 'parameter_mapping' | 'parameter_defaults'>;

/**
 * How a partner's names are read: its own mapping first, then its network's names, then the standard names and their aliases.
 * If mapping, default or network names the source of a parameter, the parameter's aliases are off (contract 1.1). A name that one parameter
 * claims is not read for another (TheoremReach sends its amount as `currency`).
 */
export function nameReader({ parameter_mapping, parameter_defaults }: Naming, network: Network | undefined): NameReader {
  const meanings = new Map<string, Meaning>();
  const silent = new Set(network?.custom);
  for (const [theirs, ours] of Object.entries(parameter_mapping)) {
    const standard = ours === null ? undefined : standardOf(ours);
    silent.delete(theirs);
    if (standard === undefined) silent.add(theirs);
    else meanings.set(theirs, { standard, tier: 0, by: 'partner' });
  }
  const mapped = new Set([...meanings.values()].map(({ standard }) => standard));
  for (const standard of standardParameters) {
    if (mapped.has(standard)) continue;
    for (const [tier, theirs] of (network?.names[standard] ?? []).entries()) {
      if (!meanings.has(theirs) && !Object.hasOwn(parameter_mapping, theirs)) meanings.set(theirs, { standard, tier, by: 'network' });
    }
  }
  const defaults = new Set(Object.keys(parameter_defaults).map(standardOf));
  for (const standard of standardParameters) {
    const theirs = network?.names[standard];
    // A name that the partner maps to something else is no longer a source.
    const isSource = theirs?.length === 0 || theirs?.some((name) => meanings.get(name)?.standard === standard) === true;
    const named = mapped.has(standard) || isSource;
    // A parameter that the network never sends is not read from another name either. A payout is read only from the network's own name,
    // because its unit belongs to that name.
    if (!mapped.has(standard) && isSource && (theirs?.length === 0 || standard === 'payout')) continue;
    const names = named || defaults.has(standard) ? [standard] : [standard, ...(aliases[standard] ?? [])];
    for (const name of names.filter((candidate) => !meanings.has(candidate) && !silent.has(candidate))) {
      meanings.set(name, { standard, tier: named ? lastTier : 0, by: 'contract' });
    }
  }
  const near = new Map<string, string>();
  for (const name of meanings.keys()) if (!near.has(folded(name))) near.set(folded(name), name);
  return { meanings, near };
}

/**
 * The tier of a standard name whose source is another name for this partner: it keeps its meaning as long as none of those sources is sent.
 */
export const lastTier = 1_000;

/** The text without blanks and invisible characters around it. */
export function trimmed(text: string): string {
  return text.replace(/^[\s\p{Cc}\u00ad\u200b-\u200f\u2060\ufeff]+|[\s\p{Cc}\u00ad\u200b-\u200f\u2060\ufeff]+$/gu, '');
}

/** A name without what names pick up on their way: another case or width, blanks, the rest of an `&amp;`, list brackets (contract 1.1). */
export function folded(name: string): string {
  // Almost every name is plain, and there are many of them.
  if (/^\w+$/.test(name)) return name.toLowerCase();
  const bare = trimmed(name)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^(?:&?amp;|;)+/, '')
    .replace(/\[0?\]$/, '');
  return trimmed(bare);
}
