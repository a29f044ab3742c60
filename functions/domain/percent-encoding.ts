/**
 * Like `encodeURIComponent`, but also encodes `!'()*`, which some receivers treat as syntax. Never throws: half a surrogate pair becomes
 * U+FFFD.
 */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Encodes as PHP's `http_build_query` does: a space becomes `+`, and a tilde is encoded too. */
export function formEncode(text: string): string {
  return percentEncode(text).replaceAll('~', '%7E').replaceAll('%20', '+');
}
