import { type DeliveryFields, deliveryMacros, type MacroNames, type TrackingFields, trackingMacros } from './fields.ts';

/**
 * `{name}`, `{_name}` and `{name:word=text word=text}`. A `$` in front makes it somebody else's macro; that, and a brace
 * without its partner, stay as they are.
 */
const macroPattern = /(?<!\$)\{([A-Za-z_][\w.-]*)(?::([^{}]*))?\}/g;

/**
 * Scheme and authority. Macros are filled only behind it, so that no value can choose the host.
 * White space and control characters are refused because URL parsers drop some of them: `https:/\t/{_sub1}` would otherwise become a host.
 */
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/[^\p{Cc}\s/?#\\]+(?=[/?#\\]|$)/iu;

/** `encodeURIComponent`, and also `!'()*`, which some receivers treat as syntax. Never throws: half a surrogate pair becomes U+FFFD. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * A raw value keeps its `&`, `=`, `/` and `%`, which is what raw is for. Control characters and white space would break the
 * request line, `#` would drop the rest of the address, and `\` reads as `/` to some parsers: these are encoded all the same.
 */
function rawText(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\s#\\]/gu, encodeURIComponent);
}

/** Maps a value by `word=text word=text`: the exact word first, then in any case; others stay as they are. */
function mapWord(value: string, mapping: string): string {
  const pairs = mapping.split(/(?:\s|%20)+/).flatMap((pair): readonly (readonly [string, string])[] => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)]];
  });
  const lower = value.toLowerCase();
  const found = pairs.find(([word]) => word === value) ?? pairs.find(([word]) => word.toLowerCase() === lower);
  return found === undefined ? value : found[1];
}

/**
 * Fills the macros of an address.
 *
 * Macros in the scheme or host are left in place: no host has braces in its name, so such an address is refused when it is sent to.
 *
 * @param valueFor gives the value of a macro by its name in lower case; `undefined` becomes empty.
 */
export function fillTemplate(template: string, valueFor: (name: string) => string | undefined): string {
  const origin = originPattern.exec(template)?.[0];
  if (origin === undefined) return template;
  const rest = template.slice(origin.length).replace(macroPattern, (_macro: string, name: string, mapping: string | undefined) => {
    const isRaw = name.startsWith('_');
    const value = valueFor((isRaw ? name.slice(1) : name).toLowerCase()) ?? '';
    const text = mapping === undefined ? value : mapWord(value, mapping);
    return isRaw ? rawText(text) : percentEncode(text);
  });
  return origin + rest;
}

function fillFrom<Name extends string>(template: string, names: MacroNames<Name>, values: { readonly [N in Name]?: string | undefined }) {
  return fillTemplate(template, (name) => {
    const field = names.get(name);
    return field === undefined ? undefined : values[field];
  });
}

/**
 * A publisher's address with its macros filled (contract section 3). Never throws.
 *
 * @example
 * fillMacros('https://pub.example/cb?id={click_id}&ok={status:approved=1 rejected=0}', { click_id: 'CLK-1', status: 'approved' })
 * // https://pub.example/cb?id=CLK-1&ok=1
 */
export function fillMacros(template: string, values: DeliveryFields): string {
  return fillFrom(template, deliveryMacros, values);
}

/** An offer's target address with the macros of contract 1.9 filled. Never throws. */
export function fillTrackingMacros(template: string, values: TrackingFields): string {
  return fillFrom(template, trackingMacros, values);
}

/** Macros that will become empty, named once each and as written: the `warnings` of the answer that saves an address. */
export function unknownMacros(template: string, names: MacroNames = deliveryMacros): string[] {
  const written = [...template.matchAll(macroPattern)].map(([, name = '']) => name);
  return [...new Set(written)].filter((name) => !names.has(name.replace(/^_/, '').toLowerCase()));
}
