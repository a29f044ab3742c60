import { signAlgorithms } from '../../../../domain/delivery/sign.ts';
import { type Encoding, encodings } from '../../../../domain/networks/network.ts';
import { forwardedStatuses } from '../../../../domain/status.ts';
import { anyChanged } from '../../core/changed.ts';
import type { Postback } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, readJson, readList, readMap, readNumber } from '../../parts/field-text.ts';

/** Shown instead of a secret. The console sends it back to keep the secret, as the API describes. */
const keptSecret = '***';

const encodingTexts: Readonly<Record<Encoding, string>> = { hex: 'hexadecimal', base64: 'Base64', base64url: 'Base64 for URLs' };
const isSigned = ({ algorithm = '' }: Readonly<Record<string, string>>): boolean => algorithm !== '';

/** Everything that the API accepts for one postback. {@link sentOf} puts the values together. */
export const postbackFields: readonly Field[] = [
  {
    name: 'url',
    label: 'URL',
    kind: 'url',
    required: true,
    placeholder: 'https://publisher.example/postback?id={click_id}&points={points}&hash={signature}',
    help: 'We call this URL for every change that matches. Macros in braces are filled in.',
  },
  {
    name: 'method',
    label: 'Method',
    kind: 'select',
    options: [
      { value: 'GET', text: 'GET: everything in the URL' },
      { value: 'POST json', text: 'POST: JSON of all fields' },
      { value: 'POST form', text: 'POST: a form of all fields' },
    ],
  },
  {
    name: 'offer_ids',
    label: 'Only these offers',
    kind: 'lines',
    help: 'Ids, one per line or comma-separated. Leave empty for all.',
    read: readList,
  },
  {
    name: 'placement_ids',
    label: 'Only these placements',
    kind: 'lines',
    help: 'Ids, one per line or comma-separated. Leave empty for all.',
    read: readList,
    advanced: true,
  },
  {
    name: 'events',
    label: 'Only these events',
    kind: 'lines',
    help: 'Such as complete or deposit. Leave empty for all.',
    read: readList,
    advanced: true,
  },
  {
    name: 'statuses',
    label: 'Statuses to send',
    kind: 'lines',
    help: `Any of ${forwardedStatuses.join(', ')}. Leave empty for all.`,
    read: readList,
    advanced: true,
  },
  {
    name: 'when',
    label: 'Condition',
    kind: 'lines',
    placeholder: '{"field": "country", "op": "in", "value": ["DE", "AT"]}',
    help: 'JSON: {field, op, value}, or {all: […]}, or {any: […]}. Fields are our macros.',
    read: readJson,
    advanced: true,
  },
  {
    name: 'algorithm',
    label: 'Signature',
    kind: 'select',
    options: ['', ...signAlgorithms],
    help: 'How your own script checks what we send. It fills {signature}.',
  },
  { name: 'message', label: 'Text that is signed', placeholder: '{user_id}{payout}{secret}', asked: isSigned },
  {
    name: 'encoding',
    label: 'Signature is written in',
    kind: 'select',
    options: encodings.map((value) => ({ value, text: encodingTexts[value] })),
    asked: isSigned,
  },
  {
    name: 'secret',
    label: 'Secret of the signature',
    kind: 'password',
    help: 'Never shown again. Leave empty to keep the current one.',
    asked: isSigned,
  },
  {
    name: 'headers',
    label: 'Headers',
    kind: 'lines',
    help: 'One per line: name = value. Macros in values are filled in.',
    placeholder: 'x-source = postbacks',
    read: readMap,
    advanced: true,
  },
  {
    name: 'secret_headers',
    label: 'Secret headers',
    kind: 'lines',
    help: `One per line: name = value. We show each value as ${keptSecret}, which keeps it.`,
    placeholder: 'x-api-key = …',
    read: readMap,
    advanced: true,
  },
  { name: 'username', label: 'Username for basic auth', help: 'Leave empty to send none.', advanced: true },
  {
    name: 'password',
    label: 'Password for basic auth',
    kind: 'password',
    help: 'Never shown again. Leave empty to keep the current one.',
    advanced: true,
  },
  {
    name: 'success',
    label: 'Success text (in the response)',
    help: 'A 2xx answer without this text counts as a failure. Leave empty to accept any.',
    advanced: true,
  },
  {
    name: 'success_match',
    label: 'The response must',
    kind: 'select',
    options: [
      { value: 'body_contains', text: 'contain the success text' },
      { value: 'body_equals', text: 'be the success text and nothing else' },
    ],
    asked: ({ success = '' }) => success !== '',
    advanced: true,
  },
  {
    name: 'rate_per_second',
    label: 'Maximum requests per second',
    help: 'Leave empty for no limit.',
    read: readNumber,
    advanced: true,
  },
  {
    name: 'status',
    label: 'Status',
    kind: 'select',
    options: ['active', 'inactive'],
    help: 'We never call an inactive postback, and deliveries that wait for it end as no_url. A paused one keeps them.',
    advanced: true,
  },
];

