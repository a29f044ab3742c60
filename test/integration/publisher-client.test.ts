import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { requestTarget } from '../../functions/adapters/http/destination.ts';
import { createGuardedAgents } from '../../functions/adapters/http/guarded-agent.ts';
import {
  createPublisherClient,
  type PublisherClient,
  type PublisherClientOptions,
  type PublisherRequest,
} from '../../functions/adapters/http/publisher-client.ts';
import { nameServerResolve } from '../../functions/adapters/http/resolve.ts';
import { classify } from '../../functions/domain/delivery/outcome.ts';
import { loopbackCertificate } from '../support/loopback-certificate.ts';

/** Uses real servers on loopback and the real client, and checks what was really sent over the connection. */
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Listening {
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
}

async function listen(server: Server): Promise<Listening> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  cleanUps.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => sockets.length };
}

const serve = (listener: RequestListener) => listen(createHttpServer(listener));
const serveTls = (listener: RequestListener) => listen(createHttpsServer(loopbackCertificate, listener));
const serveRaw = (onRequest: (socket: Socket) => void) =>
  listen(
    createTcpServer((socket) => {
      socket.once('data', () => onRequest(socket));
    }),
  );

/** Long enough for a busy machine to answer, and short enough to wait for. */
const shortTimeout = 700;

function client(options: Partial<PublisherClientOptions> = {}): PublisherClient {
  const made = createPublisherClient({ policy: 'local', timeoutMs: shortTimeout, ...options });
  cleanUps.push(() => made.close());
  return made;
}

const get = (url: string, more: Partial<PublisherRequest> = {}): PublisherRequest => ({ url, method: 'GET', headers: {}, ...more });
const loopback = (port: number, path = '/cb') => `http://127.0.0.1:${port}${path}`;

describe('answers', () => {
  test.each([
    [200, 'http_200', 'delivered'],
    [204, 'http_204', 'delivered'],
    [301, 'redirect', 'failed'],
    [302, 'redirect', 'failed'],
    [307, 'redirect', 'failed'],
    [400, 'http_400', 'failed'],
    [401, 'http_401', 'failed'],
    [404, 'http_404', 'failed'],
    [408, 'http_408', 'failed'],
    [410, 'http_410', 'gone'],
    [425, 'http_425', 'failed'],
    [500, 'http_500', 'failed'],
    [503, 'http_503', 'failed'],
  ] as const)('%i is %s', async (status, code, kind) => {
    const elsewhere = await serve((_request, response) => response.end('followed'));
    const server = await serve((_request, response) => response.writeHead(status, { location: loopback(elsewhere.port) }).end());

    const result = await client().send(get(loopback(server.port)));

    expect(result).toMatchObject({ code, http_status: status, was_slow: false });
    expect(classify(result)).toEqual({ kind });
    expect(elsewhere.connections()).toBe(0);
  });

  test('429 carries its Retry-After', async () => {
    const server = await serve((_request, response) => response.writeHead(429, { 'retry-after': '120' }).end('slow down'));
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'http_429', retry_after: '120', answer: 'slow down' });
  });

  test('early hints and other 1xx answers are skipped', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'http_200', answer: 'ok' });
  });

  test('an unrequested upgrade is a failure', async () => {
    const server = await serveRaw((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    );
    expect(classify(await client().send(get(loopback(server.port))))).toEqual({ kind: 'failed' });
  });

  test('at most 2 KB of clean UTF-8 are kept', async () => {
    const bodies = [
      Buffer.from(`a\u0000b\u001b[31m\r\n${'é'.repeat(3000)}`),
      Buffer.alloc(5000, 0xff),
      Buffer.from(`${'x'.repeat(2047)}é`),
    ];
    for (const body of bodies) {
      const server = await serve((_request, response) => response.end(body));
      const { answer } = await client().send(get(loopback(server.port)));
      expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(2048);
      expect(answer).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(answer.isWellFormed()).toBe(true);
    }
    const server = await serve((_request, response) => response.end(bodies[2]));
    expect((await client().send(get(loopback(server.port)))).answer).toBe('x'.repeat(2047));
  });
});

