import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Crypto } from '../domain/networks/crypto.ts';

export const nodeCrypto: Crypto = {
  hmac: (algorithm, secret, message, encoding) => createHmac(algorithm.slice('hmac-'.length), secret).update(message).digest(encoding),
  digest: (algorithm, message, encoding) => createHash(algorithm).update(message).digest(encoding),
  // Digests always have the same length, so neither time nor an exception tells how long the right text is.
  equal: (a, b) => timingSafeEqual(fingerprint(a), fingerprint(b)),
};

function fingerprint(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
