import type { Block, Section } from './markdown.ts';
import { readCurl, readHttpBlock, type ShownRequest } from './requests.ts';

/** One promise of an `effect` block: `points of anna   5.00`. */
export interface Promised {
  readonly what: string;
  readonly value: string;
  readonly line: number;
}

/** How the `SIGNATURE` of the next request is made: `SIGNATURE = hex hmac-sha1 "text" + "text" with secret`. */
export interface Signing {
  readonly encoding: 'hex' | 'base64' | 'base64url';
  readonly algorithm: string;
  /** The texts that are signed, one after another with nothing between them. */
  readonly texts: readonly string[];
  /** The secret of an HMAC; for a plain digest the secret is part of the text. */
  readonly secret: string | undefined;
}

/** A request and what the document promises about it. */
export interface Step {
  readonly request: ShownRequest;
  readonly signing: Signing | undefined;
  readonly promises: readonly Promised[];
  readonly line: number;
}

/** `given` lines such as `partner preset=cpx`. Each names a thing in the example's world and what is special about it. */
export type Given = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The example of one section. */
export interface Example {
  readonly title: string;
  readonly given: Given;
  readonly steps: readonly Step[];
}

/**
 * Reads the example of a section, if it has one. The notation is made for people to read:
 *
 * - a `given` block says what is special about the partner, offer, publisher or click;
 * - an `http` block, or a `sh` block with a `curl` command, is a request;
 * - a `sign` block before it says how its `SIGNATURE` is made;
 * - the `effect` block after it contains the promises.
 *
 * @throws Error for a request without a promise, a promise without a request, and anything that cannot be read.
 */
export function exampleOf(section: Section): Example | undefined {
  const steps: Step[] = [];
  let given: Given = new Map();
  let signing: Signing | undefined;
  let pending: { request: ShownRequest; line: number } | undefined;
  for (const block of section.blocks) {
    const fail = (why: string): never => {
      throw new Error(`${section.title}, line ${block.line}: ${why}`);
    };
    if (block.language === 'given') {
      if (given.size > 0 || steps.length > 0) fail('what is given belongs at the beginning, once');
      given = readGiven(block);
    } else if (block.language === 'sign') signing = readSigning(block.text) ?? fail('cannot be read');
    else if (isRequest(block)) {
      if (pending !== undefined) fail('the request before it promises nothing');
      pending = { request: block.language === 'http' ? readHttpBlock(block.text) : readCurl(block.text), line: block.line };
    } else if (block.language === 'effect') {
      if (pending === undefined) return fail('promises something, but there is no request before it');
      steps.push({ ...pending, signing, promises: readPromises(block) });
      pending = undefined;
      signing = undefined;
    }
  }
  if (pending !== undefined) throw new Error(`${section.title}, line ${pending.line}: the request promises nothing`);
  return steps.length === 0 ? undefined : { title: section.title, given, steps };
}

function isRequest({ language, text }: Block): boolean {
  return language === 'http' || (language === 'sh' && /^curl .*postback/.test(text));
}

function readPromises({ text, line }: Block): Promised[] {
  return text.split('\n').map((row, index) => {
    const [, what, value] = /^(points of \w+|header [\w-]+|[\w.-]+) +(\S.*)$/.exec(row) ?? [];
    if (what === undefined || value === undefined) throw new Error(`line ${line + index + 1}: no promise: ${row}`);
    return { what, value, line: line + index + 1 };
  });
}

function readGiven({ text, line }: Block): Given {
  return new Map(
    text.split('\n').map((row, index) => {
      const [, thing, settings] = /^(partner|offer(?: \d)?|publisher|placement|click|your server) +(\S.*)$/.exec(row) ?? [];
      if (thing === undefined || settings === undefined) throw new Error(`line ${line + index + 1}: cannot be read: ${row}`);
      return [thing, readPairs(settings)];
    }),
  );
}

/** `name=value name=value`; characters that a value cannot contain, such as a space, are percent-encoded. */
export function readPairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const equals = pair.indexOf('=');
        if (equals < 1) throw new Error(`not name=value: ${pair}`);
        return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))];
      }),
  );
}

function readSigning(line: string): Signing | undefined {
  const [, encoding, algorithm, signed, secret] =
    /^SIGNATURE = (hex|base64|base64url) (md5|sha256|hmac-sha1|hmac-sha256) (".*")(?: with (\S+))?$/.exec(line) ?? [];
  if (algorithm === undefined || signed === undefined || (secret === undefined) === algorithm.startsWith('hmac')) return undefined;
  const texts = signed.split(' + ').map((text) => text.slice(1, -1));
  return { encoding: encoding as Signing['encoding'], algorithm, texts, secret };
}
