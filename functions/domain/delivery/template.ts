import { percentEncode } from '../percent-encoding.ts';

/** A function of a macro, such as `|cents` or `|default:none`. */
export interface Call {
  readonly name: string;
  /** The text after the colon. */
  readonly argument?: string | undefined;
}

/** A macro of a template: `{name}`, `{_name}`, `{name:word=text word=text}`, each with any number of `|function` after it. */
export interface Macro {
  /** As written, with its braces. */
  readonly source: string;
  /** In lower case. */
  readonly name: string;
  /** `{_name}`: the value is inserted without encoding. */
  readonly raw: boolean;
  /** `word=text word=text`. */
  readonly words?: string | undefined;
  readonly calls: readonly Call[];
}

/** A part of a template: plain text or a macro. */
export type Part = string | Macro;

/**
 * Defines what a macro is; nothing else does. With a `$` in front it belongs to another system. Such a macro, and a brace without its
 * partner, stay unchanged.
 */
const macroPattern = /(?<!\$)\{(_?)([A-Za-z_][\w.-]*)(?::([^{}|]*))?((?:\|[^{}|]*)*)\}/g;

/** Splits a template into its parts; joined again, they give the template. Never throws. */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of template.matchAll(macroPattern)) {
    const [source, mark = '', name = '', words, calls = ''] = found;
    if (found.index > end) parts.push(template.slice(end, found.index));
    parts.push({ source, name: name.toLowerCase(), raw: mark === '_', words, calls: callsOf(calls) });
    end = found.index + source.length;
  }
  if (end < template.length) parts.push(template.slice(end));
  return parts;
}

/** The macros of a template, in their order. */
export function macrosOf(template: string): Macro[] {
  return parseTemplate(template).filter((part) => typeof part !== 'string');
}

function callsOf(text: string): Call[] {
  return text
    .split('|')
    .slice(1)
    .map((call) => {
      const colon = call.indexOf(':');
      return colon < 0 ? { name: call.trim() } : { name: call.slice(0, colon).trim(), argument: call.slice(colon + 1) };
    });
}

/** Provides the values for macros. */
export interface Filling {
  /** The value of a macro, by its name in lower case; `undefined` becomes empty. */
  readonly lookUp: (name: string) => string | undefined;
  /** Applies a function to a value; `undefined`: there is no such function, and the macro becomes empty. */
  readonly apply: (value: string, call: Call) => string | undefined;
}

/** The text of one macro, decoded: its value, mapped by its words, after its functions. */
function macroText({ name, words, calls }: Macro, { lookUp, apply }: Filling): string {
  const value = lookUp(name) ?? '';
  return calls.reduce((text, call) => apply(text, call) ?? '', words === undefined ? value : mapWord(value, words));
}

/** Fills a template that is no URL, such as a signature's message: values are inserted decoded. */
export function fillText(template: string, filling: Filling): string {
  return parseTemplate(template)
    .map((part) => (typeof part === 'string' ? part : macroText(part, filling)))
    .join('');
}

/**
 * Scheme and authority. Macros are filled only after them, so that no value can choose the host.
 * White space and control characters are refused because URL parsers drop some of them: `https:/\t/{_sub1}` would otherwise become a host.
 */
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/[^\p{Cc}\s/?#\\]+(?=[/?#\\]|$)/iu;

/**
 * Fills the macros of a URL. Macros in the scheme or host stay in place: no host has braces in its name, so such a URL is refused when a
 * request is sent to it. Never throws.
 */
export function fillAddress(template: string, filling: Filling): string {
  const origin = originPattern.exec(template)?.[0];
  if (origin === undefined) return template;
  const rest = parseTemplate(template.slice(origin.length));
  return origin + rest.map((part) => (typeof part === 'string' ? part : addressText(part, filling))).join('');
}

function addressText(macro: Macro, filling: Filling): string {
  const text = macroText(macro, filling);
  return macro.raw ? rawText(text) : percentEncode(text);
}

/** A longer URL is accepted by no server (contract section 3). */
const longestAddress = 16 * 1024;

/**
 * Whether a filled URL still leads where its template says: to the same host, and to a path of the same segments. A value of `.` or `..`
 * would climb; a raw one with `/` or `?` would add segments or end the path.
 */
export function leadsAsWritten(template: string, filling: Filling): boolean {
  const origin = originPattern.exec(template)?.[0];
  if (origin === undefined) return false;
  if (new TextEncoder().encode(fillAddress(template, filling)).length > longestAddress) return false;
  let segment = '';
  let hasMacro = false;
  const climbs = (): boolean => hasMacro && /^(?:\.|%2e){1,2}$/i.test(segment);
  for (const part of parseTemplate(template.slice(origin.length))) {
    if (typeof part !== 'string') {
      const text = addressText(part, filling);
      if (/[/?]/.test(text)) return false;
      segment += text;
      hasMacro = true;
      continue;
    }
    const path = /^[^?#]*/.exec(part)?.[0] ?? '';
    const [first = '', ...others] = path.split(/[/\\]/);
    segment += first;
    if (others.length > 0) {
      if (climbs()) return false;
      segment = others.at(-1) ?? '';
      hasMacro = false;
    }
    // The rest is query, which leads nowhere else, whatever it contains.
    if (path.length < part.length) break;
  }
  return !climbs();
}

/**
 * A raw value keeps its `&`, `=`, `/` and `%`, which is the purpose of raw. Control characters and white space would break the request
 * line, `#` would drop the rest of the URL, and some parsers read `\` as `/`: these are encoded all the same.
 */
function rawText(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\s#\\]/gu, encodeURIComponent);
}

/** Maps a value by `word=text word=text`: the exact word first, then in any case. A value without a word stays unchanged. */
function mapWord(value: string, words: string): string {
  const pairs = words.split(/(?:\s|%20)+/).flatMap((pair): readonly (readonly [string, string])[] => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)]];
  });
  const lower = value.toLowerCase();
  const found = pairs.find(([word]) => word === value) ?? pairs.find(([word]) => word.toLowerCase() === lower);
  return found === undefined ? value : found[1];
}
