import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { signing } from '../../functions/adapters/aws-calls.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const text = Buffer.from('what is signed');

describe('the digest that signs calls to AWS', () => {
  test('is SHA-256, for many parts and again after a reset', async () => {
    const digest = new signing.sha256();
    digest.update(Buffer.from('forgotten'));
    digest.reset();
    digest.update(text.subarray(0, 4));
    digest.update(text.subarray(4));
    expect(hex(await digest.digest())).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('is an HMAC with a secret, the same each time, and different for each secret and text, even for more than are kept', async () => {
    const bytes = new Uint8Array([0, 1, 2, 250]);
    const secrets = [
      bytes,
      bytes,
      bytes.subarray(1, 3),
      bytes.slice().buffer,
      ...Array.from({ length: 20 }, (_, index) => `secret ${index}`),
    ];
    for (const secret of [...secrets, 'secret 0']) {
      const plain = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret;
      for (const signed of [text, text.subarray(1), text]) {
        const digest = new signing.sha256(secret);
        digest.update(signed);
        expect(hex(await digest.digest())).toBe(createHmac('sha256', plain).update(signed).digest('hex'));
      }
    }
  });
});
