import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { readDestination, requestTarget } from '../../../functions/adapters/http/destination.ts';
import { newWebhookSecret, signDelivery } from '../../../functions/adapters/http/signing.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';

const now = Math.floor(Date.now() / 1000);

describe('signing', () => {
  test('agrees with the example of the specification', () => {
    const headers = signDelivery('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}', [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ]);
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('is HMAC-SHA256 over id.timestamp.payload, whatever the payload', () => {
    const key = randomBytes(32);
    const secret = `whsec_${key.toString('base64')}`;
    fc.assert(
      fc.property(anyCodePoints(), (payload) => {
        const expected = createHmac('sha256', key).update(`DLV-1.${now}.`).update(payload.toWellFormed()).digest('base64');
        expect(signDelivery('DLV-1', now, payload, [secret])['webhook-signature']).toBe(`v1,${expected}`);
      }),
    );
  });

  test('with two secrets is accepted by a receiver that knows either one', () => {
    const secrets = [newWebhookSecret(randomBytes), newWebhookSecret(randomBytes)];
    const headers = { ...signDelivery('DLV-1', now, '{"a":1}', secrets) };
    for (const secret of secrets) expect(new Webhook(secret).verify('{"a":1}', headers)).toEqual({ a: 1 });
    expect(() => new Webhook(newWebhookSecret(randomBytes)).verify('{"a":1}', headers)).toThrow();
    expect(() => new Webhook(secrets[0] ?? '').verify('{"a":2}', headers)).toThrow();
  });

  test('without a secret, or with a broken one, nothing is signed', () => {
    expect(() => signDelivery('DLV-1', now, '', [])).toThrow('secret');
    expect(() => signDelivery('DLV-1', now, '', ['whsec_'])).toThrow();
    expect(() => signDelivery('DLV-1', now, '', ['whsec_***'])).toThrow();
  });

  test('a new secret is whsec_ and 32 bytes', () => {
    expect(newWebhookSecret((size) => new Uint8Array(size))).toBe(`whsec_${Buffer.alloc(32).toString('base64')}`);
  });
});

describe('the request target', () => {
  test.each([
    ['https://pub.example', '/'],
    ['https://pub.example?a=1#f', '/?a=1'],
    ['https://pub.example/a/../b?x={y}&z=é "', '/b?x={y}&z=%C3%A9%20%22'],
    ['not an address', ''],
  ])('of %s is %s', (url, target) => {
    expect(requestTarget(url)).toBe(target);
    if (target !== '') expect(readDestination(url, 'public').target).toBe(target);
  });
});

test.each([
  ['https://2130706433/', '127.0.0.1'],
  ['https://0177.0.0.1/', '127.0.0.1'],
  ['https://0x7f.1/', '127.0.0.1'],
  ['https://127.1/', '127.0.0.1'],
  ['https://127.0.0.1./', '127.0.0.1'],
  ['https://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['https://[::1]:8443/', '::1'],
  ['https://①②⑦.0.0.1/', '127.0.0.1'],
])('%s is dialled as %s', (url, hostname) => {
  expect(readDestination(url, 'public').hostname).toBe(hostname);
});

test('a URL with a macro in the host is invalid', () => {
  expect(() => readDestination('https://{_sub1}/', 'local')).toThrow('invalid_url');
});
