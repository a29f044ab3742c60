/** The kinds of disagreement, with what each means for whoever has to look into it. */
export const gapKinds = {
  conversion_missing: 'A postback was accepted, but its conversion does not exist',
  step_missing: 'A postback was accepted, but its conversion does not contain it',
  log_missing: 'A conversion was changed by a postback that is not in the log',
  log_differs: 'A postback changed a conversion, but the log says something else',
  unsettled: 'A conversion has waited too long to be settled',
  unwatched: 'A delivery waits to be attempted, but the sweeper would not find it',
  wrong_amount: 'A conversion is not worth what its steps and terms say',
  ledger_broken: "An account's entries are not numbered without gaps, or a balance is not the one before plus the points",
  ledger_differs: "The ledger's entries of a conversion do not add up to what it is worth",
  credited_again: 'The ledger has two entries for one change of a conversion',
  entry_unexplained: 'A ledger entry names a conversion that does not exist',
  delivery_overdue: 'A delivery has waited too long for its attempt',
  delivery_unexplained: 'A delivery names a conversion that does not contain it',
} as const satisfies Readonly<Record<string, string>>;
type GapKind = keyof typeof gapKinds;

export interface Gap {
  readonly kind: GapKind;
  /** Id of the log entry, conversion, account or delivery. */
  readonly about: string;
  /** What was found, and what should be there. */
  readonly detail: string;
}
