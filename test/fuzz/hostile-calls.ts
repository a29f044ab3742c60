import fc from 'fast-check';
import { deepJson, hostileJson, hostileText, spoilt } from '../support/hostile.ts';
import type { Campaign, LocalStack } from '../support/local-stack.ts';
import { pathParametersOf } from '../support/openapi/document.ts';
import type { HostileWorld } from './hostile-world.ts';
import { mutate, mutations } from './mutations.ts';

/**
 * A request to one of the public functions, in the form in which the gateway passes it on, so that it can contain what no HTTP client would
 * send.
 */
export interface HostileCall {
  readonly to: 'receiver' | 'tracker' | 'admin' | 'authorizer';
  /** Method and path in the API document, if it is a request to the admin API. */
  readonly operation?: string;
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** The caller, as the authorizer names it. */
  readonly caller?: object;
}

export interface HostileAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * @throws Error when the answer is 500 or higher, or when the admin API refuses the request without giving a reason (contract 1.7, section
 * 4).
 */
export async function answerTo(stack: LocalStack, call: HostileCall): Promise<HostileAnswer> {
  const { to, method, path, query = '', headers = {}, body, pathParameters, caller = { role: 'admin', name: 'hostile' } } = call;
  const answer = (await stack.system.invoke(to, {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'postback.example', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      domainName: 'postback.example',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'hostile' },
      authorizer: { lambda: caller },
    },
    ...(body !== undefined && { body }),
    ...(pathParameters && { pathParameters }),
    isBase64Encoded: false,
  })) as { statusCode?: number; body?: string; isAuthorized?: boolean; context?: object };
  if (to === 'authorizer') return authorized(call, answer);
  const { statusCode: status = 599, body: said = '' } = answer;
  if (status >= 500) throw new Error(`${shown(call)} was answered ${status}: ${said}\n${stack.system.log(to).at(-1)}`);
  if (to === 'admin' && status >= 400 && !isRefusal(said)) throw new Error(`${shown(call)} was answered ${status} without why: ${said}`);
  return { status, body: said };
}

function authorized(call: HostileCall, answer: { isAuthorized?: boolean; context?: object }): HostileAnswer {
  const nobody = answer.isAuthorized === true && Object.keys(answer.context ?? {}).length === 0;
  if (!nobody) throw new Error(`${shown(call)} was let in: ${JSON.stringify(answer)}`);
  return { status: 401, body: '' };
}

function isRefusal(text: string): boolean {
  const { status, code, message } = JSON.parse(text);
  return status === 'error' && typeof code === 'string' && typeof message === 'string';
}

