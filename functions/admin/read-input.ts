import type * as z from 'zod';
import { AdminError } from './route.ts';

/** Reads a query through its schema; the code names the parameter: `invalid_limit`. A name sent empty was not sent. */
export function readQuery(schema: z.ZodType | undefined, rawQuery: string): unknown {
  const sent = new URLSearchParams(rawQuery);
  const values = Object.fromEntries([...sent].filter(([, value]) => value !== ''));
  if (schema === undefined) return {};
  const read = schema.safeParse(values);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = issue === undefined ? 'query' : nameOf(issue);
  const code = issue?.code === 'unrecognized_keys' ? 'unknown_parameter' : `invalid_${name.replace(/[^\w]/g, '_')}`;
  throw new AdminError(400, code, messageOf(read.error));
}

/** Reads a body through its schema: JSON, unless it is text as it stands. */
export function readBody(schema: z.ZodType | undefined, bytes: Uint8Array, isText = false): unknown {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(isText ? new TextDecoder().decode(bytes) : parseJson(bytes));
  if (read.success) return read.data;
  throw new AdminError(400, 'invalid_body', messageOf(read.error));
}

/** Names the fields and what is wrong with them; never repeats what was sent, which may be a secret. */
function messageOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${nameOf(issue)}: ${complaintOf(issue)}`)
    .join('; ');
}

function nameOf(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return path.length === 0 ? 'body' : path.join('.');
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'no such field';
  if (issue.message.endsWith('received undefined')) return 'is required';
  return issue.message;
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new AdminError(400, 'invalid_body', 'body: is not valid JSON');
  }
}
