import { fillAddress } from './template.ts';

/** Why a URL with macros is refused when it is saved. */
export const templateProblems = {
  control_character: 'contains a control character',
  too_long: 'is longer than 2048 characters',
  not_absolute: 'must be an absolute URL, such as https://example.com/postback?id={click_id}',
  not_https: 'must use https',
  macro_in_host: 'must not use macros or braces in its scheme, host or port',
  credentials: 'must not contain a user name or password',
} as const satisfies Readonly<Record<string, string>>;
export type TemplateProblem = keyof typeof templateProblems;

const longestTemplate = 2048;

/**
 * Checks a URL with macros before it is saved; `undefined` means it is fine.
 *
 * It does not check where the host leads: IP addresses are checked at every connection, on the one that is actually dialled.
 *
 * @param options.allowHttp for an offer's target URL, and for local runs.
 */
export function checkTemplate(template: string, { allowHttp }: { readonly allowHttp: boolean }): TemplateProblem | undefined {
  if (/\p{Cc}/u.test(template)) return 'control_character';
  if (template.length > longestTemplate) return 'too_long';
  const [, scheme, authority] = /^([^:/?#\\]+):\/\/([^/?#\\]+)(?:[/?#]|$)/.exec(template) ?? [];
  if (scheme === undefined || authority === undefined) return 'not_absolute';
  if (/[{}]/.test(scheme + authority)) return 'macro_in_host';
  if (!/^https?$/i.test(scheme)) return 'not_https';
  if (scheme.toLowerCase() === 'http' && !allowHttp) return 'not_https';
  if (authority.includes('@')) return 'credentials';
  return URL.canParse(fillAddress(template, { lookUp: () => undefined, apply: () => undefined })) ? undefined : 'not_absolute';
}
