import type { MacroNames } from '../../domain/delivery/fields.ts';
import { unknownMacros } from '../../domain/delivery/macros.ts';
import { checkTemplate, templateProblems } from '../../domain/delivery/template-check.ts';
import { AdminError } from '../route.ts';

/** @throws AdminError 400 naming the field, when an address with macros cannot be used. */
export function checkAddress(field: string, address: string | null | undefined, allowHttp: boolean): void {
  if (address === undefined || address === null) return;
  const problem = checkTemplate(address, { allowHttp });
  if (problem !== undefined) throw new AdminError(400, 'invalid_body', `${field}: ${templateProblems[problem]}`);
}

/** Warnings of the answer that saves an address: macros that nobody fills (contract section 3). */
export function addressWarnings(field: string, address: string | null | undefined, names?: MacroNames): string[] {
  if (address === undefined || address === null) return [];
  return unknownMacros(address, names).map((name) => `${field}: the macro {${name}} is unknown and will be empty`);
}
