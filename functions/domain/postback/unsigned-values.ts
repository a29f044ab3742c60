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
  /** Absent: nothing is signed, or all of it is vouched for. */
  readonly coverage: Coverage | undefined;
  readonly dialect: Dialect;
  readonly read: ReturnType<typeof standardValues>;
  /** The status words that were asked. */
  readonly statuses: readonly StatusWord[];
  readonly parameters: readonly Parameter[];
  readonly event: NamedEvent;
  /** The event stands in the path. */
  readonly fromPath: boolean;
}

/** What decides about money: whose, how much, and what of it. */
const deciding = ['click_id', 'transaction_id', 'original_transaction_id', 'payout', 'currency', 'event'] as const;

/** Where names are not signed, what decides must be there, or it would have been taken away by giving it another name. */
const mustBeThere = ['transaction_id', 'payout', 'status'] as const;

/**
 * What decides although the signature does not vouch for it, and the network's own recipe does not leave it out either (contract 1.8).
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

/** The network's own marks are left out by its recipe or vouched for, as everything that decides. */
function unsignedMarks({ dialect: { network }, parameters }: Signed, coverage: Coverage): readonly string[] {
  const marks = [network?.test, network?.reversal?.when];
  const isOpen = (parameter: Parameter): boolean =>
    isVouched(parameter, coverage) ||
    coverage.except.has(parameter.name) ||
    !(coverage.query || coverage.body || isNearlyVouched(parameter, coverage));
  return parameters.filter((parameter) => !isOpen(parameter) && marks.some((one) => wasMarked([parameter], one))).map(({ name }) => name);
}

/** Vouched for, or a value that the recipe leaves out although the network's own document (or the partner's mapping) reads it. */
function mayDecide({ parameter, meaning }: Assigned, coverage: Coverage, { network }: Dialect): boolean {
  if (isVouched(parameter, coverage)) return true;
  if (coverage.except.has(parameter.name)) return meaning.by === 'network';
  if (coverage.query || coverage.body || meaning.by === 'contract' || isNearlyVouched(parameter, coverage)) return false;
  if (meaning.by === 'network') return true;
  return !(network?.names[meaning.standard] ?? []).some((name) => coverage.names.has(name));
}

/** Whether the signature's text holds the value. */
function isVouched({ name, source }: Parameter, { query, body, names, except }: Coverage): boolean {
  if (names.has(name)) return true;
  return source === 'query' ? query && !except.has(name) : body;
}

/** It stands in for a value of the text that was sent empty or, where the recipe has `{NAME?}`, not at all. */
function isNearlyVouched({ name }: Parameter, { names }: Coverage): boolean {
  return [...names].some((covered) => folded(covered) === folded(name));
}

/** Values without names: only the network's own names are read, and what decides must be under one of them. */
function misnamed({ dialect: { network }, parameters, read, event }: Signed, { except }: Coverage): readonly string[] {
  if (network === undefined) return [];
  const { all } = namesOf(network);
  const strange = [...byName(parameters).keys()].filter((name) => !all.has(name) && !except.has(name)).map((name) => JSON.stringify(name));
  const missing = mustBeThere.filter(
    (standard) => (network.names[standard] ?? []).length > 0 && !read.sources.has(standard) && !(standard === 'status' && event.reverses),
  );
  return [...strange, ...missing];
}
