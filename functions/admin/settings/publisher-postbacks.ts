import type * as z from 'zod';
import { certainty, fieldsOf } from '../../domain/conditions.ts';
import { deliveryFieldNames, deliveryMacros } from '../../domain/delivery/fields.ts';
import { carriersOf, messageTemplate, signingProblem } from '../../domain/delivery/sign.ts';
import { macrosOf, parseTemplate } from '../../domain/delivery/template.ts';
import { callProblem } from '../../domain/delivery/template-functions.ts';
import { templateWarnings } from '../../domain/delivery/template-warnings.ts';
import type { OwnHeader, PublisherPostback } from '../../domain/settings.ts';
import { AdminError } from '../route.ts';
import { keptSecret, type postbackView, type SentPostback } from '../schemas/publisher-postback.ts';
import { addressWarnings, checkAddress } from './address.ts';

export interface PostbackTools {
  readonly allowHttp: boolean;
  /** Encrypts a secret for the publisher. */
  readonly seal: (secret: string) => Promise<string>;
  readonly newPostbackId: () => string;
}

const mostPostbacks = 20;
/** Headers that we set ourselves, and those that belong to the connection. */
const ourHeaders =
  /^(?:webhook-.*|user-agent|accept-encoding|content-.*|host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|via)$/i;
/** A header with such a name holds a secret, even if it was not marked as one. */
const secretName = /auth|token|secret|key|pass|pwd|cookie|signature|session|credential|jwt/i;
/** Text beside a macro that is no secret: it says what the value is, such as `Bearer ` or `sha256=`. */
const scheme = /^(?:(?:bearer|basic|token|signature|v\d|(?:hmac-?)?(?:md5|sha-?\d+))[\s=:,]+)?$/i;

/**
 * The postbacks that were sent, in their order. One with a known id keeps the secrets that were not sent again.
 *
 * @throws AdminError 400 naming the field.
 */
export async function changedPostbacks(
  current: readonly PublisherPostback[],
  sent: readonly SentPostback[],
  tools: PostbackTools,
): Promise<PublisherPostback[]> {
  if (sent.length > mostPostbacks) throw invalid('postbacks', `must not be more than ${mostPostbacks}`);
  const ids = sent.flatMap(({ postback_id }) => postback_id ?? []);
  if (new Set(ids).size < ids.length) throw invalid('postbacks', 'must not name a postback_id twice');
  return Promise.all(
    sent.map((one, index) =>
      changedPostback(
        current.find(({ postback_id }) => postback_id === one.postback_id),
        one,
        `postbacks.${index}`,
        tools,
      ),
    ),
  );
}

async function changedPostback(
  before: PublisherPostback | undefined,
  sent: SentPostback,
  field: string,
  { allowHttp, seal, newPostbackId }: PostbackTools,
): Promise<PublisherPostback> {
  checkAddress(`${field}.url`, sent.url, allowHttp);
  const unknown = fieldsOf(sent.when ?? { all: [] }).find((name) => !conditionFields.has(name));
  if (unknown !== undefined) throw invalid(`${field}.when`, `unknown field "${unknown}". Use a macro name such as country or payout`);
  const { sign, basic_auth: auth } = sent;
  const problem = sign && signingProblem(sign);
  if (problem) throw invalid(`${field}.sign.message`, problem);
  if (auth && Object.keys(sent.headers ?? {}).some((name) => /^authorization$/i.test(name)))
    throw invalid(`${field}.headers`, 'must not hold authorization together with basic_auth');
  const password = auth?.password === undefined ? before?.basic_auth?.password : await seal(auth.password);
  if (auth && password === undefined) throw invalid(`${field}.basic_auth.password`, 'is required');
  const secret = sign?.secret === undefined ? before?.sign?.secret : await seal(sign.secret);
  if (sign && secret === undefined) throw invalid(`${field}.sign.secret`, 'is required');
  return {
    postback_id: sent.postback_id ?? newPostbackId(),
    url: sent.url,
    method: sent.method ?? 'GET',
    content_type: sent.content_type ?? 'json',
    offer_ids: sent.offer_ids ?? undefined,
    events: sent.events ?? undefined,
    statuses: sent.statuses ?? undefined,
    placement_ids: sent.placement_ids ?? undefined,
    when: sent.when ?? undefined,
    headers: await changedHeaders(before?.headers ?? [], sent.headers ?? {}, `${field}.headers`, seal),
    basic_auth: auth && password !== undefined ? { username: auth.username, password } : undefined,
    success_when: sent.success_when ?? undefined,
    rate_per_second: sent.rate_per_second ?? undefined,
    sign: sign && secret !== undefined ? { ...sign, secret } : undefined,
    status: sent.status ?? 'active',
  };
}

const conditionFields: ReadonlySet<string> = new Set(deliveryFieldNames.filter((name) => name !== 'delivery_id' && name !== 'signature'));

