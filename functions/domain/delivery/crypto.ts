import type { Crypto } from '../networks/crypto.ts';

/** What templates and outbound signatures need of a cryptographic library. */
export type DeliveryCrypto = Pick<Crypto, 'digest' | 'hmac'>;
