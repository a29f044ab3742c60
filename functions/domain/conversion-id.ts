const plainEvent = /^[a-z0-9_-]{1,64}$/;

/** A conversion's place among those of its click: its event and, where the click may earn several times, its transaction. */
export interface Place {
  readonly event: string;
  readonly transaction_id?: string | undefined;
}

/**
 * The id of what a click earns. It is made of click, event and transaction, so it makes the conversion unique (contract 1.4). Text that a
 * URL or a key cannot hold is in it as a digest.
 */
export function conversionIdAt(clickId: string, { event, transaction_id }: Place, digest: (text: string) => string): string {
  const of = plainEvent.test(event) ? event : `~${digest(event)}`;
  return transaction_id === undefined ? `${clickId}.${of}` : `${clickId}.${of}.${digest(transaction_id)}`;
}

/** The id of what a click earns once for an event with a plain name. */
export function conversionIdOf(clickId: string, event: string): string {
  return `${clickId}.${event}`;
}

/** The click in a conversion's id; our click ids contain no dot. */
export function clickOfConversion(conversionId: string): string {
  return conversionId.split('.', 1)[0] ?? conversionId;
}

/** The id of a held postback, or of one that was matched without a click id. */
export function postbackIdOf(fingerprint: string): string {
  return `PB-${fingerprint}`;
}

/** Whether the id is that of a held postback instead of a conversion. */
export function isPostbackId(id: string): boolean {
  return id.startsWith('PB-');
}