function changedHeaders(
  before: readonly OwnHeader[],
  sent: NonNullable<SentPostback['headers']>,
  field: string,
  seal: PostbackTools['seal'],
): Promise<OwnHeader[]> {
  const names = Object.keys(sent).map((name) => name.toLowerCase());
  if (new Set(names).size < names.length) throw invalid(field, 'must not name a header twice');
  return Promise.all(
    Object.entries(sent).map(async ([name, value]): Promise<OwnHeader> => {
      if (ourHeaders.test(name)) throw invalid(field, `${name} is reserved`);
      if (value === keptSecret) {
        const kept = before.find((header) => header.name.toLowerCase() === name.toLowerCase());
        if (kept === undefined) throw invalid(field, `${name} has no value yet that could be kept`);
        return kept;
      }
      const plain = typeof value === 'string' ? value : value.secret;
      const secret = typeof value !== 'string' || (secretName.test(name) && !isComputed(plain));
      return { name, secret, value: secret ? await seal(plain) : plain };
    }),
  );
}

/**
 * Whether a header's value comes only from what is sent with each delivery, such as `sha256={signature}`: its template contains nothing to
 * hide. Any other text in it could be a secret, also in the words or the arguments of a macro.
 */
function isComputed(template: string): boolean {
  return (
    macrosOf(template).length > 0 &&
    parseTemplate(template).every((part) =>
      typeof part === 'string'
        ? scheme.test(part)
        : deliveryMacros.has(part.name) && part.words === undefined && part.calls.every(({ argument }) => argument === undefined),
    )
  );
}

/** Ids of the postbacks in which a secret has got another value. Views never show one, so they look the same before and after. */
export function replacedSecrets(before: readonly PublisherPostback[], after: readonly PublisherPostback[]): string[] {
  return after.flatMap(({ postback_id = '', ...now }) => {
    const earlier = before.find((postback) => postback.postback_id === postback_id);
    const old = new Map(earlier && secretsOf(earlier));
    return secretsOf(now).some(([name, sealed]) => old.has(name) && old.get(name) !== sealed) ? [postback_id] : [];
  });
}

function secretsOf({ headers = [], basic_auth, sign }: PublisherPostback): (readonly [name: string, sealed: string])[] {
  return [
    ...headers.filter(({ secret }) => secret).map(({ name, value }) => [`headers.${name.toLowerCase()}`, value] as const),
    ...(basic_auth === undefined ? [] : [['basic_auth', basic_auth.password] as const]),
    ...(sign === undefined ? [] : [['sign', sign.secret] as const]),
  ];
}

/** Warnings for the answer that saves postbacks. */
export function postbackWarnings(postbacks: readonly PublisherPostback[]): string[] {
  return postbacks.flatMap(({ url, headers = [], sign, method, when }, index) => {
    const field = `postbacks.${index}`;
    const of = (part: string, template: string): string[] =>
      templateWarnings(template, deliveryMacros, callProblem)
        .filter((warning) => !warning.startsWith('there is no macro') && !warning.startsWith('everything after'))
        .map((warning) => `${field}.${part}: ${warning}`);
    const used = [url, ...headers.filter(({ secret }) => !secret).map(({ value }) => value)].flatMap(macrosOf);
    const hasSecrets = headers.some(({ secret }) => secret);
    const holdsSignature = used.some(({ name }) => name === 'signature');
    const before = /\{url_before:([^{}]+)\}/.exec(sign?.message ?? '')?.[1];
    return [
      ...addressWarnings(`${field}.url`, url),
      ...(when !== undefined && certainty(when) === 'never'
        ? [`${field}.when: holds for nothing, since \`any\` of no conditions does not hold: this postback is never called`]
        : []),
      ...headers.filter(({ secret }) => !secret).flatMap(({ name, value }) => of(`headers.${name}`, value)),
      ...(sign === undefined ? [] : of('sign.message', messageTemplate(sign.message))),
      ...(holdsSignature && sign === undefined ? [`${field}.url: {signature} will be empty, since there is no sign`] : []),
      ...(sign !== undefined && !holdsSignature && !hasSecrets && method === 'GET'
        ? [`${field}.sign: the URL and headers don't use {signature}, so it is never sent`]
        : []),
      ...(before !== undefined && !carriersOf(url).includes(before)
        ? [`${field}.sign.message: the URL has no parameter ${before} that holds {signature}`]
        : []),
    ];
  });
}

/** A postback as the API shows it, without secrets. */
export function postbackViewOf(postback: PublisherPostback): Omit<z.output<typeof postbackView>, 'endpoint'> {
  const { headers = [], basic_auth: auth, sign } = postback;
  return {
    postback_id: postback.postback_id ?? '',
    url: postback.url,
    method: postback.method,
    content_type: postback.content_type,
    offer_ids: postback.offer_ids?.slice() ?? null,
    events: postback.events?.slice() ?? null,
    statuses: postback.statuses?.slice() ?? null,
    placement_ids: postback.placement_ids?.slice() ?? null,
    when: postback.when ?? null,
    headers: Object.fromEntries(headers.map(({ name, value, secret }) => [name, secret ? keptSecret : value])),
    basic_auth: auth === undefined ? null : { username: auth.username },
    success_when: postback.success_when ?? null,
    rate_per_second: postback.rate_per_second ?? null,
    sign: sign === undefined ? null : { algorithm: sign.algorithm, encoding: sign.encoding, message: sign.message },
    status: postback.status,
  };
}

function invalid(field: string, message: string): AdminError {
  return new AdminError(400, 'invalid_body', `${field}: ${message}`);
}
