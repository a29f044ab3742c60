import { extname } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Answer } from '../runtime/http.ts';
import { createAssets } from './assets.ts';

/** Serves the console below `/admin`. What is no file is one of the console's own pages, which it tells apart itself. */
export function createConsole(directory: string): (event: APIGatewayProxyEventV2) => Answer {
  return createAssets(
    directory,
    (path, exists) => {
      const name = path.replace(/^\/admin\/?/, '');
      if (exists(name)) return name;
      return extname(name) === '' ? 'index.html' : undefined;
    },
    new Map([['index.html', placeholder]]),
  );
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
<li><code>/postback-receiver/generate-key</code>, <code>/postback-receiver/generate-quick</code>, <code>/postback-receiver/test</code>: keys and URLs for partners</li>
<li><code>/received-postbacks</code>, <code>/conversions</code>, <code>/forwarded-postbacks</code>, <code>/publishers/{id}/users/{user_id}/points</code>: what happened</li>
<li><code>/postback-pipeline/stats</code>, <code>/queues</code>, <code>/audit</code>, <code>/tokens</code>: running it</li>
</ul>
</main>
</body>
</html>
`;
