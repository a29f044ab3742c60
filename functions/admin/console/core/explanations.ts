import { errorCodes, heldCodes, logFlags } from '../../../domain/codes.ts';

/** The meaning of a code, from the registry from which the answers themselves take it. */
export function meaningOf(code: string): string | undefined {
  return meanings.get(code);
}

const meanings: ReadonlyMap<string, string> = new Map([
  ...Object.entries(errorCodes).map(([code, { message }]): [string, string] => [code, message]),
  ...Object.entries(heldCodes),
  ...Object.entries(logFlags),
]);
