import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createOidcVerifier } from '../../functions/adapters/oidc.ts';

/** A real issuer on loopback with a discovery document and a key set. */
let server: Server;
let issuer: string;
const pair = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');

beforeAll(async () => {
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  server = createServer((request, response) => {
    const answer = request.url === '/keys' ? { keys: [key] } : { issuer, jwks_uri: `${issuer}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

interface Claims {
  readonly role?: string | string[];
  readonly audience?: string;
  readonly expires?: string;
  readonly key?: CryptoKey;
}

function token({ role = 'admin', audience = 'postback', expires = '5m', key = pair.privateKey }: Claims): Promise<string> {
  return new SignJWT({ role, email: 'ada@example.com' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('ada')
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);
}

const verify = (text: string) => createOidcVerifier({ issuer, audience: 'postback', roleClaim: 'role' })(text);

describe('a token of the OpenID Connect issuer', () => {
  test('opens the admin API with the role it names', async () => {
    expect(await verify(await token({}))).toEqual({ role: 'admin', name: 'ada@example.com', token_id: 'ada' });
    expect(await verify(await token({ role: ['staff', 'viewer'] }))).toEqual({ role: 'viewer', name: 'ada@example.com', token_id: 'ada' });
  });

  test.each<[string, Claims]>([
    ['for another audience', { audience: 'other' }],
    ['that has expired', { expires: '-1m' }],
    ['without a role of ours', { role: 'staff' }],
    ['signed by somebody else', { key: stranger.privateKey }],
  ])('%s opens nothing', async (_what, claims) => {
    expect(await verify(await token(claims))).toBeUndefined();
  });

  test('that is unsigned is refused', async () => {
    const [, payload] = (await token({})).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await verify(`${header}.${payload}.`)).toBeUndefined();
    expect(await verify('not.a.token')).toBeUndefined();
  });

  test('is neither accepted nor refused when the issuer cannot be reached, and the caller may try again', async () => {
    const unreachable = createOidcVerifier({ issuer: 'http://127.0.0.1:9', audience: 'postback', roleClaim: 'role' });
    await expect(unreachable(await token({}))).rejects.toThrow();
  });
});
