import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Answer } from '../runtime/http.ts';
import { createAssets } from './assets.ts';

/** Serves the start page, the documentation below `/docs`, and `llms.txt`. */
export function createDocuments(directory: string): (event: APIGatewayProxyEventV2) => Answer {
  return createAssets(directory, (path, exists) => {
    if (path === '/') return 'home.html';
    const name = path.replace(/^\/docs\/?|^\//, '').replace(/\/$/, '');
    if (name === '') return 'index.html';
    return [name, `${name}.html`].find(exists);
  });
}

/** Whether the path belongs to the documentation. */
export function isDocument(path: string): boolean {
  return path === '/' || path === '/llms.txt' || /^\/docs(?:\/|$)/.test(path);
}
