import { gunzipSync } from 'node:zlib';
import type { Gunzip } from '../domain/redact.ts';

/** The most bytes that may be searched for a key. */
const most = 1_048_576;

export const gunzip: Gunzip = (bytes) => {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? 'too_large'
      : undefined;
  }
};
