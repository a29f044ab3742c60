import Big from 'big.js';
import type { Parameter } from './parameter.ts';
import type { Json } from './postback.ts';

/** A value that is nested deeper is an attack on the code that walks it, and more than the store accepts. */
const deepest = 20;

const token = /"(?:[^"\\]+|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** A member of the outermost object, with its value as written. */
interface Member {
  readonly name: string;
  readonly source: string;
}

type JsonReading = { readonly parameters: readonly Parameter[] } | { readonly fault: string };

/**
 * Reads a JSON object. Its members are read from the source text, so numbers stay exact (`12345678901234567890`, `50.00`) and a name that
 * occurs twice is seen twice; `JSON.parse` alone would silently drop one.
 *
 * @param damaged whether the text was decoded from bytes that are not all UTF-8, so that replacement characters in it are damage.
 */
export function jsonParameters(text: string, damaged = false): JsonReading {
  if (!parses(text)) return { fault: 'it is not valid JSON' };
  if (!text.trimStart().startsWith('{')) return { fault: 'it is not a JSON object' };
  const members = membersOf(text);
  if (members === undefined) return { fault: `it is nested more than ${deepest} levels deep` };
  return { parameters: members.map((member) => parameterOf(member, damaged)) };
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The members of an object that is known to be valid JSON, which keeps the scan simple.
 *
 * @returns `undefined` when it is nested too deeply.
 */
function membersOf(text: string): readonly Member[] | undefined {
  const members: Member[] = [];
  let depth = 0;
  let name: string | undefined;
  let from = 0;
  let before = '';
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found === ':' && depth === 1) {
      name = parseText(before);
      from = index + 1;
    }
    if ((found === ',' || found === '}') && depth === 1 && name !== undefined) {
      members.push({ name, source: text.slice(from, index).trim() });
      name = undefined;
    }
    if (found === '{' || found === '[') depth += 1;
    if (found === '}' || found === ']') depth -= 1;
    if (depth > deepest) return undefined;
    before = found;
  }
  return members;
}

function parameterOf({ name, source }: Member, damaged: boolean): Parameter {
  const value = toJson(JSON.parse(source, exactNumbers));
  const broken = !name.isWellFormed() || (damaged && `${name}${source}`.includes('\uFFFD'));
  const common = { name: name.toWellFormed(), source: 'body', broken } as const;
  if (value === null) return { ...common, value, text: '' };
  if (typeof value === 'object') return { ...common, value, text: undefined };
  if (!source.startsWith('"')) return { ...common, value, text: source };
  const text = parseText(source);
  // UTF-8 cannot represent half a surrogate pair, so it stays escaped, as it was received.
  return text.isWellFormed()
    ? { ...common, value: text, text }
    : { ...common, value: source.slice(1, -1), text: source.slice(1, -1), broken: true };
}

function parseText(source: string): string {
  const text: unknown = JSON.parse(source);
  return String(text);
}

/** Keeps a number as text if a double cannot represent it. */
function exactNumbers(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return Number.isFinite(value) && new Big(context.source).eq(new Big(String(value))) ? value : context.source;
}

/** `Object.fromEntries` defines own properties, so a member called `__proto__` stays a harmless member. */
function toJson(value: unknown): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), toJson(member)]));
}
