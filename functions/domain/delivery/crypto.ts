import type { Crypto } from '../networks/crypto.ts';

/** The functions of a cryptographic library that templates and outbound signatures need. */
export type DeliveryCrypto = Pick<Crypto, 'digest' | 'hmac'>;
