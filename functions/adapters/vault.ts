import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** Encrypts secrets of partners and publishers for storage. */
export interface Vault {
  /** @param owner the secret's owner; a sealed secret can be opened only for its owner. */
  seal(secret: string, owner: string): Promise<string>;
  /** @throws when it was sealed with another key or for another owner. */
  open(sealed: string, owner: string): Promise<string>;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with the deployment's key.
 *
 * @param loadKey called once, at the first use; after a failure it is called again at the next use.
 */
export function createVault(loadKey: () => Promise<string>): Vault {
  let key: Promise<KeyObject> | undefined;
  const loaded = (): Promise<KeyObject> => {
    key ??= loadKey().then(
      // Each use of plain bytes makes such a key anew, which takes longer than the cipher itself.
      (text) => createSecretKey(createHash('sha256').update(text).digest()),
      (error: unknown) => {
        key = undefined;
        throw error;
      },
    );
    return key;
  };
  return {
    async seal(secret, owner) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', await loaded(), iv).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    async open(sealed, owner) {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', await loaded(), bytes.subarray(0, ivBytes))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
    },
  };
}
