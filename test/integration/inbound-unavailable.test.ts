import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeServer, listen } from '../../lib/local/http-server.ts';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.7: a postback that the store cannot take is never acknowledged, and can safely be sent again. */

/** DynamoDB for the functions, with a tap: while the tap is closed, the service fails when postbacks are written. */
let tap: Server;
let closed = false;
let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.startOwn({
    intercept: async ({ dynamodb, sqs }) => {
      tap = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', async () => {
          if (closed && String(request.headers['x-amz-target']).endsWith('TransactWriteItems')) {
            response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
            response.end('{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"closed"}');
            return;
          }
          const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers as Record<string, string>;
          const answer = await fetch(dynamodb, { method: 'POST', headers, body: Buffer.concat(chunks) });
          response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
          response.end(Buffer.from(await answer.arrayBuffer()));
        });
      });
      return { dynamodb: `http://127.0.0.1:${await listen(tap, 0)}`, sqs };
    },
  });
  campaign = await inbound.stack.campaign();
});
afterAll(async () => {
  await inbound.stop();
  await closeServer(tap, 0);
});

test('503 with Retry-After while the store is away; the same postback sent again is paid once', async () => {
  const sent = { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T' };
  closed = true;
  const away = await inbound.stack.postback(campaign.key, sent);
  expect(away).toMatchObject({ status: 503, body: { status: 'error', code: 'unavailable' } });
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await inbound.stack.request(`/api/analytics/postback?key=${campaign.key}&click_id=x`)).body).toMatch(/^ERROR: /);
  expect(await inbound.logs(campaign.partnerId)).toEqual([]);
  closed = false;
  expect((await inbound.send(campaign.key, sent)).answer.body).toMatchObject({ result: 'accepted' });
  expect((await inbound.send(campaign.key, sent)).answer.body).toMatchObject({ result: 'duplicate' });
  expect(await inbound.balance(campaign)).toBe('4.00');
});
