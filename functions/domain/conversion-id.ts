/** The id of what a click earns for an event: a click converts once per event, so the id is the uniqueness (contract 1.4). */
export function conversionIdOf(clickId: string, event: string): string {
  return `${clickId}.${event}`;
}

/** The id under which a held postback, or one matched without a click id, is known; the same postback again has the same. */
export function postbackIdOf(fingerprint: string): string {
  return `PB-${fingerprint}`;
}

/** Whether the id names a held postback and not a conversion. */
export function isPostbackId(id: string): boolean {
  return id.startsWith('PB-');
}
