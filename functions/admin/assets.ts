import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, headersOf, json } from '../runtime/http.ts';

interface Asset {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The page handles an admin token, so it loads nothing from elsewhere, runs nothing inline and shows in no frame. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'strict-transport-security': 'max-age=31536000',
};

/**
 * Serves the files that the build has put into a directory. They are read once, and a request names one of them by its path: no path of a
 * request ever reaches the file system.
 *
 * @param nameOf returns the file for a path, given the names that exist.
 */
export function createAssets(
  directory: string,
  nameOf: (path: string, exists: (name: string) => boolean) => string | undefined,
  fallback: ReadonlyMap<string, string> = new Map(),
): (event: APIGatewayProxyEventV2) => Answer {
  let assets: ReadonlyMap<string, Asset> | undefined;
  return (event) => {
    assets ??= readAssets(directory, fallback);
    const known = assets;
    const asset = known.get(nameOf(event.rawPath, (name) => known.has(name)) ?? '');
    if (asset === undefined) return json(404, { status: 'error', code: 'not_found', message: 'No such endpoint' });
    const headers = { ...securityHeaders, 'cache-control': 'no-cache', etag: asset.etag };
    if (headersOf(event)['if-none-match'] === asset.etag) return { statusCode: 304, headers };
    return {
      statusCode: 200,
      headers: { ...headers, 'content-type': asset.contentType },
      body: asset.bytes.toString('base64'),
      isBase64Encoded: true,
    };
  };
}

function readAssets(directory: string, fallback: ReadonlyMap<string, string>): ReadonlyMap<string, Asset> {
  const files = listFiles(directory).map((name): [string, Asset] => [name, assetOf(readFileSync(join(directory, name)), extname(name))]);
  const missing = [...fallback].map(([name, text]): [string, Asset] => [name, assetOf(Buffer.from(text), extname(name))]);
  return new Map([...missing, ...files]);
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  } catch {
    return [];
  }
}

function assetOf(bytes: Buffer, extension: string): Asset {
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { bytes, contentType: contentTypes[extension] ?? 'application/octet-stream', etag: `"${digest}"` };
}