function shown({ to, method, path, query = '', body }: HostileCall): string {
  const short = (text = '') => (text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text);
  return `${to}: ${method} ${JSON.stringify(short(path))} ${JSON.stringify(short(query))} ${JSON.stringify(short(body))}`;
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
const pairs = (entries: readonly (readonly [string, string])[]) =>
  entries.map(([name, text]) => `${encoded(name)}=${encoded(text)}`).join('&');

/** Any header, parameter, event, key and body of a postback. */
export function hostilePostback({ key: ownKey, clickId }: Campaign): fc.Arbitrary<HostileCall> {
  const names = fc.oneof(
    fc.constantFrom('click_id', 'payout', 'status', 'transaction_id', 'event', 'currency', 'offer_id', 'reason', 'key'),
    hostileText,
  );
  const entries = fc.array(fc.tuple(names, hostileText), { maxLength: 4 });
  const anyBody = fc.oneof(
    fc.constant(undefined),
    hostileJson.map((sent) => JSON.stringify(sent)),
    entries.map(pairs),
    hostileText,
    deepJson,
  );
  const headers = fc.dictionary(
    fc.oneof(fc.constantFrom('content-type', 'referer', 'x-postback-key', 'content-encoding', 'x-forwarded-for'), hostileText),
    hostileText,
    { maxKeys: 3 },
  );
  const key = fc.constantFrom('own', 'none', 'odd');
  return fc
    .record({ said: entries, body: anyBody, headers, event: fc.option(hostileText), older: fc.boolean(), key })
    .map(({ said, body, headers: given, event, older, key: whose }) => {
      const own = `/postback/${whose === 'own' ? ownKey : 'x'.repeat(32)}${event === null ? '' : `/${event}`}`;
      const click = whose === 'own' ? [['click_id', clickId] as const] : [];
      const query = pairs([...click, ...said, ...(older ? [['key', ownKey] as const] : [])]);
      const path = older ? '/api/analytics/postback' : own;
      return { to: 'receiver', method: body === undefined ? 'GET' : 'POST', path, query, headers: given, body };
    });
}

/** Any offer, parameter and header of a tracking link. */
export function hostileClick({ offerId, publisherId }: Campaign): fc.Arbitrary<HostileCall> {
  const names = fc.oneof(fc.constantFrom('user_id', 'sub1', 'sub5', 'placement_id', 'country', 'username', 'device_id'), hostileText);
  return fc
    .record({
      offer: fc.option(hostileText),
      said: fc.array(fc.tuple(names, hostileText), { maxLength: 4 }),
      country: hostileText,
      spoilt: mutations,
    })
    .map(({ offer, said, country, spoilt: changes }) => {
      const offer_id = offer ?? offerId;
      const query = mutate(pairs([['publisher_id', publisherId], ['user_id', 'u'], ...said]), changes);
      const headers = { 'cloudfront-viewer-country': country };
      return { to: 'tracker', method: 'GET', path: `/track/${offer_id}`, pathParameters: { offer_id }, query, headers };
    });
}

/** Any text as a token. */
export const hostileToken: fc.Arbitrary<HostileCall> = fc
  .tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', ''), hostileText, fc.constantFrom('', '.e30.x', ' x'))
  .map(([scheme, token, tail]) => ({
    to: 'authorizer',
    method: 'GET',
    path: '/api/admin/me',
    headers: { authorization: `${scheme}${token}${tail}` },
  }));

/** Any text as a file to import. */
export function hostileFile({ partnerId }: Campaign): fc.Arbitrary<HostileCall> {
  const query = pairs([
    ['partner_id', partnerId],
    ['dry_run', 'true'],
  ]);
  const heads = fc.constantFrom([], ['click_id', 'payout'], ['transaction_id', 'status', 'payout']);
  return fc.tuple(heads, fc.array(fc.array(hostileText, { maxLength: 4 }), { maxLength: 4 })).map(([head, rows]) => ({
    to: 'admin',
    method: 'POST',
    path: '/api/admin/conversions/import',
    query,
    headers: { 'content-type': 'text/csv' },
    body: [head, ...rows].map((cells) => cells.join(',')).join('\n'),
  }));
}

/** Values that a filter might have; most of them are right for some filter. */
const nearlyRight: Readonly<Record<string, readonly string[]>> = {
  limit: ['1', '200', '0', '201', '1.5', ' 7'],
  format: ['csv', 'json', 'CSV'],
  from: [
    '2026-01-01',
    '2026-01-01T00:00:00+14:00',
    '2024-02-29',
    '2026-02-29',
    '2026-01-01T24:00:00Z',
    '0001-01-01',
    '2026-01-01T00:00:00',
  ],
  to: ['2120-01-31', '2120-01-31T23:59:59.999999999-12:00', '9999-12-31', '10000-01-01', '2019-12-31', '2120-06-31'],
  month: ['2026-01', '2026-13', '0000-01', '9999-12', '2026-1'],
  timezone: ['Asia/Kathmandu', 'UTC', 'utc', 'Europe/Nowhere', '+05:45', 'Etc/GMT+12', 'America/Argentina/ComodRivadavia'],
  days: ['1', '90', '0', '1e1', '36500', '-1'],
  by: ['hour', 'day', 'partner', 'offer', 'deployment'],
  compare: ['previous', 'next'],
  status: ['active', 'inactive', 'approved', 'held', 'dead', 'no_url', 'scheduled'],
  result: ['accepted', 'held', 'error', 'duplicate'],
  code: ['conflict', 'over_cap', 'rule', 'click_not_found'],
  kind: ['partner', 'token', 'network'],
  action: ['partner.created', 'token.revoked'],
  transaction_id: ['T-1'],
  campaign_id: ['c'],
  preset: ['bitlabs', 'nobody'],
  partner_name: ['x'],
  dry_run: ['true', 'false'],
};

/**
 * Any path id, cursor, date, filter, header and body of the admin API, from anybody who may call it. Everything is right except for one
 * part, or more is wrong.
 */
export function hostileAdminCall(world: HostileWorld): fc.Arbitrary<HostileCall> {
  const { campaign, operations, ids, cursors } = world;
  const callers = [
    ...Array.from({ length: 8 }, () => ({ role: 'admin', name: 'hostile' })),
    { role: 'viewer', name: 'hostile', token_id: ids['token_id'] },
    { role: 'publisher', name: 'hostile', token_id: ids['token_id'], bound_to: campaign.publisherId },
    { role: 'partner', name: 'hostile', token_id: ids['token_id'], bound_to: campaign.partnerId },
  ];
  return fc.constantFrom(...operations).chain(([operation, { parameters }]) => {
    const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    return fc
      .record({
        badId: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, hostileText),
        query: filtersOf(known, cursors, ids),
        sound: fc.boolean(),
        place: fc.nat(4_000),
        bad: hostileJson,
        name: hostileText,
        raw: fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, deepJson, hostileText),
        headers: fc.oneof(
          { arbitrary: fc.constant({}), weight: 5 },
          fc.dictionary(fc.oneof(fc.constantFrom('idempotency-key', 'accept', 'content-type'), hostileText), hostileText, { maxKeys: 2 }),
        ),
        caller: fc.constantFrom(...callers),
      })
      .map(({ badId, query, sound, place, bad, name, raw, headers, caller }) => {
        const right = world.bodies.get(operation) ?? {};
        const body = raw ?? JSON.stringify(sound ? right : spoilt(right, place, bad, name));
        const method = operation.split(' ')[0] ?? '';
        return {
          to: 'admin',
          operation,
          method,
          path: pathOf(operation, method === 'DELETE' ? world.spare : ids, badId, place),
          query: pairs(query),
          headers: { 'content-type': 'application/json', ...headers },
          caller,
          ...(method === 'GET' ? {} : { body }),
        };
      });
  });
}

