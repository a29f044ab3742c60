/**
 * Keys appear where nobody asked for them: in a parameter, a header or a body, encoded once or twice. Nothing that is kept may show a whole
 * live key (contract 1.3). This module finds them; the code that keeps something replaces what was found.
 */

/**
 * Unpacks gzip.
 *
 * @returns `undefined` when the bytes are not gzip; `too_large` when they are, but contain more than may be searched.
 */
export type Gunzip = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | 'too_large' | undefined;

/** A text, or one that is encoded in other texts. */
interface Layer {
  readonly text: string;
  /** The texts in which it is encoded, each of which may be kept. */
  readonly outers: Outer[];
  /** It cannot be searched, so it is hidden as if it contained a key. */
  readonly unreadable?: boolean | undefined;
}
interface Outer {
  readonly layer: Layer;
  readonly place: Place;
}
interface Inner extends Omit<Layer, 'outers'> {
  readonly place: Place;
}
type Span = readonly [from: number, to: number];
/** Finds where a part of a text is in an outer text. */
type Place = (from: number, to: number) => Span;

/** A key has 24 random bytes, so nothing shorter contains one, packed or not (contract 1.3). */
const shortest = 32;
/** The deepest nesting that is searched: encoded twice, packed both times, and percent-encoded for the transfer. */
const deepest = 5;
/** The most characters that are decoded for one text; a postback has at most 64 KB. */
const mostDecoded = 2_000_000;

/**
 * Every text that represents one of the keys in the given texts: the key itself, and its encoded form at each step. Once these are
 * replaced, nobody can read the key. Longest first.
 *
 * @param texts the parts of a request; bytes as one character each.
 */
export function formsOf(texts: readonly string[], keys: readonly string[], gunzip: Gunzip): readonly string[] {
  const sought = keys.filter((key) => key.length >= shortest);
  const forms = new Set<string>();
  if (sought.length === 0) return [];
  for (const text of texts) {
    const passed = new Map<Layer, Set<string>>();
    for (const layer of layersOf(text, gunzip))
      for (const span of spansIn(layer, sought)) for (const form of formsAt(layer, span, passed)) forms.add(form);
  }
  return [...forms].toSorted((a, b) => b.length - a.length);
}

/** How a part of a layer is written, in that layer and in every text around it. @param passed the parts that were already handled. */
function* formsAt(layer: Layer, [from, to]: Span, passed: Map<Layer, Set<string>>): Generator<string> {
  const spans = passed.get(layer) ?? new Set();
  if (spans.has(`${from}-${to}`)) return;
  passed.set(layer, spans.add(`${from}-${to}`));
  const form = layer.text.slice(from, to);
  if (form !== '') yield form;
  // A form reads `+` as a blank.
  if (form.includes('+')) yield form.replaceAll('+', ' ');
  for (const { layer: outer, place } of layer.outers) yield* formsAt(outer, place(from, to), passed);
}

/**
 * Whether a text could be a key. Ids and digests, whose letters have one case except for a prefix, are not key-shaped, so they need no
 * look-up. Keys are generated so that they have at least three letters of each case.
 */
export function isKeyShaped(text: string): boolean {
  return /^[\w-]{32}$/.test(text) && /(?:[a-z][^a-z]*){3}/.test(text) && /(?:[A-Z][^A-Z]*){3}/.test(text);
}

/**
 * Texts with the shape of a key, however they are encoded. Whoever keeps the text must look up whether one of them is a live key. In a
 * longer run of such characters it looks at both ends and between hyphens and underscores.
 */
export function keyShapedIn(texts: readonly string[], gunzip: Gunzip): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of texts) for (const layer of layersOf(text, gunzip)) for (const shaped of shapedIn(layer.text)) found.add(shaped);
  return found;
}

function shapedIn(text: string): string[] {
  return [...text.matchAll(/[\w-]{32,}/g)].flatMap(([run]) => {
    if (run.length === shortest) return isKeyShaped(run) ? [run] : [];
    const starts = [0, run.length - shortest, ...[...run.matchAll(/[_-]/g)].flatMap(({ index }) => [index + 1, index - shortest])];
    return starts.map((start) => run.slice(Math.max(0, start), start + shortest)).filter(isKeyShaped);
  });
}

function spansIn({ text, unreadable }: Layer, keys: readonly string[]): Span[] {
  if (unreadable) return [[0, text.length]];
  return keys.flatMap((key) => {
    const spans: Span[] = [];
    for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + 1)) spans.push([at, at + key.length]);
    return spans;
  });
}

/**
 * The text itself and every text that is encoded in it, up to a depth. All texts of one depth are searched before those of the next, so
 * that the shortest way to a text counts. Each is searched once, wherever it occurs, so no surrounding text can put it out of reach.
 */
