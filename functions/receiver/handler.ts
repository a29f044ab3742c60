import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, empty, json, redirect, withRequestId } from '../runtime/http.ts';
import { answerOf, olderAnswerOf } from './answers.ts';
import { readCall } from './call.ts';
import { createReceiver } from './dependencies.ts';
import { measurementOf } from './measurement.ts';
import { receivePostback } from './receive-postback.ts';

const dependencies = createReceiver();

/** What the documentation suite promises as the answer of the status endpoint (contract 1.9). */
const online = {
  status: 'online',
  endpoint: '/api/analytics/postback',
  methods: ['GET', 'POST'],
  required_params: ['click_id'],
  optional_params: ['status', 'payout', 'transaction_id', '+ any custom fields'],
};

export const handler = withRequestId(answer);

async function answer(event: APIGatewayProxyEventV2): Promise<Answer> {
  // This goes by the route instead of the path: requests for these paths with another method come by the route for everything else.
  if (event.routeKey === 'GET /health') return json(200, { status: 'ok' });
  if (event.routeKey === 'GET /api/analytics/postback/test') return json(200, online);
  const call = readCall(event, dependencies.isTrustedProxy);
  if (call === undefined) return withoutSlashes(event) ?? json(404, { status: 'error', code: 'not_found', message: 'No such endpoint' });
  if (call.method === 'HEAD') return empty(200, { 'content-type': 'application/json; charset=utf-8' });
  const reply = await receivePostback(dependencies, call);
  const { event: logEvent, facts, values, dimensions } = measurementOf(reply);
  dependencies.measure(logEvent, facts, values, dimensions);
  return call.olderAddress ? olderAnswerOf(reply) : answerOf(reply);
}

/** Paths that have a route for GET. It takes no slashes around them, and no route can: API Gateway lets none end in a slash. */
const routed = /^\/(?:(?:docs|admin)(?:\/.+)?|track\/[^/]+|health|openapi\.json|llms\.txt|api\/analytics\/postback\/test|)$/;

/** Leads a GET whose path has trailing or doubled slashes to the same page without them; `undefined`: there is none. */
function withoutSlashes({ rawPath, rawQueryString, requestContext }: APIGatewayProxyEventV2): Answer | undefined {
  const path = `/${rawPath.split('/').filter(Boolean).join('/')}`;
  if (requestContext.http.method !== 'GET' || path === rawPath || !routed.test(path)) return undefined;
  const encoded = path.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return redirect(308, rawQueryString === '' ? encoded : `${encoded}?${rawQueryString}`);
}
