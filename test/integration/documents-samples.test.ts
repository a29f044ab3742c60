import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Call, isAvailable, SampleFolder, sampleLanguages, verdicts } from '../support/documents/samples.ts';
import { LocalStack } from '../support/local-stack.ts';
import type { ReceivedRequest } from '../support/publisher-server.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

describe('the verification code for publishers', () => {
  const genuine: Call[] = [];
  const forged: Call[] = [];

  beforeAll(async () => {
    for (const method of ['GET', 'POST']) {
      const { secret, received } = await realDelivery(method);
      const headers = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(received.headers[name])]),
      );
      const payload = method === 'POST' ? received.body : received.target;
      const call = { secret, headers, payload };
      genuine.push(call);
      const { 'webhook-signature': signature = '', ...unsigned } = headers;
      forged.push(
        { ...call, payload: payload.replace('4.00', '9.00') },
        { ...call, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
        { ...call, headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 301) } },
        { ...call, headers: { ...headers, 'webhook-timestamp': 'now' } },
        { ...call, headers: { ...headers, 'webhook-id': `${headers['webhook-id']}x` } },
        { ...call, headers: { ...headers, 'webhook-signature': signature.replace('v1,', 'v2,') } },
        { ...call, headers: { ...headers, 'webhook-signature': signature.slice(0, -4) } },
        { ...call, headers: unsigned },
      );
    }
    genuine.push(...(await callsDuringRotation()));
  });

  test('gets both genuine and forged deliveries to check', () => {
    expect([genuine.length, forged.length]).toEqual([4, 16]);
    for (const { payload } of genuine.slice(0, 2)) expect(payload).toContain('4.00');
  });

  for (const language of sampleLanguages) {
    const testWhereAvailable = isAvailable(language) ? test : test.skip;
    testWhereAvailable(`in ${language} accepts real deliveries, also while the secret is changed, and nothing else`, async () => {
      expect(await verdicts(language, [...genuine, ...forged])).toEqual([...genuine.map(() => true), ...forged.map(() => false)]);
    });
  }

  /** A delivery that the publisher really received. */
  async function realDelivery(method: string): Promise<{ secret: string; received: ReceivedRequest }> {
    const { secret, convert } = await publisherWith({ postback_method: method });
    return { secret, received: await convert() };
  }

  /** The same delivery, checked with the secrets before and after a rotation. */
  async function callsDuringRotation(): Promise<readonly Call[]> {
    const { publisherId, secret: before, convert } = await publisherWith({ postback_method: 'GET' });
    const { secret: after } = await stack.adminOk('POST', `/publishers/${publisherId}/rotate-secret`);
    const { headers: received, target } = await convert();
    const headers = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(received[name])]),
    );
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    return [before, after].map((secret) => ({ secret, headers, payload: target }));
  }
});

describe('the complete endpoint for publishers', () => {
  const folder = new SampleFolder(['verify.mjs', 'endpoint.mjs']);
  const database = join(folder.path, 'points.db');
  let server: ChildProcess | undefined;

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill();
      await once(server, 'exit');
    }
    folder.remove();
  });

  test('books each notification once, takes back what was reversed, and believes nobody else', async () => {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}/postback`;
    const { secret, key, clickId, userId } = await publisherWith({
      postback_url: `${address}?user_id={user_id}&points={points}&status={status}&delivery_id={delivery_id}`,
    });
    server = spawn(process.execPath, ['--no-warnings', 'endpoint.mjs'], {
      cwd: folder.path,
      env: { ...process.env, NODE_OPTIONS: '', PORT: String(port), DATABASE: database, WEBHOOK_SECRET: secret },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await stack.eventually(async () => expect((await fetch(address)).status).toBe(401));

    await stack.postback(key, { click_id: clickId, status: 'pending', payout: '5.00', transaction_id: 'T-1' });
    await stack.postback(key, { click_id: clickId, status: 'approved', payout: '5.00', transaction_id: 'T-1' });
    await stack.eventually(() => expect(hundredths(userId)).toBe(400));

    const { conversion } = await stack.adminOk('GET', `/conversions/${clickId}.complete`);
    for (const { delivery_id } of conversion.deliveries) await stack.adminOk('POST', `/forwarded-postbacks/${delivery_id}/resend`);
    await stack.eventually(async () => {
      const { conversion: now } = await stack.adminOk('GET', `/conversions/${clickId}.complete`);
      for (const { attempts } of now.deliveries) expect(attempts).toHaveLength(2);
    });
    expect(hundredths(userId)).toBe(400);

    await stack.postback(key, { click_id: clickId, status: 'reversed', payout: '2.00', transaction_id: 'R-1' });
    await stack.eventually(() => expect(hundredths(userId)).toBe(240));

    const forged = `${address}?user_id=${userId}&points=100.00&status=approved&delivery_id=made-up`;
    expect((await fetch(forged)).status).toBe(401);
    expect(hundredths(userId)).toBe(240);
  });

  function hundredths(userId: string): unknown {
    const reader = new DatabaseSync(database, { readOnly: true });
    try {
      return reader.prepare('SELECT hundredths FROM points WHERE user_id = ?').get(userId)?.['hundredths'];
    } finally {
      reader.close();
    }
  }
});

/** A campaign whose publisher's secret is known, and a function that makes the system notify the publisher. */
async function publisherWith(settings: object) {
  const campaign = await stack.campaign();
  const path = `/samples-${campaign.publisherId}`;
  const { publisher, secret } = await stack.adminOk('POST', '/publishers', {
    name: 'Samples',
    postback_url: `${stack.publisher.url}${path}?user={user_id}&points={points}&note=a%20b%2Fc&id={delivery_id}`,
    ...settings,
  });
  const userId = `user-of-${publisher.publisher_id}`;
  const { click } = await stack.adminOk('POST', '/clicks', {
    offer_id: campaign.offerId,
    publisher_id: publisher.publisher_id,
    user_id: userId,
  });
  const convert = async (): Promise<ReceivedRequest> => {
    await stack.postback(campaign.key, { click_id: click.click_id, payout: '5.00' });
    return stack.eventually(() => {
      const received = stack.publisher.requests.find((request) => request.path === path);
      if (received === undefined) throw new Error('no delivery yet');
      return received;
    });
  };
  return {
    publisherId: String(publisher.publisher_id),
    secret: String(secret),
    key: campaign.key,
    clickId: String(click.click_id),
    userId,
    convert,
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
