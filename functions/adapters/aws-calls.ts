import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;

/** Keys made of text: those of the credentials, which Lambda renews every few hours. */
const ofText = new Map<string, KeyObject>();
const mostOfText = 8;
/** Keys made of bytes: the signing keys, which the signer keeps for a day. */
const ofBytes = new WeakMap<object, KeyObject>();

/** Keeps the keys that were made, because making a key takes Node.js five times as long as signing with it. */
function keyOf(secret: Secret): KeyObject {
  const known = typeof secret === 'string' ? ofText.get(secret) : ofBytes.get(secret);
  if (known !== undefined) return known;
  const key = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(bytesOf(secret));
  if (typeof secret !== 'string') ofBytes.set(secret, key);
  else {
    if (ofText.size === mostOfText) ofText.clear();
    ofText.set(secret, key);
  }
  return key;
}

function bytesOf(secret: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(secret) ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength) : new Uint8Array(secret);
}

/** SHA-256 for the SDK's signatures; it uses the kept keys. */
class Sha256 {
  private readonly secret: Secret | undefined;
  private hash: Hash | Hmac;

  constructor(secret?: Secret) {
    this.secret = secret;
    this.hash = this.begin();
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    this.hash = this.begin();
  }

  private begin(): Hash | Hmac {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', keyOf(this.secret));
  }
}

/** Options of every AWS client: it signs with our {@link Sha256}, which differs from the SDK's own only in the keys that it keeps. */
export const signing = { sha256: Sha256 };

/** Parts of the SDK that do unneeded work at each call: a log that nobody keeps, and a header that names the SDK's version. */
const forNobody = ['loggerMiddleware', 'getUserAgentMiddleware'];

/** Removes the unneeded parts of the SDK from a client. */
export function lean<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(client: Client): Client {
  for (const name of forNobody) client.middlewareStack.remove(name);
  return client;
}
