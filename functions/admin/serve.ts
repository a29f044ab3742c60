import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { budgets } from '../domain/byte-budget.ts';
import { type HiddenKeyPorts, holdsKey } from '../domain/receiving/hidden-keys.ts';
import { type Answer, bodyBytes, empty, headersOf, json, originOf } from '../runtime/http.ts';
import type { LogEvent } from '../runtime/logger.ts';
import { readCaller } from './caller.ts';
import { csvAnswer, tableAnswer } from './csv.ts';
import { readBody, readParams, readQuery, withBoundCursor } from './read-input.ts';
import { answerOnce, keptAnswer, type Repetitions } from './repetition.ts';
import { AdminError, type AdminResult, type BoundAccess, type Caller, type Route } from './route.ts';
import { createRouter, type Found } from './router.ts';

export interface ServeDependencies {
  /** The base URL that partners call, if it is not that of the request. */
  readonly publicBaseUrl?: string | undefined;
  readonly hiddenKeys: HiddenKeyPorts;
  readonly repetitions: Repetitions;
  readonly logError: (event: LogEvent, error: unknown, facts: Readonly<Record<string, string>>) => void;
}

const prefix = '/api/admin';
const tooLarge = `body: what it would leave is larger than ${budgets.setting / 1_024} KB altogether`;

/**
 * Answers requests to `/api/admin/*` (contract section 4): it determines the caller and the route, reads what was sent and checks what is
 * answered.
 */
export function createAdminApi(
  routes: readonly Route[],
  dependencies: ServeDependencies,
): (event: APIGatewayProxyEventV2) => Promise<Answer> {
  const find = createRouter(routes);
  return async (event) => {
    const { method } = event.requestContext.http;
    const caller = readCaller(event.requestContext);
    if (caller === undefined) return failure(401, 'unauthorized', 'Send Authorization: Bearer <token>', { 'www-authenticate': 'Bearer' });
    const lookup = find(method, event.rawPath.slice(prefix.length).replace(/(?<=.)\/$/, ''));
    if (lookup.kind === 'none') return failure(404, 'not_found', 'No such endpoint');
    if (lookup.kind === 'other_methods') {
      const allow = lookup.allow.join(', ');
      return failure(405, 'method_not_allowed', `Use ${allow}`, { allow });
    }
    const { route, params } = lookup.found;
    const access = accessOf(route, caller);
    if (access === undefined) return failure(403, 'forbidden', refusalOf(route, caller));
    const { path } = route;
    const respond = async (): Promise<Answer> => {
      const own = readParams(params);
      if (access.own === 'path') assertOwn(caller, own[`${caller.role}_id`]);
      const rawQuery = access.own === 'query' ? ownQuery(event.rawQueryString, caller) : event.rawQueryString;
      const sent = {
        params: own,
        query: readQuery(route, rawQuery),
        body: readBody({ path, body: access.body ?? route.body }, bodyBytes(event), isText(route, event)),
      };
      if (sent.body !== undefined && !route.hidesKeys && (await holdsKey(bodyText(event), dependencies.hiddenKeys)))
        throw new AdminError(400, 'invalid_body', 'body: contains a whole key of a partner, which would then be visible to viewers');
      const origin = dependencies.publicBaseUrl?.replace(/\/+$/, '') ?? originOf(event);
      return await answerThatFits(sent.query, async (query) =>
        answerOf(lookup.found, await route.handle({ ...sent, query, caller, origin }), event, access.answers ?? route.answers),
      );
    };
    const refuse = (error: unknown): Answer => {
      if (error instanceof AdminError) return failure(error.status, error.code, error.message);
      if (error instanceof Error && error.name === 'SettingTooLargeError') return failure(400, 'too_large', tooLarge);
      dependencies.logError('admin_failed', error, { route: `${route.method} ${route.path}` });
      return failure(isOverload(error) ? 503 : 500, 'unavailable', 'This failed on our side. It is safe to repeat the request', {
        'retry-after': '5',
      });
    };
    return answerOnce(dependencies.repetitions, event, caller, () => respond().catch(refuse)).catch(refuse);
  };
}

