export const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;
type DigestAlgorithm = (typeof digestAlgorithms)[number];
export const digestEncodings = ['hex', 'base64', 'base64url'] as const;
export type DigestEncoding = (typeof digestEncodings)[number];

/** What templates and outbound signatures need of a cryptographic library. Text is UTF-8; hex is lower case; base64url has no padding. */
export interface DeliveryCrypto {
  digest(algorithm: DigestAlgorithm, message: string, encoding: DigestEncoding): string;
  hmac(algorithm: DigestAlgorithm, secret: string, message: string, encoding: DigestEncoding): string;
}
