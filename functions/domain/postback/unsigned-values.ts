import type { Coverage } from '../networks/coverage.ts';
import { namesOf } from '../networks/names.ts';
import type { Assigned } from './assigned-parameters.ts';
import type { Dialect } from './dialect.ts';
import type { NamedEvent } from './event-names.ts';
import { wasMarked } from './marks.ts';
import { byName, type Parameter } from './parameter.ts';
import type { StandardParameter } from './postback.ts';
import { folded } from './standard-names.ts';
import type { StatusWord, standardValues } from './standard-values.ts';

interface Signed {
  /** What the signature covers. Absent: nothing is signed, or everything is covered. */
  readonly coverage: Coverage | undefined;
  readonly dialect: Dialect;
  readonly read: ReturnType<typeof standardValues>;
  /** The status words that were read. */
  readonly statuses: readonly StatusWord[];
  readonly parameters: readonly Parameter[];
  readonly event: NamedEvent;
  /** Whether the event is in the path. */
  readonly fromPath: boolean;
}

/** The parameters that decide about money: whose it is, how much, and what happens to it. */
const deciding = ['click_id', 'transaction_id', 'original_transaction_id', 'payout', 'currency', 'event'] as const;

/** If names are not signed, these must be present: otherwise somebody could have removed one by giving it another name. */
const mustBeThere = ['transaction_id', 'payout', 'status'] as const;

/**
 * The values that decide something although the signature does not cover them, and that the network's own recipe does not leave out either
 * (contract 1.8).
 *
 * @returns names for a person: ours, and in quotes those that the network is not known to send.
 */
export function unsignedValues(signed: Signed): readonly string[] {
  const { coverage, dialect, read, statuses, event, fromPath } = signed;
  if (coverage === undefined) return [];
  const offer: readonly StandardParameter[] = read.values.has('click_id') ? [] : ['offer_id', 'survey_id'];
  const open = [...deciding, ...offer].filter((standard) =>
    (read.sources.get(standard) ?? []).some((assigned) => !mayDecide(assigned, coverage, dialect)),
  );
  const status = statuses.some(({ from }) => from.some((assigned) => !mayDecide(assigned, coverage, dialect)));
  const path = fromPath && !coverage.path && !event.reverses;
  return [
    ...open,
    ...(status ? ['status'] : []),
    ...unsignedMarks(signed, coverage),
    ...(path ? ['event'] : []),
    ...(coverage.nameless ? misnamed(signed, coverage) : []),
  ];
}

/** The network's own marks must be covered or left out by its recipe, like everything that decides. */
function unsignedMarks({ dialect: { network }, parameters }: Signed, coverage: Coverage): readonly string[] {
  const marks = [network?.test, network?.reversal?.when];
  const isOpen = (parameter: Parameter): boolean =>
    isVouched(parameter, coverage) ||
    coverage.except.has(parameter.name) ||
    !(coverage.query || coverage.body || isNearlyVouched(parameter, coverage));
  return parameters.filter((parameter) => !isOpen(parameter) && marks.some((one) => wasMarked([parameter], one))).map(({ name }) => name);
}

/**
 * Whether a value may decide: the signature covers it, or the recipe leaves it out although the network's own document (or the partner's
 * mapping) reads it.
 */
function mayDecide({ parameter, meaning }: Assigned, coverage: Coverage, { network }: Dialect): boolean {
  if (isVouched(parameter, coverage)) return true;
  if (coverage.except.has(parameter.name)) return meaning.by === 'network';
  if (coverage.query || coverage.body || meaning.by === 'contract' || isNearlyVouched(parameter, coverage)) return false;
  if (meaning.by === 'network') return true;
  return !(network?.names[meaning.standard] ?? []).some((name) => coverage.names.has(name));
}

/** Whether the signed text contains the value. */
function isVouched({ name, source }: Parameter, { query, body, names, except }: Coverage): boolean {
  if (names.has(name)) return true;
  return source === 'query' ? query && !except.has(name) : body;
}

/**
 * Whether the name is a near miss of a covered one: the value could replace one that was sent empty or, with `{NAME?}` in the recipe, not
 * at all.
 */
function isNearlyVouched({ name }: Parameter, { names }: Coverage): boolean {
  return [...names].some((covered) => folded(covered) === folded(name));
}

/** For values without names: only the network's own names are read, and what decides must have one of them. */
function misnamed({ dialect: { network }, parameters, read, event }: Signed, { except }: Coverage): readonly string[] {
  if (network === undefined) return [];
  const { all } = namesOf(network);
  const strange = [...byName(parameters).keys()].filter((name) => !all.has(name) && !except.has(name)).map((name) => JSON.stringify(name));
  const missing = mustBeThere.filter(
    (standard) => (network.names[standard] ?? []).length > 0 && !read.sources.has(standard) && !(standard === 'status' && event.reverses),
  );
  return [...strange, ...missing];
}