/** What a caller may do with a route; `undefined`: nothing. */
function accessOf({ role, bound }: Route, caller: Caller): BoundAccess | undefined {
  if (caller.role === 'publisher' || caller.role === 'partner') return bound?.[caller.role];
  return role === 'admin' && caller.role !== 'admin' ? undefined : { own: 'nobody' };
}

function refusalOf({ role }: Route, caller: Caller): string {
  return caller.role === 'viewer'
    ? `This requires a token with the role ${role}; yours has the role ${caller.role}`
    : `A token that is bound to a ${caller.role} may not do this`;
}

/** For a bound token only its own publisher or partner exists. @throws AdminError 404 */
function assertOwn(caller: Caller, id: string | undefined): void {
  if (id !== caller.bound_to) throw new AdminError(404, `${caller.role}_not_found`, `No ${caller.role} has this ${caller.role}_id`);
}

/** The query of a list with the caller's own id as its filter. @throws AdminError 404 when the query names another id. */
function ownQuery(rawQuery: string, caller: Caller): string {
  const query = new URLSearchParams(rawQuery);
  for (const sent of query.getAll(`${caller.role}_id`)) if (sent !== '') assertOwn(caller, sent);
  query.set(`${caller.role}_id`, caller.bound_to ?? '');
  return query.toString();
}

/** Lambda passes on at most 6 MB, and the answer's body is text inside JSON there. */
const largestAnswerBytes = 6_000_000;

/** Answers a page of very long rows with fewer of them: its cursor leads to the rest. */
async function answerThatFits(query: unknown, answerFor: (query: unknown) => Promise<Answer>): Promise<Answer> {
  const answer = await answerFor(query);
  const fits = (answer.body?.length ?? 0) < largestAnswerBytes / 12 || Buffer.byteLength(JSON.stringify(answer)) <= largestAnswerBytes;
  if (fits || !isPaged(query) || query.limit === 1) return answer;
  return answerThatFits({ ...query, limit: Math.ceil(query.limit / 2) }, answerFor);
}

function isPaged(query: unknown): query is { readonly limit: number } {
  return typeof query === 'object' && query !== null && 'limit' in query && typeof query.limit === 'number';
}

/** Answers pass through their schema, so that no undocumented field leaks. */
function answerOf(
  { route }: Found,
  { status, body, table }: AdminResult,
  event: APIGatewayProxyEventV2,
  answers: Route['answers'],
): Answer {
  const schema = answers[status];
  const shown = withBoundCursor(route, schema === undefined ? body : schema.parse(body));
  if (status === 204) return empty(204);
  if (table !== undefined && wantsCsv(event)) return tableAnswer(table);
  if (status === 200 && route.list !== undefined && wantsCsv(event)) return csvAnswer(route.list, schema, shown, event);
  return json(status, shown);
}

function bodyText(event: APIGatewayProxyEventV2): string {
  return new TextDecoder().decode(bodyBytes(event));
}

function isText({ textBody }: Route, event: APIGatewayProxyEventV2): boolean {
  return textBody !== undefined && (headersOf(event)['content-type'] ?? '').toLowerCase().startsWith(textBody);
}

function wantsCsv(event: APIGatewayProxyEventV2): boolean {
  const format = new URLSearchParams(event.rawQueryString).get('format');
  if (format !== null && format !== '') return format === 'csv';
  return /\btext\/csv\b/i.test(headersOf(event)['accept'] ?? '');
}

/** Takes the place of an answer that is too large to be kept for a repetition. */
export const answerNotKept = keptAnswer.parse(
  failure(409, 'answer_not_kept', 'The first request with this Idempotency-Key was done; its answer was too large to be kept'),
);

function failure(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return json(status, { status: 'error', code, message }, headers);
}

/** Whether the store or a queue is overloaded at the moment, as opposed to a fault of ours. */
function isOverload(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Throttl|Throughput|LimitExceeded|TransactionCanceled|TransactionConflict|Timeout|ServiceUnavailable|InternalServerError|ECONN|Networking/i.test(
      error.name,
    )
  );
}