function layersOf(text: string, gunzip: Gunzip): readonly Layer[] {
  if (text.length < shortest) return [];
  const whole: Layer = { text, outers: [] };
  const found = new Map([[text, whole]]);
  const unreadable: Layer[] = [];
  let left = mostDecoded;
  let layers: readonly Layer[] = [whole];
  for (let depth = 0; depth < deepest && layers.length > 0; depth += 1) {
    const within: Layer[] = [];
    for (const layer of layers) {
      left -= layer.text.length;
      if (left < 0) return [...found.values(), { ...whole, unreadable: true }];
      for (const { place, ...inner } of innerOf(layer.text, gunzip)) {
        const outer: Outer = { layer, place };
        if (inner.unreadable) unreadable.push({ ...inner, outers: [outer] });
        if (inner.text.length < shortest) continue;
        const known = found.get(inner.text);
        if (known !== undefined) known.outers.push(outer);
        else {
          const fresh: Layer = { ...inner, outers: [outer] };
          found.set(inner.text, fresh);
          within.push(fresh);
        }
      }
    }
    layers = within;
  }
  return [...found.values(), ...unreadable];
}

/** A run of plain characters, as escapes and base64 consist of. Decoded noise hardly ever contains one, so the search ends soon. */
const plainRun = /[\t\r\n\x20-\x7e]{32,}/g;

function* innerOf(text: string, gunzip: Gunzip): Generator<Inner> {
  for (const { 0: run, index } of text.matchAll(plainRun))
    for (const decode of [unescaped, fromBase64])
      for (const { text: inner, place } of decode(run))
        yield {
          text: inner,
          place: (start, end) => {
            const [from, to] = place(start, end);
            return [index + from, index + to];
          },
        };
  yield* unpacked(text, gunzip);
}

const escapes = [
  // Bytes instead of characters: every character of a key is one byte.
  { mark: '%', pattern: /%([0-9a-f]{2})/gi },
  { mark: '\\', pattern: /\\(?:u([0-9a-f]{4})|["\\/]|([bfnrt]))/gi },
] as const;

const controls: ReadonlyMap<string, string> = new Map(Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }));

/** Decodes percent-encoding and the escapes of JSON. */
function* unescaped(text: string): Generator<Inner> {
  for (const { mark, pattern } of escapes) {
    if (!text.includes(mark)) continue;
    const decoded = text.replace(pattern, (found: string, code: string | undefined, control: string | number | undefined) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return typeof control === 'string' ? (controls.get(control) ?? '') : found.slice(1);
    });
    if (decoded === text) continue;
    let starts: readonly number[] | undefined;
    yield {
      text: decoded,
      place: (from, to) => {
        starts ??= startsOf(text, pattern);
        return [starts[from] ?? text.length, starts[to] ?? text.length];
      },
    };
  }
}

/** The position in the encoded text at which each decoded character begins. */
function startsOf(text: string, pattern: RegExp): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  const passOver = (until: number): void => {
    for (; at < until; at += 1) starts.push(at);
  };
  for (const { 0: found, index } of text.matchAll(pattern)) {
    passOver(index);
    starts.push(index);
    at = index + found.length;
  }
  passOver(text.length);
  return starts;
}

/** 32 characters take 43 in base64. Wrapped lines are joined again, and a blank that a form made of a `+` is restored. */
const base64Run = /[\w+/-][\w+/ \r\n-]{42,}/g;

/** Decodes base64 of either alphabet. It is found even if a run of such letters begins before it does. */
function* fromBase64(text: string): Generator<Inner> {
  for (const { 0: run, index } of text.matchAll(base64Run)) {
    const letters = run
      .replace(/[\r\n]/g, '')
      .replace(/[ -]/g, '+')
      .replaceAll('_', '/');
    for (let skipped = 0; skipped < 4; skipped += 1) {
      const rest = letters.slice(skipped);
      const decoded = atob(rest.length % 4 === 1 ? rest.slice(0, -1) : rest);
      yield { text: decoded, place: () => [index, index + run.length] };
    }
  }
}

const gzipMark = '\x1f\x8b\x08';

/** Unpacks gzip in a text, in which each character is a byte. */
function* unpacked(text: string, gunzip: Gunzip): Generator<Inner> {
  for (let at = text.indexOf(gzipMark); at !== -1; at = text.indexOf(gzipMark, at + 1)) {
    const inner = gunzip(Uint8Array.from(text.slice(at), (character) => character.charCodeAt(0)));
    const place = (): Span => [at, text.length];
    if (inner === 'too_large') yield { text: '', place, unreadable: true };
    else if (inner !== undefined) yield { text: latin1(inner), place };
  }
}

/** One character for each byte, so that positions in the text are positions in the bytes. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  return text;
}

const chunk = 8_192;
