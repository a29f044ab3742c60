import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createOidcVerifier } from '../../functions/adapters/oidc.ts';
import { authorize } from '../../functions/authorizer/authorize.ts';

/** A real issuer on loopback with a discovery document and a key set. */
let server: Server;
let issuer: string;
let asked = 0;
/** What the issuer answers instead of its key set. */
let insteadOfKeys: { readonly status: number; readonly body: string } | undefined;
const pair = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');

beforeAll(async () => {
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  server = createServer((request, response) => {
    asked += 1;
    const answer = request.url === '/keys' ? { keys: [key] } : { issuer, jwks_uri: `${issuer}/keys` };
    const { status, body } = (request.url === '/keys' ? insteadOfKeys : undefined) ?? { status: 200, body: JSON.stringify(answer) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
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
  readonly kid?: string;
  /** Claims that override the usual ones; `undefined` leaves one out. */
  readonly other?: Readonly<Record<string, unknown>>;
}

function token({
  role = 'admin',
  audience = 'postback',
  expires = '5m',
  key = pair.privateKey,
  kid = 'one',
  other = {},
}: Claims): Promise<string> {
  const claims = { role, email: 'ada@example.com', sub: 'ada', iat: Math.floor(Date.now() / 1_000) };
  const signed = new SignJWT({ ...claims, ...other } as JWTPayload).setProtectedHeader({ alg: 'ES256', kid });
  if (!Object.hasOwn(other, 'iss')) signed.setIssuer(issuer);
  if (!Object.hasOwn(other, 'aud')) signed.setAudience(audience);
  if (!Object.hasOwn(other, 'exp')) signed.setExpirationTime(expires);
  return signed.sign(key);
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
    ['signed by a key that the issuer does not have', { kid: 'two' }],
    ['of another issuer', { other: { iss: 'https://login.example.com' } }],
    ['for no audience', { other: { aud: undefined } }],
    ['that is not valid yet', { other: { nbf: 4_102_444_800 } }],
    ['that never ends', { other: { exp: undefined } }],
    ['of nobody', { other: { sub: undefined } }],
    ['whose subject is no text', { other: { sub: 5 } }],
    ['whose subject nobody can see', { other: { sub: '\u200b' } }],
    ['whose role is no text', { other: { role: { admin: true } } }],
    ['whose role is only like one of ours', { role: 'Admin' }],
    ['whose role is one that only our own tokens have', { role: ['publisher', 'partner'] }],
  ])('%s opens nothing', async (_what, claims) => {
    expect(await verify(await token(claims))).toBeUndefined();
  });

  test('that is unsigned is refused', async () => {
    const [, payload] = (await token({})).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await verify(`${header}.${payload}.`)).toBeUndefined();
    expect(await verify('not.a.token')).toBeUndefined();
  });

  test('that is signed with the public key as if it were a shared secret is refused', async () => {
    const [, payload] = (await token({})).split('.');
    const signed = `${Buffer.from('{"alg":"HS256","kid":"one"}').toString('base64url')}.${payload}`;
    for (const secret of [await exportSPKI(pair.publicKey), JSON.stringify(await exportJWK(pair.publicKey))])
      expect(await verify(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`)).toBeUndefined();
  });

  test.each([
    ['its subject, where the email address is no text', { toString: 1 }, 'ada'],
    ['its subject, where the email address is empty', '', 'ada'],
    [
      'its email address without letters that hide or turn the text around them',
      '\u202ea\u200bd\ufeffa\u2028@example.com',
      'ada@example.com',
    ],
    ['whole letters only', `${'a'.repeat(199)}😀`, `${'a'.repeat(199)}\ufffd`],
  ])('is shown by %s', async (_what, email, name) => {
    expect(await verify(await token({ other: { email } }))).toMatchObject({ name, token_id: 'ada' });
  });

  test('may be as long as the gateway lets a header be', async () => {
    const long = await token({ other: { groups: 'g'.repeat(7_000) } });
    const dependencies = {
      tokens: { find: async () => undefined },
      firstTokenHash: async () => undefined,
      hash: (text: string) => text,
      now: Date.now,
    };
    expect(long.length).toBeGreaterThan(9_000);
    expect(await authorize({ ...dependencies, verifyOidc: verify }, `Bearer ${long}`)).toMatchObject({ role: 'admin' });
  });

  test.each([
    ['answers an error', { status: 503, body: '' }],
    ['answers a page', { status: 200, body: '<html>' }],
    ['answers no key set', { status: 200, body: '{"key":1}' }],
  ])('is neither accepted nor refused when the issuer %s instead of its keys', async (_what, answer) => {
    insteadOfKeys = answer;
    try {
      await expect(verify(await token({}))).rejects.toThrow();
    } finally {
      insteadOfKeys = undefined;
    }
  });

  test('that does not claim to be of the issuer is refused without asking it', async () => {
    const before = asked;
    const foreign = await token({ other: { iss: 'https://login.example.com' } });
    for (const text of ['a.b.c', 'e30.e30.e30', foreign]) expect(await verify(text)).toBeUndefined();
    expect(asked).toBe(before);
  });

  test('is neither accepted nor refused when the issuer cannot be reached, and the caller may try again', async () => {
    const unreachable = createOidcVerifier({ issuer: 'http://127.0.0.1:9', audience: 'postback', roleClaim: 'role' });
    await expect(unreachable(await token({ other: { iss: 'http://127.0.0.1:9' } }))).rejects.toThrow();
  });
});
