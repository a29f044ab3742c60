import { deliveryMacros, trackingMacros } from '../delivery/fields.ts';
import { namesOf } from '../networks/names.ts';
import type { Network } from '../networks/network.ts';
import { decodeLeniently } from './percent-decoding.ts';
import { allStandardNames } from './standard-names.ts';

/** `{x}` `{{x}}` `${x}` `[X]` `[[x]]` `[%X%]` `#x#` `%x%` `%%x%%` `<x>`. */
const marked = /^(?:\$?\{{1,2}([^{}]+)\}{1,2}|\[%([^%]+)%\]|\[{1,2}([^[\]]+)\]{1,2}|#([^#]+)#|%{1,2}([^%]+)%{1,2}|<([^<>]+)>)$/;

/** A longer value is not the name of a macro. */
const longestMacro = 128;

/** The names of macros that we know: those of contract 1.2, of section 3, and of the partner's network. All are in lower case. */
export interface KnownMacros {
  readonly names: ReadonlySet<string>;
  /** Values in the network's paste template whose macros have no marks, such as `xxC1xx`. */
  readonly literals: ReadonlySet<string>;
}

const ours: readonly string[] = [...allStandardNames, ...deliveryMacros.keys(), ...trackingMacros.keys()];

const ofNobody: KnownMacros = { names: new Set(ours), literals: new Set() };

/** @param network the partner's network; absent: it has none. */
export function knownMacros(network: Network | undefined): KnownMacros {
  if (network === undefined) return ofNobody;
  const { all, pasted } = namesOf(network);
  const inside = pasted.flatMap((value) => insideMarks(value) ?? []);
  return {
    names: new Set([...ours, ...[...all, ...inside].map((name) => name.toLowerCase())]),
    literals: new Set(pasted.map((value) => value.toLowerCase())),
  };
}

/**
 * Whether the value is still a macro that the partner's system should have replaced, encoded or not (contract 1.1): the text between the
 * marks must be a known name. A GUID in braces is a value.
 */
export function isUnreplacedMacro(value: string, { names, literals }: KnownMacros): boolean {
  const text = value.trim();
  if (text === '' || text.length > longestMacro) return false;
  return [text, decodeLeniently(text)].some((candidate) => {
    if (literals.has(candidate.toLowerCase())) return true;
    const inside = insideMarks(candidate)?.toLowerCase();
    if (inside === undefined) return false;
    // In `{payout|cents}` and `{aff_sub:5}` a function or a format follows the name.
    return names.has(inside) || names.has((inside.split(/[|:]/)[0] ?? '').trim());
  });
}

/** Whether the word is between the marks of a macro, encoded or not, whether its name is known or not. JSON does not count. */
export function looksLikeMacro(word: string): boolean {
  return !word.includes('"') && [word, decodeLeniently(word)].some((candidate) => insideMarks(candidate) !== undefined);
}

function insideMarks(value: string): string | undefined {
  return marked
    .exec(value)
    ?.slice(1)
    .find((inside) => inside !== undefined)
    ?.trim();
}
