import type { WordMeaning } from '../networks/network.ts';
import { type PostbackStatus, postbackStatuses } from '../status.ts';

/** The words of contract 1.5. */
export const words: Readonly<Record<PostbackStatus, string>> = {
  approved: 'approved approve complete completed success successful confirmed credited pass paid qualified sale true 1',
  pending: 'pending hold on_hold review reviewing processing lead',
  rejected: 'rejected reject declined denied fail failed cancelled canceled disqualified dq screenout fraud false 0',
  reversed: 'reversed reversal chargeback refund refunded -1 -2',
  test: 'test',
};

const statusByWord: ReadonlyMap<string, PostbackStatus> = new Map(
  postbackStatuses.flatMap((status) => words[status].split(' ').map((word) => [word, status] as const)),
);

/**
 * What a status word means. Words are compared without case and surrounding blanks.
 *
 * @param mappings `{word: meaning}`: the first one that knows the word decides; the words of contract 1.5 come last.
 * @returns `undefined` for an unknown word, which is held and never guessed; `null` for a word that says nothing.
 */
export function statusOfWord(word: string, ...mappings: readonly Readonly<Record<string, WordMeaning>>[]): WordMeaning | undefined {
  const wanted = plain(word);
  for (const mapping of mappings) {
    const found = Object.entries(mapping).find(([theirs]) => plain(theirs) === wanted);
    if (found !== undefined) return found[1];
  }
  return statusByWord.get(wanted);
}

function plain(word: string): string {
  return word.trim().toLowerCase();
}
