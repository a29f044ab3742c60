import type { Outcome } from '../log-entry.ts';
import type { Journal } from './ports.ts';

/** A person's decision would change nothing, so nothing was written. */
export class NotAccepted extends Error {
  override name = 'NotAccepted';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(`not accepted: ${outcome.result}`);
    this.outcome = outcome;
  }
}

/** A journal that writes only what is accepted: a person's decision either takes effect or changes nothing at all. @throws NotAccepted */
export function acceptedOnly(journal: Journal): Journal {
  return {
    ...journal,
    async write(entry, changes) {
      if (entry.result !== 'accepted') throw new NotAccepted(entry);
      return journal.write(entry, changes);
    },
  };
}