describe('the request', () => {
  test('GET sends the target that was signed, and names the system', async () => {
    let seen: unknown;
    const server = await serve((request, response) => {
      seen = { method: request.method, url: request.url, headers: request.headers };
      response.end();
    });
    const url = loopback(server.port, '/a b/../c?x={y}&z=é#fragment');

    await client().send(get(url, { headers: { 'webhook-id': 'DLV-1' } }));

    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(seen).toMatchObject({
      method: 'GET',
      url: requestTarget(url),
      headers: {
        'webhook-id': 'DLV-1',
        'user-agent': `postback-system/${version}`,
        'accept-encoding': 'identity',
        host: `127.0.0.1:${server.port}`,
      },
    });
  });

  test('POST sends the body, byte for byte', async () => {
    let seen = '';
    const server = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => {
        seen += text;
      });
      request.on('end', () => response.end(request.headers['content-length']));
    });
    const body = JSON.stringify({ username: 'é😀' });

    const result = await client().send({
      url: loopback(server.port),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(seen).toBe(body);
    expect(result).toMatchObject({ code: 'http_200', answer: String(Buffer.byteLength(body)) });
  });

  test('a header that would break the request is a failure, not an exception', async () => {
    expect(await client().send(get('http://127.0.0.1:1/', { headers: { 'x-a': 'b\r\nx-c: d' } }))).toMatchObject({
      code: 'invalid_request',
    });
  });

  test.each([
    ['nonsense', 'invalid_url'],
    ['', 'invalid_url'],
    ['ftp://127.0.0.1/', 'invalid_url'],
    ['file:///etc/passwd', 'invalid_url'],
    ['https://{_sub1}/', 'invalid_url'],
    ['https://user:secret@127.0.0.1/', 'credentials_in_url'],
    ['https://user@127.0.0.1/', 'credentials_in_url'],
  ])('%s is %s', async (url, code) => {
    expect(await client().send(get(url))).toMatchObject({ code, answer: '' });
  });
});

