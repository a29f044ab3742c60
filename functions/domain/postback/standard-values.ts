import type { Assigned } from './assigned-parameters.ts';
import { isUnreplacedMacro, type KnownMacros } from './macros.ts';
import { effective, type Parameter, shown } from './parameter.ts';
import { type Refusal, type StandardParameter, standardParameters } from './postback.ts';
import { lastTier, standardOf, trimmed } from './standard-names.ts';

/** The values of the standard parameters of one request. */
interface StandardValues {
  /** Trimmed, never empty. */
  readonly values: ReadonlyMap<StandardParameter, string>;
  /** The parameters from which the values come; a default has none. */
  readonly sources: ReadonlyMap<StandardParameter, readonly Assigned[]>;
  /** Status words and where they come from, in the order in which the names are read. */
  readonly statusWords: readonly StatusWord[];
  /** Parameters that still contain their macro, with the name under which they were sent. */
  readonly macros: ReadonlyMap<StandardParameter, string>;
  /** What was sent under the name of a standard parameter but is none of its values. */
  readonly custom: readonly Parameter[];
  /** Why a parameter cannot be read, in the order of {@link standardParameters}. */
  readonly refusals: readonly Refusal[];
  /** A value that decides nothing has a broken encoding, so it is kept as received. */
  readonly broken: boolean;
}

export interface StatusWord {
  readonly word: string;
  readonly from: readonly Assigned[];
}

/** The parameters that decide whose conversion it is and what it is worth; the others are only kept. */
const decisive: ReadonlySet<StandardParameter> = new Set([
  'click_id',
  'status',
  'payout',
  'currency',
  'offer_id',
  'survey_id',
  'transaction_id',
  'original_transaction_id',
  'event',
]);

/** A nested value of these counts as an unknown word: it is held, not refused. */
const words: ReadonlySet<StandardParameter> = new Set(['status', 'event']);
const longestWord = 100;

/**
 * Finds one value for each standard parameter (contract 1.1). An empty value or a macro counts as absent. Of what is left, the first name
 * counts; then body overrides query; then all remaining values must agree.
 *
 * @param defaults `{our: value}` for what the partner never sends.
 */
export function standardValues(
  occurrences: ReadonlyMap<StandardParameter, readonly Assigned[]>,
  defaults: Readonly<Record<string, string>>,
  macroNames: KnownMacros,
): StandardValues {
  const values = new Map<StandardParameter, string>();
  const sources = new Map<StandardParameter, readonly Assigned[]>();
  const macros = new Map<StandardParameter, string>();
  const custom: Parameter[] = [];
  const refusals: Refusal[] = [];
  let statusWords: readonly StatusWord[] = [];
  let broken = false;
  const standardDefaults = new Map(Object.entries(defaults).map(([name, value]) => [standardOf(name), value.trim()]));
  const isMacro = ({ text }: Parameter): boolean => text !== undefined && isUnreplacedMacro(text, macroNames);
  const isAbsent = (parameter: Parameter): boolean =>
    (parameter.text !== undefined && trimmed(parameter.text) === '') || isMacro(parameter);

  for (const standard of standardParameters) {
    const sent = (occurrences.get(standard) ?? []).map((assigned) => (words.has(standard) ? asWord(assigned) : assigned));
    const named = sent.some(({ meaning }) => meaning.tier < lastTier);
    const readable = sent.filter(
      ({ parameter, meaning }) => (decisive.has(standard) || parameter.text !== undefined) && !(named && meaning.tier === lastTier),
    );
    custom.push(...sent.filter((assigned) => !readable.includes(assigned)).map(({ parameter }) => parameter));
    const present = readable.filter(({ parameter }) => !isAbsent(parameter));
    const tiers = [...new Set(present.map(({ meaning }) => meaning.tier))].sort((a, b) => a - b);
    const asked = tiers.map((tier) => {
      const ofTier = present.filter(({ meaning }) => meaning.tier === tier);
      const counting = new Set(effective(ofTier.map(({ parameter }) => parameter)));
      return ofTier.filter(({ parameter }) => counting.has(parameter));
    });
    const used = asked[0] ?? [];
    // A name that comes later in the order says something else, so it is the partner's own data.
    custom.push(...asked.slice(1).flatMap((tier) => tier.map(({ parameter }) => parameter)));
    for (const tier of standard === 'status' ? asked : asked.slice(0, 1)) {
      const candidates = tier.map(({ parameter }) => parameter);
      const refusal = refusalOf(standard, candidates);
      if (refusal !== undefined) refusals.push(refusal);
      broken ||= candidates.some((candidate) => candidate.broken);
    }
    const value = wordOf(used) ?? (standardDefaults.get(standard) || undefined);
    if (value !== undefined) values.set(standard, value);
    if (used.length > 0) sources.set(standard, used);
    if (standard === 'status') {
      statusWords = asked.flatMap((from) => ({ word: wordOf(from) ?? '', from }));
      if (statusWords.length === 0 && value !== undefined) statusWords = [{ word: value, from: [] }];
    }
    const macro = readable.find(({ parameter }) => isMacro(parameter))?.parameter;
    // A default is for what is never sent, so it does not replace an event whose macro was left.
    const isLeft = value === undefined || standard === 'status' || (words.has(standard) && used.length === 0);
    if (macro !== undefined && isLeft) macros.set(standard, shown(macro.name));
  }
  return { values, sources, statusWords, macros, custom, refusals, broken };
}

function wordOf(from: readonly Assigned[]): string | undefined {
  return from[0] === undefined ? undefined : trimmed(from[0].parameter.text ?? '');
}

/** A nested status or event becomes text, which counts as an unknown word. */
function asWord({ parameter, meaning }: Assigned): Assigned {
  return parameter.text === undefined
    ? { parameter: { ...parameter, text: JSON.stringify(parameter.value).slice(0, longestWord) }, meaning }
    : { parameter, meaning };
}

function refusalOf(standard: StandardParameter, candidates: readonly Parameter[]): Refusal | undefined {
  const names = [...new Set(candidates.map(({ name }) => shown(name)))].join(', ');
  const sentAs = names === standard ? standard : `${standard} (sent as ${names})`;
  if (candidates.some(({ text }) => text === undefined)) {
    return { code: 'invalid_body', message: `${sentAs} must be text or a number, not a nested value` };
  }
  if (new Set(candidates.map(({ text }) => trimmed(text ?? ''))).size > 1) {
    return { code: 'ambiguous_parameter', message: `${sentAs} was sent more than once with different values` };
  }
  if (decisive.has(standard) && candidates.some(({ broken }) => broken)) {
    return { code: 'invalid_encoding', message: `${sentAs} holds a broken percent-encoding or UTF-8 sequence` };
  }
  return undefined;
}
