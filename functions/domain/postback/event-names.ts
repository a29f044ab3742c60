import type { Network } from '../networks/network.ts';
import { isUnreplacedMacro, type KnownMacros } from './macros.ts';
import { isLonger, tooLong } from './parameter-limits.ts';
import { decodePathSegment } from './percent-decoding.ts';
import type { Refusal } from './postback.ts';

/** The event of a postback that names none; it converts (contract 1.6). */
export const completeEvent = 'complete';

/** The longest event, in characters (contract 1.6). */
const longestEvent = 100;

const synonyms: ReadonlyMap<string, string> = new Map([
  ['terminated', 'terminate'],
  ['quota_full', 'quotafull'],
  ['overquota', 'quotafull'],
  ['over_quota', 'quotafull'],
  ['security_term', 'security'],
  ['security_terminate', 'security'],
]);

/** An event in the only spelling that goals and conversions use: lower case, with synonyms replaced (contract 1.6). */
export function eventName(sent: string): string {
  const name = sent.trim().toLowerCase();
  return synonyms.get(name) ?? name;
}

/** The event of a postback. */
export interface NamedEvent {
  /** Normalised; `complete` when none was named. */
  readonly name: string;
  readonly sent: boolean;
  /** Whether the network uses this event to take back what `complete` paid. */
  readonly reverses: boolean;
  readonly refusal?: Refusal | undefined;
}

/** The meaning of an event in the partner's network. @param sent `undefined`: none was sent. */
export function namedEvent(sent: string | undefined, network: Network | undefined): NamedEvent {
  const none = { name: completeEvent, sent: false, reverses: false };
  if (sent === undefined) return none;
  if (isLonger(sent, longestEvent)) return { ...none, refusal: tooLong(`The event is longer than ${longestEvent} characters`) };
  const theirs = sent.trim().toLowerCase();
  const own = Object.entries(network?.events?.names ?? {}).find(([name]) => name.trim().toLowerCase() === theirs)?.[1];
  if (own === null) return none;
  const reverses = network?.reversal?.events?.some((event) => eventName(event) === eventName(sent)) ?? false;
  return { name: eventName(own ?? sent), sent: true, reverses };
}

/** The event in the path; none if it is blank or a macro. */
export function eventOfPath(
  sent: string | undefined,
  macros: KnownMacros,
): { readonly event?: string; readonly macro?: true; readonly refusal?: Refusal } {
  const { text, broken } = decodePathSegment(sent ?? '');
  if (text.trim() === '') return {};
  if (isUnreplacedMacro(text, macros)) return { macro: true };
  if (broken) return { refusal: { code: 'invalid_encoding', message: 'The event in the path has a broken percent-encoding' } };
  return { event: text };
}