describe('one attempt ends in time', () => {
  const inTime = { duration_ms: expect.any(Number) };

  test.each<[string, (socket: Socket) => void, object]>([
    ['never answers', () => {}, { code: 'timeout' }],
    ['drips its headers', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: '), { code: 'timeout' }],
    ['sends 1xx for ever', (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\n\r\n'), { code: 'timeout' }],
    ['drips its body', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n'), { code: 'timeout', http_status: 200 }],
    [
      'never ends its body',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
      { code: 'timeout', http_status: 200 },
    ],
  ])('%s', async (_what, onRequest, expected) => {
    const server = await serveRaw(onRequest);
    const result = await client().send(get(loopback(server.port)));
    expect(result).toMatchObject({ ...expected, ...inTime });
    expect(classify(result)).toEqual({ kind: 'failed' });
    expect(result.duration_ms).toBeLessThan(shortTimeout + 1000);
  });

  test('a name server that never answers', async () => {
    const result = await client({ resolve: () => new Promise(() => {}) }).send(get('http://hanging.example/'));
    expect(result).toMatchObject({ code: 'timeout', ...inTime });
  });

  test('a TLS handshake that never ends', async () => {
    const server = await listen(createTcpServer(() => {}));
    expect(await client().send(get(`https://127.0.0.1:${server.port}/`))).toMatchObject({ code: 'timeout' });
  });

  test('and a slow one is reported once while it still waits', async () => {
    const told: number[] = [];
    const hanging = await serveRaw(() => {});
    const started = performance.now();
    const result = await client().send(
      get(loopback(hanging.port), { slowAfterMs: 50, onSlow: () => told.push(performance.now() - started) }),
    );
    expect(result.was_slow).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toBeLessThan(shortTimeout);
  });

  test('and a prompt one is not reported', async () => {
    const prompt = await serve((_request, response) => response.end());
    const told: string[] = [];
    expect(await client().send(get(loopback(prompt.port), { slowAfterMs: 600, onSlow: () => told.push('slow') }))).toMatchObject({
      was_slow: false,
    });
    await new Promise((resolve) => setTimeout(resolve, 650));
    expect(told).toEqual([]);
  });
});

function drip(socket: Socket, beginning: string, drop = 'x'): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write(drop), 20);
  socket.on('close', () => clearInterval(timer));
}

describe('one attempt reads little', () => {
  test.each<[string, RequestListener]>([
    ['1 MB', (_request, response) => response.end('x'.repeat(1_000_000))],
    ['no end at all', (_request, response) => endless(response)],
  ])('%s of body is a success that stops reading', async (_what, listener) => {
    let closed: Promise<void> | undefined;
    let written = 0;
    const server = await serve((request, response) => {
      closed = new Promise((resolve) => request.socket.on('close', () => resolve()));
      request.socket.on('close', () => {
        written = request.socket.bytesWritten;
      });
      listener(request, response);
    });

    const result = await client({ timeoutMs: 10_000 }).send(get(loopback(server.port)));
    await closed;

    expect(result).toMatchObject({ code: 'http_200', answer: 'x'.repeat(2048) });
    // At most the 64 KB, and what fits into the two sockets' own buffers.
    expect(written).toBeLessThan(16_000_000);
  });

  test('a gzip bomb stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const server = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'http_200', answer: '' });
  });

  test('headers beyond 16 KB end the attempt', async () => {
    const server = await serveRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`));
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'headers_too_large' });
  });

  test('so do headers without end', async () => {
    const server = await serveRaw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', `x: ${'x'.repeat(4000)}\r\n`));
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'headers_too_large' });
  });
});

function endless(response: {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  destroyed: boolean;
}): void {
  while (!response.destroyed && response.write('x'.repeat(16_384)));
  if (!response.destroyed) response.once('drain', () => endless(response));
}

describe('broken connections', () => {
  test.each<[string, (socket: Socket) => void, object]>([
    ['resets', (socket) => socket.resetAndDestroy(), { code: 'reset' }],
    ['closes without an answer', (socket) => socket.end(), { code: 'reset' }],
    ['closes in its headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-'), { code: 'reset' }],
    [
      'closes in its body',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
      { code: 'incomplete_answer', http_status: 200 },
    ],
    [
      'closes in a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nok'),
      { code: 'incomplete_answer' },
    ],
    ['does not speak HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n'), { code: 'invalid_answer' }],
    [
      'sends two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok'),
      { code: 'invalid_answer' },
    ],
  ])('a server that %s', async (_what, onRequest, expected) => {
    const server = await serveRaw(onRequest);
    const result = await client().send(get(loopback(server.port)));
    expect(result).toMatchObject(expected);
    expect(classify(result)).toEqual({ kind: 'failed' });
  });

  test('a body that ends with its connection is whole', async () => {
    const server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok'));
    expect(await client().send(get(loopback(server.port)))).toMatchObject({ code: 'http_200', answer: 'ok' });
  });

  test('a port at which nobody listens', async () => {
    const server = createTcpServer();
    const { port } = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await client().send(get(loopback(port)))).toMatchObject({ code: 'connect_refused' });
  });
});

describe('kept connections', () => {
  test('are used for the next delivery', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    const publishers = client();
    for (let sent = 0; sent < 3; sent++) await publishers.send(get(loopback(server.port)));
    expect(server.connections()).toBe(1);
  });

  test('that the host has closed cost no attempt', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      socket.once('data', () => socket.resetAndDestroy());
    });
    const publishers = client();
    expect(await publishers.send(get(loopback(server.port)))).toMatchObject({ code: 'http_200' });
    expect(await publishers.send(get(loopback(server.port)))).toMatchObject({ code: 'http_200' });
    expect(server.connections()).toBe(2);
  });

  test('do not make simultaneous deliveries wait for one another', async () => {
    const server = await serveRaw((socket) => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 100));
    const publishers = client();
    const results = await Promise.all(Array.from({ length: 50 }, () => publishers.send(get(loopback(server.port)))));
    expect(new Set(results.map(({ code }) => code))).toEqual(new Set(['http_200']));
  });
});

describe('TLS', () => {
  test('an untrusted certificate is refused', async () => {
    const requests: string[] = [];
    const server = await serveTls((request, response) => {
      requests.push(request.url ?? '');
      response.end();
    });
    expect(await client().send(get(`https://127.0.0.1:${server.port}/`))).toMatchObject({ code: 'tls' });
    expect(requests).toEqual([]);
  });

  test('a server without TLS is a failure', async () => {
    const server = await serve((_request, response) => response.end());
    expect(await client().send(get(`https://127.0.0.1:${server.port}/`))).toMatchObject({ code: 'tls' });
  });

  test('a connection with a trusted certificate is used and kept, for a name and an IP literal; a wrong name is refused', async () => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, loopbackCertificate.cert]);
    try {
      const server = await serveTls((request, response) => response.end(request.url));
      const publishers = client({ resolve: async () => ['127.0.0.1'] });
      const url = (host: string) => `https://${host}:${server.port}/cb?x=1`;
      expect(await publishers.send(get(url('localhost')))).toMatchObject({ code: 'http_200', answer: '/cb?x=1' });
      expect(await publishers.send(get(url('localhost')))).toMatchObject({ code: 'http_200' });
      expect(server.connections()).toBe(1);
      expect(await publishers.send(get(url('127.0.0.1')))).toMatchObject({ code: 'http_200' });
      expect(await publishers.send(get(url('other.example')))).toMatchObject({ code: 'tls' });
    } finally {
      setDefaultCACertificates(before);
    }
  });
});

