import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Gateway } from '../../lib/local/gateway.ts';
import { InvocationError } from '../../lib/local/invocation.ts';
import type { AnyBody } from '../support/local-stack.ts';

/** A gateway with one function whose answers the test defines, and an authorizer that knows one token. */
let answer: (event: AnyBody) => unknown;
const events: AnyBody[] = [];
const app = {
  invoke: async (event: unknown) => {
    events.push(event);
    return answer(event);
  },
};
const authorizer = {
  invoke: async (event: AnyBody) => {
    if (event.headers.authorization === 'Bearer broken') throw new InvocationError('threw', 'no database');
    if (event.headers.authorization === 'Bearer wrong') throw new InvocationError('threw', 'Unauthorized');
    return { isAuthorized: event.headers.authorization === 'Bearer right', context: { role: 'admin' } };
  },
};
const gateway = new Gateway(
  [
    { routeKey: 'ANY /postback/{key}', functionName: 'app' },
    {
      routeKey: 'ANY /api/admin/{proxy+}',
      functionName: 'app',
      authorizer: { functionName: 'authorizer', identitySources: ['$request.header.Authorization'] },
    },
  ],
  new Map<string, typeof app>([
    ['app', app],
    ['authorizer', authorizer],
  ]),
);
let port = 0;
beforeAll(async () => {
  port = await gateway.start(0);
});
afterAll(() => gateway.stop());
beforeEach(() => {
  events.length = 0;
  answer = () => ({ statusCode: 200, body: 'OK' });
});

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

/** Sends bytes unchanged, which an HTTP client would correct. */
async function sendRaw(request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(Buffer.from(request, 'latin1'));
  return text(socket);
}

describe('requests become events of payload format 2.0', () => {
  test('with the query untouched, and repeated names joined', async () => {
    await call('/postback/K?a=1&a=2&b=x%20y+z&c=%ZZ');
    expect(events[0]).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /postback/{key}',
      rawPath: '/postback/K',
      rawQueryString: 'a=1&a=2&b=x%20y+z&c=%ZZ',
      queryStringParameters: { a: '1,2', b: 'x y z' },
      pathParameters: { key: 'K' },
      requestContext: { http: { method: 'GET', path: '/postback/K', sourceIp: '127.0.0.1' }, stage: '$default' },
      isBase64Encoded: false,
    });
    expect(events[0].body).toBeUndefined();
  });

  test('with header names in lower case, and cookies on their own', async () => {
    await call('/postback/K', { headers: { 'X-Signature': 'abc', Cookie: 'a=1; b=2' } });
    expect(events[0].headers['x-signature']).toBe('abc');
    expect(events[0].headers.cookie).toBeUndefined();
    expect(events[0].cookies).toEqual(['a=1', 'b=2']);
  });

  test.each([
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/octet-stream', true],
  ])('with a body of %s as base64: %s', async (type, isBase64Encoded) => {
    await call('/postback/K', { method: 'POST', headers: { 'content-type': type }, body: 'a=ü' });
    expect(events[0].isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(events[0].body, isBase64Encoded ? 'base64' : 'utf8').toString()).toBe('a=ü');
  });

  test('with a path that ends where a `?` is decoded', async () => {
    await call('/postback/ab%3Fc?d=1');
    expect(events[0]).toMatchObject({ rawPath: '/postback/ab', pathParameters: { key: 'ab' }, rawQueryString: 'd=1' });
    expect((await call('/postback/%3Fab')).status).toBe(404);
  });

  test('with a decoded path', async () => {
    await call('/postback/a%20b');
    expect(events[0]).toMatchObject({ rawPath: '/postback/a b', pathParameters: { key: 'a b' } });
  });
});

describe('results become answers', () => {
  test('with status, headers, cookies and bytes', async () => {
    answer = () => ({
      statusCode: 418,
      headers: { 'x-a': 'b', 'content-type': 'image/png' },
      cookies: ['s=1'],
      body: 'AAEC',
      isBase64Encoded: true,
    });
    const response = await call('/postback/K');
    expect(response.status).toBe(418);
    expect(response.headers.get('x-a')).toBe('b');
    expect(response.headers.getSetCookie()).toEqual(['s=1']);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2]));
  });

  test('without a status code as a JSON body', async () => {
    answer = () => ({ hello: 'world' });
    const response = await call('/postback/K');
    expect([response.status, await response.json()]).toEqual([200, { hello: 'world' }]);
  });

  test.each<[string, () => unknown, number]>([
    ['a status that is none', () => ({ statusCode: 'fine' }), 500],
    ['a header that is none', () => ({ statusCode: 200, headers: { 'bad name': 'x' } }), 500],
    ['an exception', () => Promise.reject(new InvocationError('threw', 'boom')), 500],
    ['a crash', () => Promise.reject(new InvocationError('crashed', 'gone')), 500],
    ['an event that is larger than Lambda takes', () => Promise.reject(new InvocationError('too-large', 'large')), 413],
    ['a timeout', () => Promise.reject(new InvocationError('timed-out', 'slow')), 503],
  ])('%s gives a clean error', async (_, result, status) => {
    answer = result;
    const response = await call('/postback/K');
    expect(response.status).toBe(status);
    const messages: Record<number, string> = { 413: 'Request Too Long', 503: 'Service Unavailable' };
    expect(await response.json()).toEqual({ message: messages[status] ?? 'Internal Server Error' });
  });

  test('without a body for HEAD', async () => {
    const response = await call('/postback/K', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('the authorizer decides', () => {
  test.each([
    [undefined, 401],
    ['', 401],
    ['Bearer wrong', 401],
    ['Bearer other', 403],
    ['Bearer broken', 500],
    ['Bearer right', 200],
  ])('with Authorization %s: %s', async (authorization, status) => {
    const response = await call('/api/admin/partners', authorization === undefined ? {} : { headers: { authorization } });
    expect(response.status).toBe(status);
    expect(events).toHaveLength(status === 200 ? 1 : 0);
    if (status === 200) expect(events[0].requestContext.authorizer).toEqual({ lambda: { role: 'admin' } });
  });
});

describe('odd requests do not break it', () => {
  test.each([
    ['a path of invalid percent-encoding', 'GET /postback/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a path of invalid UTF-8', 'GET /postback/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'bytes above 127 in the query',
      'GET /postback/K?a=\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 (200|400) /,
    ],
    ['an absolute address', 'GET http://x/postback/K?a=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 200 /],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 404 /],
    ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['an unknown path', 'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 404 /],
  ])('%s', async (_, request, expected) => {
    expect(await sendRaw(request)).toMatch(expected);
    expect((await call('/postback/K')).status).toBe(200);
  });

  test('a request line and header values of more than 10,240 bytes together are refused', async () => {
    const head = (bytes: number) => {
      const line = 'GET /postback/K?a= HTTP/1.1'.length;
      return `GET /postback/K?a=${'x'.repeat(bytes - line - 'x'.length - 'close'.length - 100)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ${'y'.repeat(100)}\r\n\r\n`;
    };
    expect(await sendRaw(head(10_240))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await sendRaw(head(10_241))).toMatch(/^HTTP\/1\.1 431 /);
    expect(events).toHaveLength(1);
  });

  test('a body of more than 10 MB is refused', async () => {
    const response = await call('/postback/K', { method: 'POST', body: Buffer.alloc(10 * 2 ** 20 + 1) });
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(events).toEqual([]);
  });
});
