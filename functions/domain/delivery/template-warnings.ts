import type { MacroNames } from './fields.ts';
import { type Call, macrosOf } from './template.ts';

/** The functions or words after a name, in any style. */
const calls = String.raw`((?:[\s+]|%20)*(?:[|:]|%7c|%3a)[^{}<>\[\]&#?]*?)?`;
const name = String.raw`[\s+]*_?([A-Za-z][\w.-]*)${calls}[\s+]*`;
const spaced = String.raw`(?:\s|\+|%20)*`;
const spacedName = String.raw`${spaced}_?([A-Za-z][\w.-]*?)${calls}${spaced}`;

/**
 * How other systems mark their macros. Square brackets after a name are a list's key (`data[user_id]=…`) and no mark.
 * The first group of each pattern is the name, and the second the functions called on it.
 */
const otherMarks: readonly RegExp[] = [
  new RegExp(String.raw`\{${spaced}\{${spacedName}\}${spaced}\}`, 'gi'),
  new RegExp(String.raw`\$\{${name}\}`, 'gi'),
  new RegExp(String.raw`(?<![{$])\{(?=[\s+%]|[\w.-]+[\s+%])${spacedName}\}(?!\})`, 'gi'),
  new RegExp(`(?:%24)?(?:%7b){1,2}${spacedName}(?:%7d){1,2}`, 'gi'),
  new RegExp(String.raw`(?<![\w\]])\[{1,2}%?${name}%?\]{1,2}`, 'gi'),
  new RegExp(String.raw`(?<![\w\]])(?:%5b){1,2}(?:%25)?${name}(?:%25)?(?:%5d){1,2}`, 'gi'),
  /(?<!\[)%{1,2}([A-Za-z_][\w.-]*)([|:][^%&#?{}[\]]*?)?%{1,2}/g,
  /(?:#|%23)([A-Za-z_][\w.-]*)([|:][^%&#?{}[\]]*?)?(?:#|%23)/g,
  new RegExp(`(?:<|&lt;|%3c)${name}(?:>|&gt;|%3e)`, 'gi'),
];

/** Functions in our own notation. */
function ownCalls(found: string): string {
  return found
    .replace(/%7c/gi, '|')
    .replace(/%3a/gi, ':')
    .replace(/%20|\+/g, ' ')
    .replace(/\s*\|\s*/g, '|')
    .trim();
}

/**
 * Warnings for whoever saves a template (contract section 3): each thing once, with what to write instead. A template with warnings is
 * saved all the same.
 *
 * @param callProblem returns what is wrong with a function of a macro.
 */
export function templateWarnings(template: string, names: MacroNames, callProblem: (call: Call) => string | undefined): string[] {
  const macros = macrosOf(template);
  const foreign = otherMarks.flatMap((mark) =>
    [...template.matchAll(mark)].flatMap(([written, found = '', called = '']) =>
      names.has(found.toLowerCase()) ? [`${written} is not our macro syntax. Use {${found.toLowerCase()}${ownCalls(called)}}`] : [],
    ),
  );
  const unknown = macros
    .filter(({ name: macro }) => !names.has(macro))
    .map(({ source }) => `the macro {${macroNameOf(source)}} is unknown and will be empty`);
  const badCalls = macros.flatMap(({ source, calls }) =>
    calls.flatMap((call) => {
      const problem = callProblem(call);
      return problem === undefined ? [] : [`${source} will be empty: ${problem}`];
    }),
  );
  const warnings = [...unknown, ...badCalls, ...foreign];
  if (/&amp;/i.test(template)) warnings.push('&amp; is HTML for &: write & alone, or every later parameter name will begin with "amp;"');
  if (macros.length === 0 && foreign.length === 0)
    warnings.push('there is no macro in it, so every call will be the same: write for example {click_id}, {points}, {status}');
  if (/#/.test(template.replace(/\{[^{}]*\}/g, '')) && !foreign.some((warning) => warning.startsWith('#')))
    warnings.push('everything after # is never sent: write %23 for the sign itself');
  return [...new Set(warnings)];
}

/** The macro's name as the person wrote it, including the underscore of a raw one. */
function macroNameOf(source: string): string {
  return /^\{([\w.-]+)/.exec(source)?.[1] ?? source;
}