/** The initial values of the form for a new postback. */
export const newPostbackTexts: Readonly<Record<string, string>> = {
  method: 'GET',
  encoding: 'hex',
  success_match: 'body_contains',
  status: 'active',
};

export function postbackTexts(postback: Postback): Readonly<Record<string, string>> {
  const { success_when: success, sign, basic_auth: auth } = postback;
  const { plain, secret } = headersOf(postback);
  const exact = success !== null && 'body_equals' in success;
  return {
    url: postback.url,
    method: postback.method === 'GET' ? 'GET' : `POST ${postback.content_type}`,
    offer_ids: (postback.offer_ids ?? []).join(', '),
    placement_ids: (postback.placement_ids ?? []).join(', '),
    events: (postback.events ?? []).join(', '),
    statuses: (postback.statuses ?? []).join(', '),
    when: postback.when === null ? '' : JSON.stringify(postback.when),
    algorithm: sign?.algorithm ?? '',
    message: sign?.message ?? '',
    encoding: sign?.encoding ?? 'hex',
    headers: mapText(plain),
    secret_headers: mapText(secret),
    username: auth?.username ?? '',
    success: success === null ? '' : 'body_contains' in success ? success.body_contains : success.body_equals,
    success_match: exact ? 'body_equals' : 'body_contains',
    rate_per_second: postback.rate_per_second === null ? '' : String(postback.rate_per_second),
    status: postback.status,
  };
}

type Headers = Readonly<Record<string, string>>;

function headersOf({ headers }: Postback): { readonly plain: Headers; readonly secret: Headers } {
  const only = (isSecret: boolean): Headers =>
    Object.fromEntries(Object.entries(headers).filter(([, value]) => (value === keptSecret) === isSecret));
  return { plain: only(false), secret: only(true) };
}

/** What was changed in the form; null for what was emptied. */
type Change = Readonly<Record<string, unknown>>;

/** One postback in the form that the API expects: what was not changed stays the same. @param before absent: the postback is new. */
export function sentOf(change: Change, before: Postback | undefined): object {
  const { method, algorithm, message, encoding, secret, headers, secret_headers, username, password, success, success_match, ...rest } =
    change;
  return {
    ...(before && keptOf(before)),
    ...rest,
    ...(method !== undefined && methodOf(String(method))),
    ...(anyChanged(algorithm, message, encoding, secret) && { sign: signOf({ algorithm, message, encoding, secret }, before) }),
    ...(anyChanged(headers, secret_headers) && { headers: sentHeaders({ headers, secret_headers }, before) }),
    ...(anyChanged(username, password) && { basic_auth: authOf({ username, password }, before) }),
    ...(anyChanged(success, success_match) && { success_when: successOf({ success, success_match }, before) }),
  };
}

/** An unchanged postback for the list, which is always sent whole; its secrets stay. */
export function keptOf({ endpoint: _health, ...postback }: Postback): object {
  return postback;
}

function methodOf(text: string): object {
  const [method, contentType] = text.split(' ');
  return { method, content_type: contentType ?? null };
}

function signOf({ algorithm, secret, ...change }: Change, before: Postback | undefined): object | null {
  if (algorithm === null) return null;
  const { message = before?.sign?.message, encoding = before?.sign?.encoding ?? 'hex' } = change;
  return { algorithm: algorithm ?? before?.sign?.algorithm, message, encoding, ...(anyChanged(secret) && { secret }) };
}

function sentHeaders({ headers, secret_headers: secrets }: Change, before: Postback | undefined): object {
  const were = before && headersOf(before);
  const hidden = Object.entries({ ...(secrets === undefined ? were?.secret : secrets) });
  return {
    ...(headers === undefined ? were?.plain : headers),
    ...Object.fromEntries(hidden.map(([name, value]) => [name, value === keptSecret ? value : { secret: value }])),
  };
}

/** A password alone is sent with the existing username, or with an empty one: some publishers expect a token that way. */
function authOf({ username, password }: Change, before: Postback | undefined): object | null {
  if (username === null) return null;
  return { username: username ?? before?.basic_auth?.username ?? '', ...(anyChanged(password) && { password }) };
}

function successOf({ success, success_match }: Change, before: Postback | undefined): object | null {
  if (success === null) return null;
  const texts = before && postbackTexts(before);
  return { [String(success_match ?? texts?.['success_match'] ?? 'body_contains')]: success ?? texts?.['success'] };
}
