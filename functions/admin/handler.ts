import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, json, withRequestId } from '../runtime/http.ts';
import { createAdmin } from './dependencies.ts';
import { isDocument } from './documents.ts';

const { serveApi, serveConsole, serveDocuments, openApi } = createAdmin();

export const handler = withRequestId(answer);

async function answer(event: APIGatewayProxyEventV2): Promise<Answer> {
  if (event.rawPath === '/openapi.json')
    return json(200, openApi(), { 'access-control-allow-origin': '*', 'cache-control': 'max-age=300' });
  if (/^\/admin(?:\/|$)/.test(event.rawPath)) return serveConsole(event);
  if (isDocument(event.rawPath)) return serveDocuments(event);
  return serveApi(event);
}
