import type { OurRecord, TheirRow } from './stated.ts';

export interface Matched {
  /** The rows about each of our records. One payment may have several, such as its approval and its take-back. */
  readonly pairs: ReadonlyMap<OurRecord, readonly TheirRow[]>;
  /** Rows that say the same as an earlier row. */
  readonly repeated: readonly TheirRow[];
  /** Rows about nothing in our records. */
  readonly alone: readonly TheirRow[];
}

/**
 * Finds what each row of a partner's file is about: by the transaction, else by the click and the event. A click that earns only once is
 * also found when the transaction differs, unless another row names the transaction that it was paid for.
 *
 * @param idOf returns a transaction id in the form in which statements keep it.
 */
export function matchRows(rows: readonly TheirRow[], records: readonly OurRecord[], idOf: (transaction: string) => string): Matched {
  // Accepted records are found before held ones of the same click.
  const known = records.toSorted((a, b) => Number(isHeld(a)) - Number(isHeld(b)));
  const byTransaction = indexOf(known, ({ transactions }) => [...transactions]);
  const byClick = indexOf(known, ({ click_id }) => (click_id === undefined ? [] : [click_id]));
  const pairs = new Map<OurRecord, TheirRow[]>();
  const pair = (record: OurRecord, row: TheirRow): void => void pairs.set(record, [...(pairs.get(record) ?? []), row]);

  const others: TheirRow[] = [];
  for (const row of rows) {
    const { originalTransactionId, transactionId } = row.says;
    const candidates = [originalTransactionId, transactionId].flatMap((id) =>
      id === undefined ? [] : (byTransaction.get(idOf(id)) ?? []),
    );
    const found = bestOf(candidates, row);
    if (found === undefined) others.push(row);
    else pair(found, row);
  }

  const alone: TheirRow[] = [];
  for (const row of others) {
    const { clickId, eventSent, event, status, transactionId } = row.says;
    const ofClick = clickId === undefined ? [] : (byClick.get(clickId) ?? byClick.get(clickId.toUpperCase()) ?? []);
    const ofEvent = ofClick.filter((record) => !eventSent || record.event === event);
    const takesBack = status === 'reversed' || status === 'rejected';
    const open = ofEvent.filter((record) => !pairs.has(record) && (transactionId === undefined || !record.perTransaction));
    const found = takesBack || transactionId === undefined ? (bestOf(open, row) ?? bestOf(ofEvent, row)) : bestOf(open, row);
    if (found === undefined) alone.push(row);
    else pair(found, row);
  }

  const repeated = new Set(
    [...pairs.values()].flatMap((ofOne) => ofOne.filter((row, index) => ofOne.slice(0, index).some((one) => saysTheSame(one, row)))),
  );
  return {
    pairs: new Map([...pairs].map(([record, ofOne]) => [record, ofOne.filter((row) => !repeated.has(row))])),
    repeated: [...repeated],
    alone,
  };
}

function isHeld({ stated }: OurRecord): boolean {
  return stated.status === 'held';
}

function indexOf(records: readonly OurRecord[], keysOf: (record: OurRecord) => readonly string[]): ReadonlyMap<string, OurRecord[]> {
  const index = new Map<string, OurRecord[]>();
  for (const record of records)
    for (const key of keysOf(record)) {
      const found = index.get(key);
      if (found === undefined) index.set(key, [record]);
      else found.push(record);
    }
  return index;
}

/** The best match among several records: by the row's click, event and amount; a row without an event means the usual one. */
function bestOf(candidates: readonly OurRecord[], { says }: TheirRow): OurRecord | undefined {
  const fitness = ({ click_id, event, stated }: OurRecord): number =>
    (says.clickId !== undefined && click_id === says.clickId ? 8 : 0) +
    (stated.status === 'held' ? 0 : 4) +
    (event === says.event ? 2 : 0) +
    (says.payout !== undefined && stated.amount?.eq(says.payout) ? 1 : 0);
  return candidates.reduce<OurRecord | undefined>(
    (best, candidate) => (best === undefined || fitness(candidate) > fitness(best) ? candidate : best),
    undefined,
  );
}

function saysTheSame({ says: a }: TheirRow, { says: b }: TheirRow): boolean {
  const amount = ({ payout, currency }: TheirRow['says']) => `${payout?.toFixed()} ${currency}`;
  return a.status === b.status && a.statusWord === b.statusWord && a.transactionId === b.transactionId && amount(a) === amount(b);
}
