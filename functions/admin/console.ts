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
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Nothing from elsewhere, nothing inline, no frames: the page handles an admin token. */
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
 * Serves the console: the files of a directory, read once. A request names one of these files or gets the start page, which
 * knows its own addresses; no path of a request ever reaches the file system.
 */
export function createConsole(directory: string): (event: APIGatewayProxyEventV2) => Answer {
  let assets: ReadonlyMap<string, Asset> | undefined;
  return (event) => {
    assets ??= readAssets(directory);
    const name = event.rawPath.replace(/^\/admin\/?/, '');
    const asset = assets.get(name) ?? (extname(name) === '' ? assets.get('index.html') : undefined);
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

function readAssets(directory: string): ReadonlyMap<string, Asset> {
  const files = listFiles(directory).map((name): [string, Asset] => [name, assetOf(readFileSync(join(directory, name)), extname(name))]);
  return new Map([['index.html', assetOf(Buffer.from(placeholder), '.html')], ...files]);
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

/** What is shown where the console has not been built. */
const placeholder = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Postback system: admin</title></head>
<body>
<main>
<h1>Postback system: admin</h1>
<p>The API is at <code>/api/admin</code>; every request carries <code>Authorization: Bearer &lt;token&gt;</code>. It is described in <a href="/openapi.json">openapi.json</a>.</p>
<ul>
<li><code>/partners</code>, <code>/offers</code>, <code>/publishers</code>, <code>/placements</code>, <code>/clicks</code>: setting up</li>
<li><code>/postback-receiver/generate-key</code>, <code>/postback-receiver/generate-quick</code>, <code>/postback-receiver/test</code>: keys and addresses for partners</li>
<li><code>/received-postbacks</code>, <code>/conversions</code>, <code>/forwarded-postbacks</code>, <code>/publishers/{id}/users/{user_id}/points</code>: what happened</li>
<li><code>/postback-pipeline/stats</code>, <code>/queues</code>, <code>/audit</code>, <code>/tokens</code>: running it</li>
</ul>
</main>
</body>
</html>
`;
