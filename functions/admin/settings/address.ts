import { deliveryMacros, type MacroNames } from '../../domain/delivery/fields.ts';
import type { Call } from '../../domain/delivery/template.ts';
import { checkTemplate, templateProblems } from '../../domain/delivery/template-check.ts';
import { callProblem } from '../../domain/delivery/template-functions.ts';
import { templateWarnings } from '../../domain/delivery/template-warnings.ts';
import { AdminError } from '../route.ts';

/** @throws AdminError 400 naming the field when a URL with macros cannot be used. */
export function checkAddress(field: string, address: string | null | undefined, allowHttp: boolean): void {
  if (address === undefined || address === null) return;
  const problem = checkTemplate(address, { allowHttp });
  if (problem !== undefined) throw new AdminError(400, 'invalid_body', `${field}: ${templateProblems[problem]}`);
}

/** Warnings for the answer that saves a URL: macros that nothing fills, and what to write instead (contract section 3). */
export function addressWarnings(field: string, address: string | null | undefined): string[] {
  return warningsOf(field, address, deliveryMacros, callProblem);
}

/** The same warnings for a tracking link's target URL, which has other macros and no functions (contract 1.9). */
export function targetWarnings(field: string, address: string, names: MacroNames): string[] {
  return warningsOf(field, address, names, ({ name }: Call) => `a tracking link has no functions, such as ${name}`);
}

function warningsOf(
  field: string,
  address: string | null | undefined,
  names: MacroNames,
  problemOf: (call: Call) => string | undefined,
): string[] {
  if (address === undefined || address === null) return [];
  return templateWarnings(address, names, problemOf).map((warning) => `${field}: ${warning}`);
}
