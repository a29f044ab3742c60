import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, empty, json, withRequestId } from '../runtime/http.ts';
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
  if (call === undefined) return json(404, { status: 'error', code: 'not_found', message: 'No such endpoint' });
  if (call.method === 'HEAD') return empty(200, { 'content-type': 'application/json; charset=utf-8' });
  const reply = await receivePostback(dependencies, call);
  const { event: logEvent, facts, values, dimensions } = measurementOf(reply);
  dependencies.measure(logEvent, facts, values, dimensions);
  return call.olderAddress ? olderAnswerOf(reply) : answerOf(reply);
}
