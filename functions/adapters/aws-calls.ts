import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;

/** Digests with the credentials, which Lambda renews every few hours: the signer wants the same ones for each call. */
const ofCredentials = new Map<string, Uint8Array>();
const mostOfCredentials = 32;
/** The signing keys, which the signer keeps for a day: making a key takes Node.js five times as long as signing with it. */
const keys = new WeakMap<object, KeyObject>();

function bytesOf(secret: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(secret) ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength) : new Uint8Array(secret);
}

function withCredentials(secret: string, data: Uint8Array): Uint8Array {
  const name = `${secret}\n${Buffer.from(data).toString('latin1')}`;
  const known = ofCredentials.get(name);
  if (known !== undefined) return known;
  if (ofCredentials.size === mostOfCredentials) ofCredentials.clear();
  const digest = createHmac('sha256', secret).update(data).digest();
  ofCredentials.set(name, digest);
  return digest;
}

function withKey(secret: ArrayBuffer | ArrayBufferView, data: Uint8Array): Uint8Array {
  const key = keys.get(secret) ?? createSecretKey(bytesOf(secret));
  keys.set(secret, key);
  return createHmac('sha256', key).update(data).digest();
}

/** SHA-256 for the SDK's signatures; it keeps what is the same for many calls. */
class Sha256 {
  private readonly secret: Secret | undefined;
  private parts: Uint8Array[] = [];

  constructor(secret?: Secret) {
    this.secret = secret;
  }

  update(data: Uint8Array): void {
    this.parts.push(data);
  }

  async digest(): Promise<Uint8Array> {
    const [first = new Uint8Array(), ...others] = this.parts;
    const data = others.length === 0 ? first : Buffer.concat(this.parts);
    if (this.secret === undefined) return hash('sha256', data, 'buffer');
    return typeof this.secret === 'string' ? withCredentials(this.secret, data) : withKey(this.secret, data);
  }

  reset(): void {
    this.parts = [];
  }
}

/** Options of every AWS client: it signs with our {@link Sha256}, which differs from the SDK's own only in what it keeps. */
export const signing = { sha256: Sha256 };
