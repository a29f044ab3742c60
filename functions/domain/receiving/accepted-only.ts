import type { Outcome } from '../log-entry.ts';
import type { Journal } from './ports.ts';

/** What a person decided changes nothing; nothing was written. */
export class NotAccepted extends Error {
  override name = 'NotAccepted';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(`not accepted: ${outcome.result}`);
    this.outcome = outcome;
  }
}

/** A journal that takes only what is accepted: a person's decision either holds or changes nothing at all. @throws NotAccepted */
export function acceptedOnly(journal: Journal): Journal {
  return {
    ...journal,
    async write(entry, changes) {
      if (entry.result !== 'accepted') throw new NotAccepted(entry);
      return journal.write(entry, changes);
    },
  };
}
