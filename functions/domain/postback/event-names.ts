/** The event of a postback that names none: it converts (contract 1.6). */
export const completeEvent = 'complete';

const synonyms: ReadonlyMap<string, string> = new Map([
  ['terminated', 'terminate'],
  ['quota_full', 'quotafull'],
  ['overquota', 'quotafull'],
  ['over_quota', 'quotafull'],
  ['security_term', 'security'],
  ['security_terminate', 'security'],
]);

/** An event in the one spelling by which goals and conversions know it: lower case, synonyms folded (contract 1.6). */
export function eventName(sent: string): string {
  const name = sent.trim().toLowerCase();
  return synonyms.get(name) ?? name;
}
