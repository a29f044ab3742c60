import type { MacroNames } from './fields.ts';
import { type Call, macrosOf } from './template.ts';

const name = String.raw`[\s+]*_?([A-Za-z][\w.-]*)[\s+]*`;
const spaced = String.raw`(?:\s|\+|%20)*`;

/**
 * How other systems mark their macros. Square brackets behind a name are a list's key (`data[user_id]=…`), and no mark.
 * Each finds the name in its one group.
 */
const otherMarks: readonly RegExp[] = [
  new RegExp(String.raw`\{${spaced}\{${spaced}_?([A-Za-z][\w.-]*)${spaced}\}${spaced}\}`, 'g'),
  new RegExp(String.raw`\$\{${name}\}`, 'g'),
  new RegExp(String.raw`(?<!\{)\{(?=[\s+%]|[\w.-]+[\s+%])${spaced}_?([A-Za-z][\w.-]*)${spaced}\}(?!\})`, 'g'),
  new RegExp(String.raw`(?:%24)?(?:%7b){1,2}${spaced}_?([A-Za-z][\w.-]*?)${spaced}(?:%7d){1,2}`, 'gi'),
  new RegExp(String.raw`(?<![\w\]])\[{1,2}%?${name}%?\]{1,2}`, 'g'),
  new RegExp(String.raw`(?<![\w\]])(?:%5b){1,2}(?:%25)?${name}(?:%25)?(?:%5d){1,2}`, 'gi'),
  /(?<!\[)%{1,2}([A-Za-z_][\w.-]*)%{1,2}/g,
  /#([A-Za-z_][\w.-]*)#/g,
  new RegExp(`(?:<|&lt;|%3c)${name}(?:>|&gt;|%3e)`, 'gi'),
];

/**
 * What a person who saves a template should be told (contract section 3): each thing once, with what to write instead. A template
 * with warnings is saved all the same.
 *
 * @param callProblem what is wrong with a function of a macro.
 */
export function templateWarnings(template: string, names: MacroNames, callProblem: (call: Call) => string | undefined): string[] {
  const macros = macrosOf(template);
  const foreign = otherMarks.flatMap((mark) =>
    [...template.matchAll(mark)].flatMap(([written, found = '']) =>
      names.has(found.toLowerCase()) ? [`${written} is not our macro syntax. Use {${found.toLowerCase()}}`] : [],
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

/** As the person wrote it: the underline of a raw one belongs to it. */
function macroNameOf(source: string): string {
  return /^\{([\w.-]+)/.exec(source)?.[1] ?? source;
}
