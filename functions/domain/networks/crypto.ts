import type { DigestAlgorithm, Encoding, HmacAlgorithm } from './network.ts';

type Message = string | Uint8Array;

/** The functions of a cryptographic library that signatures need. Text is UTF-8; hex is lower case; base64url has no padding. */
export interface Crypto {
  hmac(algorithm: HmacAlgorithm, secret: string, message: Message, encoding: Encoding): string;
  digest(algorithm: DigestAlgorithm, message: Message, encoding: Encoding): string;
  /** Takes constant time for texts of equal length; never throws, whatever their lengths. */
  equal(a: string, b: string): boolean;
}
