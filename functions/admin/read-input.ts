import * as z from 'zod';
import { bindCursor, unbindCursor } from './list-query.ts';
import { AdminError, type Route } from './route.ts';
import { pathId, settingId } from './schemas/fields.ts';

/**
 * Turns what a caller sent into values, or refuses it with a code and the name of the field (contract section 4). What passes here is
 * never refused by a table or a queue later, and no code that walks through it fails.
 */

/** Ids of settings have one form. Other parties choose all other ids. */
const settingIds: readonly string[] = ['partner_id', 'offer_id', 'publisher_id', 'placement_id'];

/** Checks the ids of a path. @throws AdminError `invalid_<name>` for an id that nothing can have. */
export function readParams(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(params)) {
    const { error } = (settingIds.includes(name) ? settingId : pathId).safeParse(value);
    if (error !== undefined) throw new AdminError(400, `invalid_${name}`, `${name}: ${error.issues[0]?.message}`);
  }
  return params;
}

/**
 * Reads a query through the route's schema; the code names the parameter, such as `invalid_limit`. A parameter without a value counts as
 * not sent.
 */
export function readQuery({ path, query: schema }: Pick<Route, 'path' | 'query'>, rawQuery: string): unknown {
  if (schema === undefined) return {};
  const values = new Map([...new URLSearchParams(rawQuery)].filter(([, value]) => value !== ''));
  // zod's strict schema ignores a name that it cannot copy.
  if (values.has('__proto__')) throw new AdminError(400, 'unknown_parameter', '__proto__: this parameter does not exist');
  const read = schema.safeParse(withOwnCursor(path, Object.fromEntries(values)));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = issue === undefined ? 'query' : nameOf(issue);
  const code = issue?.code === 'unrecognized_keys' ? 'unknown_parameter' : `invalid_${name.replace(/[^\w]/g, '_')}`;
  throw new AdminError(400, code, messageOf(read.error));
}

/** Reads a body through the route's schema, as JSON or, with `isText`, as text. */
export function readBody(
  { path, body: schema }: { readonly path: string; readonly body?: z.ZodType | undefined },
  bytes: Uint8Array,
  isText = false,
): unknown {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(isText ? new TextDecoder().decode(bytes) : withOwnCursor(path, parseJson(bytes)));
  if (read.success) return read.data;
  throw new AdminError(400, 'invalid_body', messageOf(read.error));
}

const paged = z.looseObject({ next_cursor: z.string() });
const paging = z.looseObject({ cursor: z.string() });

/** Binds the cursor in a list's answer to that list: another list would misread it. */
export function withBoundCursor({ path }: Route, body: unknown): unknown {
  const { data } = paged.safeParse(body);
  return data === undefined ? body : { ...data, next_cursor: bindCursor(path, data.next_cursor) };
}

function withOwnCursor(path: string, sent: unknown): unknown {
  const { data } = paging.safeParse(sent);
  return data === undefined ? sent : { ...data, cursor: unbindCursor(path, data.cursor) };
}

/** Names the fields and what is wrong with them. It never repeats what was sent, which may be a secret, or a key in the place of a name. */
function messageOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${nameOf(issue)}: ${complaintOf(issue)}`)
    .join('; ');
}

function nameOf(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return path.length === 0
    ? 'body'
    : path
        .join('.')
        .slice(0, longestPath)
        .replace(/[\w-]{32,}/g, '***');
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'no such field';
  if (issue.message.endsWith('received undefined')) return 'is required';
  return issue.message;
}

/** The longest path that a message shows: a name that was sent is part of it. */
const longestPath = 200;
/** Deepest nesting that is accepted. Nothing that the API accepts is deeper, and code that walks a value may recurse once per level. */
const deepest = 30;

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = utf8Of(bytes);
  if (text !== undefined && depthOf(text) > deepest)
    throw new AdminError(400, 'invalid_body', `body: is nested more than ${deepest} levels deep`);
  const { value } = (text === undefined ? undefined : parsed(text)) ?? {};
  if (value === undefined) throw new AdminError(400, 'invalid_body', 'body: is not valid JSON');
  const fault = faultIn(value, []);
  if (fault !== undefined) throw new AdminError(400, 'invalid_body', fault);
  return value;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** How deep a JSON text nests its brackets, not counting those inside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{')) most = Math.max(most, ++depth);
    else if (!quoted && (character === ']' || character === '}')) depth -= 1;
  }
  return most;
}

/**
 * Finds what JSON allows and we cannot keep: half of a surrogate pair, which no store accepts, and a name that none of our objects can
 * have.
 */
function faultIn(value: unknown, path: readonly string[]): string | undefined {
  const named = (fault: string): string => `${path.join('.').toWellFormed().slice(0, longestPath) || 'body'}: ${fault}`;
  if (typeof value === 'string') return value.isWellFormed() ? undefined : named('holds half of a surrogate pair');
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (!name.isWellFormed()) return named('has a name that holds half of a surrogate pair');
    if (name === '__proto__') return named('has a name that cannot be used: __proto__');
    const fault = faultIn(member, [...path, name]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
