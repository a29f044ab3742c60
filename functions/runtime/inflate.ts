import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Undoes one encoding of a body. @param most the most bytes that may result. */
export function inflate(encoding: 'gzip' | 'deflate' | 'br', body: Uint8Array, most: number): Uint8Array | 'too_large' | 'broken' {
  const options = { maxOutputLength: most };
  try {
    if (encoding === 'gzip') return gunzipSync(body, options);
    if (encoding === 'br') return brotliDecompressSync(body, options);
    // Some senders leave out the zlib header, whose first byte ends in 8.
    return (body[0] ?? 0) % 16 === 8 ? inflateSync(body, options) : inflateRawSync(body, options);
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'broken';
  }
}
