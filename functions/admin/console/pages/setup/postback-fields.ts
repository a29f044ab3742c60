import { signAlgorithms } from '../../../../domain/delivery/sign.ts';
import { forwardedStatuses } from '../../../../domain/status.ts';
import type { Postback } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, readJson, readList, readMap } from '../../parts/field-text.ts';

/** What a person fills in of one postback; the whole of it is sent as {@link sentOf} puts it together. */
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
  { name: 'message', label: 'Text that is signed', placeholder: '{user_id}{payout}{secret}' },
  { name: 'secret', label: 'Secret of the signature', kind: 'password', help: 'Never shown again. Leave empty to keep the current one.' },
  {
    name: 'headers',
    label: 'Headers',
    kind: 'lines',
    help: 'One per line: name = value. A secret is shown as ***, which keeps it.',
    read: readMap,
    advanced: true,
  },
  {
    name: 'success',
    label: 'Success text (in the response)',
    help: 'A 2xx answer without this text counts as a failure. Leave empty to take any.',
    advanced: true,
  },
  { name: 'rate_per_second', label: 'Maximum requests per second', help: 'Leave empty for no limit.', advanced: true },
];

export function postbackTexts(postback: Postback): Readonly<Record<string, string>> {
  const { success_when: success, sign } = postback;
  return {
    url: postback.url,
    method: postback.method === 'GET' ? 'GET' : `POST ${postback.content_type}`,
    offer_ids: (postback.offer_ids ?? []).join(', '),
    events: (postback.events ?? []).join(', '),
    statuses: (postback.statuses ?? []).join(', '),
    when: postback.when === null ? '' : JSON.stringify(postback.when),
    algorithm: sign?.algorithm ?? '',
    message: sign?.message ?? '',
    headers: mapText(postback.headers),
    success: success === null ? '' : 'body_contains' in success ? success.body_contains : success.body_equals,
    rate_per_second: postback.rate_per_second === null ? '' : String(postback.rate_per_second),
  };
}

type Form = Readonly<Record<string, unknown>>;

/** One postback as the API takes it. What the form does not show stays as it is. @param before absent: it is new. */
export function sentOf(form: Form, before: Postback | undefined): object {
  const { method = 'GET', algorithm, message, secret, success, rate_per_second: rate, ...rest } = form;
  const [verb, contentType] = String(method).split(' ');
  return {
    ...(before === undefined ? {} : keptOf(before)),
    ...{ offer_ids: null, events: null, statuses: null, when: null, headers: {} },
    ...rest,
    method: verb,
    content_type: contentType ?? null,
    sign: algorithm ? { algorithm, message, encoding: before?.sign?.encoding ?? 'hex', ...(secret ? { secret } : {}) } : null,
    success_when: success ? successOf(String(success), before) : null,
    rate_per_second: rate ? Number(rate) : null,
  };
}

/** A postback as it was, for the list that is sent whole: what is secret in it stays. */
export function keptOf({ endpoint: _health, ...postback }: Postback): object {
  return postback;
}

function successOf(text: string, before: Postback | undefined): object {
  const exact = before?.success_when !== null && before?.success_when !== undefined && 'body_equals' in before.success_when;
  return exact ? { body_equals: text } : { body_contains: text };
}
