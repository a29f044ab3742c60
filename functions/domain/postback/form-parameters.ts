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
