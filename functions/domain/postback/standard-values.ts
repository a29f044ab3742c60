import { isUnreplacedMacro } from './macros.ts';
import { effective, type Parameter, shown } from './parameter.ts';
import { type Refusal, type StandardParameter, standardParameters } from './postback.ts';
import { standardOf } from './standard-names.ts';

/** What the standard parameters of one request say. */
interface StandardValues {
  /** Trimmed, never empty. */
  readonly values: ReadonlyMap<StandardParameter, string>;
  /** Parameters that are absent because they still hold their macro, and the name under which they were sent. */
  readonly macros: ReadonlyMap<StandardParameter, string>;
  /** Why a parameter cannot be read, in the order of {@link standardParameters}. */
  readonly refusals: readonly Refusal[];
  /** A value that decides nothing holds a broken encoding: it is kept as it came. */
  readonly broken: boolean;
}

/** What they say decides whose conversion it is and what it is worth; the others are kept. */
const decisive: ReadonlySet<StandardParameter> = new Set([
  'click_id',
  'status',
  'payout',
  'currency',
  'offer_id',
  'survey_id',
  'transaction_id',
  'event',
]);

/**
 * Settles each standard parameter on one value (contract 1.1). An empty value or a macro counts as absent, then body
 * overrides query, then what is left must agree.
 *
 * @param defaults `{our: value}` for what the partner never sends.
 */
export function standardValues(
  occurrences: ReadonlyMap<StandardParameter, readonly Parameter[]>,
  defaults: Readonly<Record<string, string>>,
): StandardValues {
  const values = new Map<StandardParameter, string>();
  const macros = new Map<StandardParameter, string>();
  const refusals: Refusal[] = [];
  let broken = false;
  const standardDefaults = new Map(Object.entries(defaults).map(([name, value]) => [standardOf(name), value.trim()]));
  for (const standard of standardParameters) {
    const sent = occurrences.get(standard) ?? [];
    const candidates = effective(sent.filter((parameter) => !isAbsent(parameter)));
    const refusal = refusalOf(standard, candidates);
    const value = candidates[0]?.text?.trim() ?? (standardDefaults.get(standard) || undefined);
    const macro = sent.find(({ text }) => text !== undefined && isUnreplacedMacro(text));
    broken ||= candidates.some((candidate) => candidate.broken);
    if (refusal !== undefined) refusals.push(refusal);
    else if (value !== undefined) values.set(standard, value);
    else if (macro !== undefined) macros.set(standard, shown(macro.name));
  }
  return { values, macros, refusals, broken };
}

function isAbsent({ text }: Parameter): boolean {
  return text !== undefined && (text.trim() === '' || isUnreplacedMacro(text));
}

function refusalOf(standard: StandardParameter, candidates: readonly Parameter[]): Refusal | undefined {
  const names = [...new Set(candidates.map(({ name }) => shown(name)))].join(', ');
  const sentAs = names === standard ? standard : `${standard} (sent as ${names})`;
  if (candidates.some(({ text }) => text === undefined)) {
    return { code: 'invalid_body', message: `${sentAs} must be text or a number, not a nested value` };
  }
  if (new Set(candidates.map(({ text }) => text?.trim())).size > 1) {
    return { code: 'ambiguous_parameter', message: `${sentAs} was sent more than once with different values` };
  }
  if (decisive.has(standard) && candidates.some(({ broken }) => broken)) {
    return { code: 'invalid_encoding', message: `${sentAs} holds a broken percent-encoding or UTF-8 sequence` };
  }
  return undefined;
}
