/**
 * Keys stand where nobody asked for them: in a parameter, a header, a body, encoded once or twice over. Nothing that is kept may show a
 * whole live one (contract 1.3). This finds them; whoever keeps something replaces what was found.
 */

/**
 * Unpacks gzip.
 *
 * @returns `undefined`: it is none. `too_large`: it is, and holds more than anybody should look through.
 */
export type Gunzip = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | 'too_large' | undefined;

/** A text, or one that others hold in some encoding. */
interface Layer {
  readonly text: string;
  /** The texts that hold it, each of which may be kept. */
  readonly outers: Outer[];
  /** Nobody can look through it: it is hidden as if it held a key. */
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
/** Where a part of a text stands in an outer one. */
type Place = (from: number, to: number) => Span;

/** A key has 24 bytes of chance: nothing shorter holds one, packed or not (contract 1.3). */
const shortest = 32;
/** Encoded twice over, packed both times, and percent-encoded for its way. */
const deepest = 5;
/** Characters that are decoded for one text; a postback has at most 64 KB. */
const mostDecoded = 2_000_000;

/**
 * Every text by which one of the keys stands in the given ones: itself, and whatever it is encoded as, at each step of the way. Where
 * these are replaced, nobody can read the key any more. Longest first.
 *
 * @param texts what a request consists of; bytes as one character each.
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

/** How a part of a layer is written, in it and in everything that it is within. @param passed what was asked about before. */
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
 * Whether a text could be a key. Ids and digests, whose letters are of one case but for a prefix, are none, so that nobody has to ask
 * about them; keys are made so that they have three letters of either case at least.
 */
export function isKeyShaped(text: string): boolean {
  return /^[\w-]{32}$/.test(text) && /(?:[a-z][^a-z]*){3}/.test(text) && /(?:[A-Z][^A-Z]*){3}/.test(text);
}

/**
 * What has the shape of a key, however it is encoded: whoever keeps the text must ask whether one of them is a live one. In a longer
 * run of such characters it is looked for at both ends and between hyphens and underscores.
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
 * The text itself and every text that is encoded in it, to a depth. All of one depth are looked through before the next, so that the
 * shortest way to a text counts, and each is looked through once, whatever holds it: no text around it puts it out of reach.
 */
function layersOf(text: string, gunzip: Gunzip): readonly Layer[] {
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

/** What is escaped or in base64 is a run of plain letters: in decoded noise there is hardly ever one, so nobody looks for long. */
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
  // Bytes, not characters: a key has only such that are both.
  { mark: '%', pattern: /%([0-9a-f]{2})/gi },
  { mark: '\\', pattern: /\\(?:u([0-9a-f]{4})|["\\/]|([bfnrt]))/gi },
] as const;

const controls: ReadonlyMap<string, string> = new Map(Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }));

/** Percent-encoding and the escapes of JSON. */
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

/** Where each character of the decoded text begins in the encoded one. */
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

/** 32 characters take 43 in base64. What was wrapped is joined again, and where a form read `+` as a blank it is put back. */
const base64Run = /[\w+/-][\w+/ \r\n-]{42,}/g;

/** Base64 of either alphabet; where a run of its letters begins before it does, it is found all the same. */
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

/** What is packed by gzip, each character of the text a byte. */
function* unpacked(text: string, gunzip: Gunzip): Generator<Inner> {
  for (let at = text.indexOf(gzipMark); at !== -1; at = text.indexOf(gzipMark, at + 1)) {
    const inner = gunzip(Uint8Array.from(text.slice(at), (character) => character.charCodeAt(0)));
    const place = (): Span => [at, text.length];
    if (inner === 'too_large') yield { text: '', place, unreadable: true };
    else if (inner !== undefined) yield { text: latin1(inner), place };
  }
}

/** One character for each byte, so that places in the text are places in the bytes. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  return text;
}

const chunk = 8_192;
