import type { PostbackStatus } from '../status.ts';
import type { Amount } from './amounts.ts';
import type { Dialect } from './dialect.ts';
import type { NamedEvent } from './event-names.ts';
import { wasMarked } from './marks.ts';
import type { Parameter } from './parameter.ts';
import type { StatusWord, standardValues } from './standard-values.ts';
import { statusOfWord } from './status-words.ts';

/** The status of a postback, and how it was found. */
export interface SaidStatus {
  /** `undefined`: it is unknown, or the postback is only information. */
  readonly status: PostbackStatus | undefined;
  /** The status word as sent, if one was. */
  readonly word: string | undefined;
  /** It must be held: the word is unknown, or there is none although the network always sends one. */
  readonly unknown: boolean;
  /** The status still contains its macro, and nothing else says that the postback pays nothing. */
  readonly macro: boolean;
  /** The network's word says that it is only information. */
  readonly logged: boolean;
  /** It takes back, so an amount below zero is the amount that is taken back. */
  readonly takesBack: boolean;
  /** The words that were read to find the status. */
  readonly asked: readonly StatusWord[];
}

interface Said {
  readonly dialect: Dialect;
  readonly read: ReturnType<typeof standardValues>;
  readonly parameters: readonly Parameter[];
  readonly amount: Amount | undefined;
  readonly event: NamedEvent;
  readonly clickId: string | undefined;
}

/**
 * The status of a postback (contract 1.5, 1.8): a test wins over everything, then the network's own mark of a reversal, then the words.
 * What is not understood is never approved.
 */
export function saidStatus({ dialect, read, parameters, amount, event, clickId }: Said): SaidStatus {
  const { network } = dialect;
  const words = askedWords(read.statusWords, dialect);
  const said = { ...words, macro: false, unknown: false, logged: false, takesBack: false };
  if (clickId?.startsWith('TEST-') || wasMarked(parameters, network?.test) || words.status === 'test') {
    return { ...said, status: 'test' };
  }
  const negative = amount?.negative === true && negativeReverses(dialect);
  if (negative || event.reverses || wasMarked(parameters, network?.reversal?.when)) return { ...said, status: 'reversed', takesBack: true };
  if (words.status === 'log') return { ...said, status: undefined, logged: true };
  const takesBack = words.status === 'reversed' || words.status === 'rejected';
  if (takesBack || (words.status === 'pending' && !words.unknown)) return { ...said, status: words.status, takesBack };
  const macro = read.macros.has('status');
  if (words.unknown || macro) return { ...said, status: undefined, unknown: words.unknown, macro };
  if (words.status !== undefined) return { ...said, status: words.status };
  const absent = network?.statuses?.absent === 'held';
  return { ...said, status: absent ? undefined : 'approved', unknown: absent };
}

/** Whether this partner takes back with an amount below zero (contract 1.7). */
export function negativeReverses({ partner, network }: Dialect): boolean {
  return (partner.negative_payout ?? network?.amount?.negative) === 'reverses';
}

interface AskedWords {
  readonly status: PostbackStatus | 'log' | undefined;
  readonly word: string | undefined;
  /** An unknown word came before it. */
  readonly unknown: boolean;
  readonly asked: readonly StatusWord[];
}

/** Reads the names in turn: the first known word gives the status. A word that means nothing is skipped. */
function askedWords(words: readonly StatusWord[], { partner, network }: Dialect): AskedWords {
  let strange: string | undefined;
  for (const [index, { word }] of words.entries()) {
    const meaning = statusOfWord(word, partner.status_mapping, network?.statuses?.words ?? {});
    if (meaning === undefined) strange ??= word;
    else if (meaning !== null)
      return { status: meaning, word: strange ?? word, unknown: strange !== undefined, asked: words.slice(0, index + 1) };
  }
  return { status: undefined, word: strange ?? words[0]?.word, unknown: strange !== undefined, asked: words };
}
