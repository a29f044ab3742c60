import type { Parameter } from './parameter.ts';
import { decodeFormComponent } from './percent-decoding.ts';

/** The character that a byte becomes when it is not UTF-8. */
const replacement = '\uFFFD';

/**
 * Reads `name=value&…` as it was received; repeated names are kept apart (contract 1.1).
 *
 * @param damaged whether the text was decoded from bytes that are not all UTF-8, so that replacement characters in it are damage.
 */
export function formParameters(raw: string, source: Parameter['source'], damaged = false): readonly Parameter[] {
  return raw
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = decodeFormComponent(equals === -1 ? pair : pair.slice(0, equals));
      const value = decodeFormComponent(equals === -1 ? '' : pair.slice(equals + 1));
      const broken = name.broken || value.broken || (damaged && pair.includes(replacement));
      return { name: name.text, value: value.text, text: value.text, source, broken };
    });
}

/** Reads the parameters in the query of a URL, or of the end of one; without a `?` there are none. */
export function queryParameters(url: string): readonly Parameter[] {
  const at = url.indexOf('?');
  return at === -1 ? [] : formParameters(url.slice(at + 1), 'query');
}
