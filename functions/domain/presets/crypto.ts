export type HmacAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';
export type Encoding = 'hex' | 'base64' | 'base64url';
export type Message = string | Uint8Array;

/** What signature recipes need of a cryptographic library. Text is UTF-8; hex is lower case; base64url has no padding. */
export interface Crypto {
  hmac(algorithm: HmacAlgorithm, secret: string, message: Message, encoding: Encoding): string;
  digest(algorithm: DigestAlgorithm, message: Message, encoding: Encoding): string;
  /** In constant time for texts of one length; never throws, whatever their lengths. */
  equal(a: string, b: string): boolean;
}
