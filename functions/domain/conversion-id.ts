const plainEvent = /^[a-z0-9_-]{1,64}$/;

/** Where a conversion stands among those of its click: its event and, where the click may earn several times, its transaction. */
export interface Place {
  readonly event: string;
  readonly transaction_id?: string | undefined;
}

/**
 * The id of what a click earns: it says which click, event and transaction, so the id is the uniqueness (contract 1.4). What an
 * address or a key may not hold is in it as a digest.
 */
export function conversionIdAt(clickId: string, { event, transaction_id }: Place, digest: (text: string) => string): string {
  const of = plainEvent.test(event) ? event : `~${digest(event)}`;
  return transaction_id === undefined ? `${clickId}.${of}` : `${clickId}.${of}.${digest(transaction_id)}`;
}

/** The id of what a click earns once for an event with a plain name. */
export function conversionIdOf(clickId: string, event: string): string {
  return `${clickId}.${event}`;
}

/** The click of a conversion's id; no click id of ours has a dot. */
export function clickOfConversion(conversionId: string): string {
  return conversionId.split('.', 1)[0] ?? conversionId;
}

/** The id under which a held postback, or one matched without a click id, is known. */
export function postbackIdOf(fingerprint: string): string {
  return `PB-${fingerprint}`;
}

/** Whether the id names a held postback and not a conversion. */
export function isPostbackId(id: string): boolean {
  return id.startsWith('PB-');
}
