import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a request to AWS is signed over. Its path is `/`, without a query, as all of AWS's JSON services have it. */
export interface Signable {
  /** Names in small letters; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** As in `20260102T030405Z`: also the value of the header `x-amz-date`. */
  readonly date: string;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * Makes the value of the header `authorization`: AWS's Signature Version 4, for JSON services. The key of a day is derived once.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigner(
  service: string,
  region: string,
  { accessKeyId, secretAccessKey }: Credentials,
): (request: Signable) => string {
  let key: { readonly day: string; readonly ready: KeyObject } | undefined;
  const keyOf = (day: string): KeyObject => {
    if (key?.day !== day) {
      const derived = [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
      // Bytes would be made ready again for each signature, which takes longer than signing.
      key = { day, ready: createSecretKey(derived) };
    }
    return key.ready;
  };
  return ({ headers, body, date }) => {
    const names = Object.keys(headers).sort();
    const lines = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
    const signed = names.join(';');
    const day = date.slice(0, 8);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const request = sha256(`POST\n/\n\n${lines}\n${signed}\n${sha256(body)}`);
    const signature = hmac(keyOf(day), `${algorithm}\n${date}\n${scope}\n${request}`).toString('hex');
    return `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  };
}

function hmac(key: Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return hash('sha256', text);
}
