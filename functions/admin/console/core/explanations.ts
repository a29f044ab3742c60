import { errorCodes, heldCodes, logFlags } from '../../../domain/codes.ts';

/** What a code means, from the registry that the answers themselves come from. */
export function meaningOf(code: string): string | undefined {
  return meanings.get(code);
}

const meanings: ReadonlyMap<string, string> = new Map([
  ...Object.entries(errorCodes).map(([code, { message }]): [string, string] => [code, message]),
  ...Object.entries(heldCodes),
  ...Object.entries(logFlags),
]);
