import type { Preset } from '../presets/preset.ts';
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

/** The standard parameter that goes by this name or alias. */
export function standardOf(name: string): StandardParameter | undefined {
  return standardByName.get(name);
}

/** Which names of a request mean what, for one partner. Names are case-sensitive. */
export interface NameReader {
  /** What the name means. */
  readonly meanings: ReadonlyMap<string, StandardParameter>;
  /**
   * Standard names whose source is another one for this partner. They still mean themselves while none of the named
   * sources is sent, and are custom data otherwise.
   */
  readonly lastResorts: ReadonlySet<string>;
}

/**
 * How a partner's names are read: its own mapping, then its preset's, then the standard names and their aliases.
 * Where mapping or preset names the source of a parameter, its aliases are off (contract 1.1); a name that one
 * parameter claims is not read for another (TheoremReach sends its amount as `currency`).
 */
export function nameReader({ parameter_mapping }: Pick<Partner, 'parameter_mapping'>, preset: Preset | undefined): NameReader {
  const meanings = new Map<string, StandardParameter>();
  const named = new Set<StandardParameter>();
  for (const [theirs, ours] of Object.entries(parameter_mapping)) {
    const standard = standardOf(ours);
    if (standard === undefined) continue;
    meanings.set(theirs, standard);
    named.add(standard);
  }
  const mapped = new Set(named);
  for (const standard of standardParameters) {
    if (mapped.has(standard)) continue;
    const free = (preset?.parameters[standard] ?? []).filter((theirs) => !meanings.has(theirs));
    for (const theirs of free) meanings.set(theirs, standard);
    if (free.length > 0) named.add(standard);
  }
  const lastResorts = new Set<string>();
  for (const standard of standardParameters) {
    const names = named.has(standard) ? [standard] : [standard, ...(aliases[standard] ?? [])];
    for (const name of names.filter((candidate) => !meanings.has(candidate))) {
      // A preset's amount has the unit of its own name: another name's amount would be read in the wrong one.
      if (named.has(standard) && standard === 'payout' && !mapped.has(standard)) continue;
      meanings.set(name, standard);
      if (named.has(standard)) lastResorts.add(name);
    }
  }
  return { meanings, lastResorts };
}
