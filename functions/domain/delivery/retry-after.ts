const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const rfc850Date = /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from `now`; negative when its date is past.
 *
 * It reads seconds and the three date forms of RFC 9110 5.6.7, and nothing else: `Date.parse` alone would read `-5` as a year.
 *
 * @param now epoch milliseconds.
 * @returns `undefined` for anything else.
 */
export function retryAfterDelay(header: string, now: number): number | undefined {
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = dateOf(text);
  return Number.isNaN(at) ? undefined : at - now;
}

function dateOf(text: string): number {
  if (imfFixdate.test(text) || rfc850Date.test(text)) return Date.parse(text);
  // An asctime date names no zone and means GMT; without one it would be read in the machine's own zone.
  if (asctimeDate.test(text)) return Date.parse(`${text} GMT`);
  return Number.NaN;
}
