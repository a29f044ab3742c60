import { type LogEntry, wasErased } from '../log-entry.ts';
import { networkOf } from '../networks/resolve.ts';
import type { Partner } from '../settings.ts';
import { Overtaken } from './overtaken.ts';
import type { Journal } from './ports.ts';
import { needsKey, replayOf } from './replay.ts';
import { type Taken, type TakingPorts, takePostback } from './take-postback.ts';

export interface ReprocessingPorts extends Omit<TakingPorts, 'journal'> {
  /** A journal in which the new result replaces the previous one. */
  journalAgain(previous: LogEntry, by: string): Journal;
  decodeBody(text: string): Uint8Array;
}

/** Why a request is not processed again. */
export const reprocessRefusals = {
  already_processed: 'The postback has already been processed; there is nothing to do',
  not_reprocessable: 'We did not keep its body, or its method is neither GET nor POST',
  user_erased: 'Its user was erased together with what was sent; settle it by hand',
  partner_not_found: 'Its partner no longer exists',
  signature_not_checkable:
    'Its signature covers the URL with the key, which we do not keep, and it was not valid when it arrived. Ask the partner to send it again',
} as const satisfies Readonly<Record<string, string>>;
type ReprocessRefusal = keyof typeof reprocessRefusals;

export type Reprocessed = { readonly done: true; readonly taken: Taken } | { readonly done: false; readonly refusal: ReprocessRefusal };

/**
 * Processes a stored request again, after the cause of its failure was fixed: in the same pipeline, under the same log id, and with the
 * earlier result kept beside the new one (contract 1.7).
 *
 * @param at ISO 8601.
 * @throws when it could not be written; the earlier result stays.
 */
export async function reprocess(
  ports: ReprocessingPorts,
  previous: LogEntry,
  partner: Partner | undefined,
  at: string,
  by: string,
): Promise<Reprocessed> {
  const refuse = (refusal: ReprocessRefusal): Reprocessed => ({ done: false, refusal });
  if (previous.result !== 'error' && previous.result !== 'held') return refuse('already_processed');
  if (previous.code === 'payload_too_large' || previous.code === 'method_not_allowed') return refuse('not_reprocessable');
  if (wasErased(previous)) return refuse('user_erased');
  if (partner === undefined) return refuse('partner_not_found');
  const replay = replayOf(previous, partner, ports.decodeBody, at, by);
  if (needsKey(previous, replay, await networkOf(ports.understanding.networks, partner))) return refuse('signature_not_checkable');
  const journal = ports.journalAgain(previous, by);
  // A postback that a person has set aside, or that a take-back has ended, is decided, although its log entry still says `held`.
  if (previous.result === 'held' && (await journal.marked(previous.conversion_id ?? ''))?.decided) return refuse('already_processed');
  try {
    return { done: true, taken: await takePostback({ ...ports, journal }, replay) };
  } catch (error) {
    if (error instanceof Overtaken) return refuse('already_processed');
    throw error;
  }
}