test('the environment turns neither a proxy on nor certificates off', async () => {
  const proxy = await serve((_request, response) => response.writeHead(502).end());
  const plain = await serve((_request, response) => response.end('direct'));
  const untrusted = await serveTls((_request, response) => response.end());
  const script = `
    const { createPublisherClient } = await import('./functions/adapters/http/publisher-client.ts');
    const { send } = createPublisherClient({ policy: 'local', timeoutMs: 5000 });
    const codes = [];
    for (const url of process.argv.slice(1)) codes.push((await send({ url, method: 'GET', headers: {} })).code);
    console.log(codes.join());
    process.exit();
  `;
  // This needs a process of its own, because Node reads these variables only when it starts.
  const proxies = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: loopback(proxy.port, ''), HTTPS_PROXY: loopback(proxy.port, '') };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', script, loopback(plain.port), `https://127.0.0.1:${untrusted.port}/`],
    { env: { ...proxies, NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
  );
  expect(stdout.trim()).toBe('http_200,tls');
  expect(proxy.connections()).toBe(0);
});

describe('names', () => {
  test('one that does not exist', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' }));
    expect(await client({ resolve }).send(get('http://missing.example/'))).toMatchObject({ code: 'dns' });
    expect(await client({ resolve: async () => [] }).send(get('http://empty.example/'))).toMatchObject({ code: 'dns' });
    expect(await client({ resolve: async () => ['not an address'] }).send(get('http://odd.example/'))).toMatchObject({
      code: 'address_refused',
    });
  });

  test('localhost, by the operating system', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    expect(await client().send(get(`http://localhost:${server.port}/`))).toMatchObject({ answer: 'ok' });
  });

  test('of several IP addresses only the permitted ones are dialled', async () => {
    const server = await serve((request, response) => response.end(request.socket.localAddress?.replace('::ffff:', '')));
    const resolve = async () => ['169.254.169.254', '0.0.0.0', '10.0.0.1', '127.0.0.1', 'fd00::1'];
    expect(await client({ resolve }).send(get(`http://several.example:${server.port}/`))).toMatchObject({
      code: 'http_200',
      answer: '127.0.0.1',
    });
  });

  test('the name servers are asked for IPv4, then for IPv6', async () => {
    const port = await nameServer({
      A: { 'four.example': [198, 51, 100, 7] },
      AAAA: { 'six.example': [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 1] },
    });
    const resolve = nameServerResolve([`127.0.0.1:${port}`]);
    expect(await resolve('four.example')).toEqual(['198.51.100.7']);
    expect(await resolve('six.example')).toEqual(['2001:db8::1']);
    await expect(resolve('none.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

type Zone = Readonly<Record<'A' | 'AAAA', Readonly<Record<string, readonly number[]>>>>;

/** Answers one question per packet from its zone, and NXDOMAIN for other names, which is just enough of RFC 1035. */
async function nameServer(zone: Zone): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = question.readUInt16BE(at + 1);
    const found = zone[type === 1 ? 'A' : 'AAAA'][labels.join('.').toLowerCase()];
    const flags = found === undefined ? 0x8183 : 0x8180;
    const header = Buffer.from([
      question[0] ?? 0,
      question[1] ?? 0,
      flags >> 8,
      flags & 0xff,
      0,
      1,
      0,
      found === undefined ? 0 : 1,
      0,
      0,
      0,
      0,
    ]);
    const record = found === undefined ? [] : [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, found.length, ...found];
    socket.send(Buffer.concat([header, question.subarray(12, at + 5), Buffer.from(record)]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  cleanUps.push(() => socket.close());
  return socket.address().port;
}

describe('destinations that are refused', () => {
  /**
   * The server listens on every IP address of the machine, including IPv6 if there is any, so that it would count anything that reached it.
   */
  const refusedHosts = {
    everywhere: [
      '0.0.0.0',
      '0',
      '10.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '169.254.170.2',
      '172.16.0.1',
      '192.0.0.1',
      '192.0.2.1',
      '192.88.99.1',
      '192.168.0.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
      '[::]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[ff02::1]',
      '[2001:db8::1]',
      '[2002:7f00:1::]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::1]',
      '[2001::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::ffff:10.0.0.1]',
      '[::ffff:a9fe:a9fe]',
      '[::127.0.0.1]',
      '[100::1]',
    ],
    publicOnly: [
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '0177.0.0.1',
      '017700000001',
      '127.0.0.1.',
      '127.255.255.254',
      '[::1]',
      '[0:0:0:0:0:0:0:1]',
      '①②⑦.0.0.1',
    ],
  };

  test.each([
    ...refusedHosts.everywhere.flatMap((host) => [['public', host] as const, ['local', host] as const]),
    ...refusedHosts.publicOnly.map((host) => ['public', host] as const),
  ])('%s: %s as a literal and behind a name', async (policy, host) => {
    const server = await listen(createTcpServer());
    const scheme = policy === 'public' ? 'https' : 'http';
    const address = new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '');
    const publishers = client({ policy, resolve: async () => [address] });

    const literal = await publishers.send(get(`${scheme}://${host}:${server.port}/`));
    const named = await publishers.send(get(`${scheme}://named.example:${server.port}/`));

    expect([literal.code, named.code]).toEqual(['address_refused', 'address_refused']);
    expect(server.connections()).toBe(0);
  });

  test.each(['localhost', 'localhost.', 'LOCALHOST', 'ip6-localhost'])('public: %s', async (name) => {
    const server = await listen(createTcpServer());
    const result = await client({ policy: 'public', resolve: async () => ['127.0.0.1', '::1'] }).send(
      get(`https://${name}:${server.port}/`),
    );
    expect(result).toMatchObject({ code: 'address_refused' });
    expect(server.connections()).toBe(0);
  });

  test('public: http is refused before anything else', async () => {
    const server = await listen(createTcpServer());
    expect(await client({ policy: 'public' }).send(get(loopback(server.port)))).toMatchObject({ code: 'not_https' });
    expect(server.connections()).toBe(0);
  });

  test('a name that changes its IP address after it was checked', async () => {
    const server = await serve((_request, response) => response.writeHead(200, { connection: 'close' }).end());
    // On Linux 0.0.0.0 reaches this server, and no policy allows it.
    const answers = ['127.0.0.1', '0.0.0.0'];
    const asked: string[] = [];
    const resolve = async (hostname: string) => {
      asked.push(hostname);
      return [answers[asked.length - 1] ?? '0.0.0.0'];
    };
    const publishers = client({ resolve });
    const url = `http://rebinding.example:${server.port}/`;

    expect(await publishers.send(get(url))).toMatchObject({ code: 'http_200' });
    expect(asked).toHaveLength(1);
    expect(await publishers.send(get(url))).toMatchObject({ code: 'address_refused' });
    expect(asked).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });

  test('another IP address than the checked one, to which not a byte is written', async () => {
    let bytes = 0;
    const server = await listen(
      createTcpServer((socket) =>
        socket.on('data', (data) => {
          bytes += data.length;
        }),
      ),
    );
    for (const scheme of ['http', 'https'] as const) {
      const seen: string[] = [];
      // Permits the IP address at the look-up, but no longer when the socket is checked.
      const agents = createGuardedAgents({
        permits: (address) => seen.push(address) === 1,
        resolve: async () => ['127.0.0.1'],
        timeoutMs: 1000,
      });
      cleanUps.push(() => agents[scheme].destroy());
      const request = scheme === 'http' ? httpRequest : httpsRequest;
      const failure = new Promise((resolve) =>
        request({ hostname: 'x.example', port: server.port, agent: agents[scheme] }).on('error', resolve).end(),
      );
      expect(await failure).toMatchObject({ code: 'address_refused' });
      expect(seen).toEqual(['127.0.0.1', '127.0.0.1']);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.connections()).toBe(2);
    expect(bytes).toBe(0);
  });
});
