/** Values of several parts as lines of text, as a person edits them. */

/** `a = b`, one per line. */
export function mapText(map: Readonly<Record<string, string | null>>): string {
  return Object.entries(map)
    .map(([name, value]) => `${name} = ${value ?? nothing}`)
    .join('\n');
}

/** Stands for `null`: a name that is none of ours. */
const nothing = 'none';

/** As {@link readMap}, where a name may also be none of ours. */
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

/** What is paid for something: a percentage or a fixed amount, as text. */
export interface Pay {
  readonly percent?: string | undefined;
  readonly fixed?: string | undefined;
}

/** `80%` or `2.50`. */
export function payText({ percent, fixed }: Pay): string {
  return percent === undefined ? (fixed ?? '') : `${percent}%`;
}

export function readPay(text: string): Pay {
  const [, percent] = /^(.+?)\s*%$/.exec(text) ?? [];
  return percent === undefined ? { fixed: text } : { percent };
}

/** @throws Error when it is no whole number. */
export function readWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error('must be a whole number');
  return Number(text);
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
