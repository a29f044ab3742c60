/** Values of several parts as lines of text, as a person edits them. */

/** `a = b`, one per line. */
export function mapText(map: Readonly<Record<string, string | null>>): string {
  return Object.entries(map)
    .map(([name, value]) => `${name} = ${value ?? nothing}`)
    .join('\n');
}

/** The word for `null`: a name that is none of ours. */
const nothing = 'none';

/** Like {@link readMap}, but a name may also be none of ours. */
export function readMapping(text: string): Record<string, string | null> {
  return Object.fromEntries(Object.entries(readMap(text)).map(([name, value]) => [name, value === nothing ? null : value]));
}

/** @throws Error naming the line without `=`. */
export function readMap(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line): [string, string] => {
      const [, name = '', value = ''] = /^(.+?)\s*=\s*(.+)$/.exec(line) ?? [];
      if (name === '') throw new Error(`'${line}' must be written as name = value`);
      return [name, value];
    }),
  );
}

/** One per line, or several with commas. */
export function readList(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Rows of texts, by the names of their columns; without rows the text is empty. */
export function rowsText(rows: readonly Readonly<Record<string, string>>[]): string {
  return rows.length === 0 ? '' : JSON.stringify(rows);
}

export function readRows(text: string): Readonly<Record<string, string>>[] {
  return text === '' ? [] : JSON.parse(text);
}

/** @throws Error when the text is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('this is not valid JSON.');
  }
}

/**
 * What something pays, as text: a percentage or a fixed amount, or both (the amount applies where the percentage is 0), and after how many
 * hours.
 */
export interface Pay {
  readonly percent?: string | undefined;
  readonly fixed?: string | undefined;
  readonly hold_hours?: string | undefined;
}

/** `80%`, `2.50`, `80% or 2.50`, or `80% after 72 h`. */
export function payText({ percent, fixed, hold_hours: hold }: Pay): string {
  const pay = [...(percent === undefined ? [] : [`${percent}%`]), ...(fixed === undefined ? [] : [fixed])].join(' or ');
  return `${pay}${hold === undefined ? '' : ` after ${hold} h`}`.trim();
}

export function readPay(text: string): Pay {
  const [, pay = text, hold] = /^(.*?)\s*\bafter\s+(\S+)\s*h?$/.exec(text) ?? [];
  const [, percent, fixed = percent === undefined ? pay : ''] = /^(.+?)\s*%(?:\s+or\s+(\S+))?$/.exec(pay) ?? [];
  return {
    ...(percent !== undefined && { percent }),
    ...(fixed !== '' && { fixed }),
    ...(hold !== undefined && { hold_hours: hold }),
  };
}

/** @throws Error when the text is no whole number. */
export function readWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error('must be a whole number');
  return Number(text);
}

/** @throws Error when the text is no number. */
export function readNumber(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) throw new Error('must be a number');
  return Number(text);
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
