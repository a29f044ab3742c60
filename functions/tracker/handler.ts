import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, json, redirect, withRequestId } from '../runtime/http.ts';
import { logError } from '../runtime/logger.ts';
import { createTracker } from './dependencies.ts';
import { followTrackingLink } from './follow-tracking-link.ts';
import { readTrackingLink } from './tracking-link.ts';

const dependencies = createTracker();

export const handler = withRequestId(answer);

async function answer(event: APIGatewayProxyEventV2): Promise<Answer> {
  const link = readTrackingLink(event, dependencies.isTrustedProxy);
  if ('fault' in link) return json(link.status, { status: 'error', code: link.code, message: link.fault });
  try {
    const followed = await followTrackingLink(dependencies, link);
    if ('missing' in followed)
      return json(404, { status: 'error', code: `${followed.missing}_not_found`, message: `There is no such active ${followed.missing}` });
    return redirect(302, followed.location, { 'referrer-policy': 'no-referrer' });
  } catch (error) {
    logError('click_unavailable', error);
    return json(503, { status: 'error', code: 'unavailable', message: 'Please follow the link again' }, { 'retry-after': '5' });
  }
}