function filtersOf(
  known: readonly string[],
  cursors: readonly string[],
  ids: Readonly<Record<string, string>>,
): fc.Arbitrary<[string, string][]> {
  const cursor = fc.oneof(
    fc.constantFrom(...cursors),
    fc.tuple(fc.constantFrom(...cursors), mutations).map(([text, changes]) => mutate(text, changes)),
  );
  const value = (name: string): fc.Arbitrary<string> => {
    const right = name === 'cursor' ? cursor : fc.constantFrom(...(nearlyRight[name] ?? [ids[name] ?? 'x']));
    return fc.oneof({ arbitrary: right, weight: 2 }, hostileText);
  };
  const filter = (name: string) => value(name).map((text): [string, string] => [name, text]);
  const others = fc.oneof(fc.constantFrom('cursor', 'from', 'status').chain(filter), fc.tuple(hostileText, hostileText));
  return fc.array(known.length === 0 ? others : fc.oneof({ arbitrary: fc.constantFrom(...known).chain(filter), weight: 6 }, others), {
    maxLength: 3,
  });
}

function pathOf(operation: string, ids: Readonly<Record<string, string>>, badId: string | null, place: number): string {
  const template = operation.split(' ')[1] ?? '';
  return pathParametersOf(operation).reduce(
    (filled, id, index) => filled.replace(`{${id}}`, () => (badId !== null && index === place % 2 ? badId : (ids[id] ?? badId ?? 'x'))),
    template,
  );
}
