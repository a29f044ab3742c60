import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  viewer = (await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' })).token.token;
});
afterAll(() => stack?.stop());

const raw = (path: string, init: RequestInit = {}, token = stack.system.adminToken) =>
  stack.request(`/api/admin${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

describe('the admin API', () => {
  test('lets nobody in without a token', async () => {
    expect((await stack.request('/api/admin/partners')).status).toBe(401);
    expect((await raw('/partners', {}, 'no-such-token')).status).toBe(401);
    expect((await raw('/partners', { headers: { authorization: `Basic ${stack.system.adminToken}` } })).status).toBe(401);
  });

  test('answers 404 for an unknown path, and 405 with Allow for another method', async () => {
    expect((await raw('/nothing')).body).toEqual({ status: 'error', code: 'not_found', message: 'No such endpoint' });
    const answer = await raw('/partners', { method: 'PUT' });
    expect([answer.status, answer.headers.get('allow'), answer.body.code]).toEqual([405, 'POST, GET', 'method_not_allowed']);
    expect((await raw('/partners/')).status).toBe(200);
  });

  test.each([
    ['no body', undefined],
    ['no JSON', '{"partner_name":'],
    ['no object', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['broken UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('refuses a body that is %s', async (_, body) => {
    const answer = await raw('/partners', {
      method: 'POST',
      ...(body !== undefined && { body }),
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.body.status, answer.body.code]).toEqual([400, 'error', 'invalid_body']);
  });

  test('reads JSON whatever the content type says', async () => {
    const answer = await raw('/partners', { method: 'POST', body: '{"partner_name":"Plain"}', headers: { 'content-type': 'text/plain' } });
    expect(answer.status).toBe(201);
  });

  test('lets nobody cache its answers', async () => {
    expect((await raw('/partners')).headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['limit=201', 'invalid_limit'],
    ['limit=x', 'invalid_limit'],
    ['cursor=x', 'invalid_cursor'],
    ['status=gone', 'invalid_status'],
    ['colour=red', 'unknown_parameter'],
  ])('refuses the list query %s with %s', async (query, code) => {
    const answer = await raw(`/partners?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });
});

describe('a list', () => {
  const total = 23;
  let names: string[];
  beforeAll(async () => {
    for (let number = 1; number <= total; number += 1)
      await stack.adminOk('POST', '/publishers', { publisher_id: `p${number}`, name: `=P${number}, "x"` });
    names = Array.from({ length: total }, (_, index) => `p${total - index}`);
  });

  test('is paged newest first, each thing once', async () => {
    const seen: string[] = [];
    const lengths: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { publishers: { publisher_id: string }[]; next_cursor: string | null } = await stack.adminOk(
        'GET',
        `/publishers?limit=10${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.publishers.map(({ publisher_id }) => publisher_id));
      lengths.push(page.publishers.length);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(names);
    expect(lengths).toEqual([10, 10, 3]);
  });

  test('accepts its own cursor only whole, and refuses it with characters added or missing', async () => {
    for (const path of ['/publishers', '/networks', '/audit']) {
      const { next_cursor: cursor } = await stack.adminOk('GET', `${path}?limit=1`);
      for (const damaged of [`${cursor}x`, `${cursor}=`, `${cursor}%20`, cursor.slice(0, -1), cursor.slice(1)])
        expect([path, (await stack.admin('GET', `${path}?limit=1&cursor=${damaged}`)).body.code]).toEqual([path, 'invalid_cursor']);
    }
  });

  test('over shards is paged newest first, each thing once, and bounded by time', async () => {
    const seen: { audit_id: string; at: string }[] = [];
    let cursor: string | null = null;
    do {
      const page: { entries: typeof seen; next_cursor: string | null } = await stack.adminOk(
        'GET',
        `/audit?kind=publisher&limit=7${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.entries);
      cursor = page.next_cursor;
    } while (cursor !== null);
    const ids = seen.map(({ audit_id }) => audit_id);
    expect(ids).toHaveLength(total);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    const middle = seen[10]?.at ?? '';
    const { entries } = await stack.adminOk('GET', `/audit?kind=publisher&from=${middle}&limit=200`);
    expect(entries.map(({ audit_id }: { audit_id: string }) => audit_id)).toEqual(
      ids.filter((_, index) => (seen[index]?.at ?? '') >= middle),
    );
    const earlier = await stack.adminOk('GET', '/audit?to=2020-01-01');
    expect(earlier).toEqual({ entries: [], next_cursor: null });
  });

  test('is available as CSV, with the next page in headers and no formula in a cell', async () => {
    const csv = await raw('/publishers?limit=2', { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, first, second, end] = csv.body.split('\r\n');
    expect(head).toMatch(/^"publisher_id","name","postback_url",.*"endpoint\.state","endpoint\.reason"/);
    expect(first).toMatch(new RegExp(`^"p${total}","'=P${total}, ""x""",,"GET",`));
    expect([second.startsWith(`"p${total - 1}",`), end]).toEqual([true, '']);
    const next = csv.headers.get('x-next-cursor');
    expect(csv.headers.get('link')).toBe(`</api/admin/publishers?limit=2&cursor=${next}>; rel="next"`);
    const more = await raw(`/publishers?limit=200&format=csv&cursor=${next}`);
    expect(more.body.trim().split('\r\n')).toHaveLength(1 + total - 2);
    expect(more.headers.get('x-next-cursor')).toBeNull();
    expect((await raw('/publishers?format=json', { headers: { accept: 'text/csv' } })).headers.get('content-type')).toContain('json');
  });
});

describe('a token', () => {
  test('is shown once, works for its role and stops when it is revoked', async () => {
    const { status, body } = await stack.admin('POST', '/tokens', { name: 'CI', role: 'admin' });
    expect(status).toBe(201);
    const { token, ...known } = body.token;
    expect(known).toEqual({
      token_id: expect.stringMatching(/^TOKEN-/),
      name: 'CI',
      role: 'admin',
      publisher_id: null,
      partner_id: null,
      expires_at: null,
      status: 'active',
      created_at: expect.any(String),
    });
    expect(token).toMatch(/^pbt_[A-Za-z0-9_-]{43}$/);
    expect((await raw('/partners', { method: 'POST', body: '{"partner_name":"By CI"}' }, token)).status).toBe(201);
    const by = `CI (${known.token_id})`;
    const { entries } = await stack.adminOk('GET', `/audit?by=${encodeURIComponent(by)}`);
    expect(entries).toMatchObject([{ action: 'partner.created', by }]);
    const lists = JSON.stringify([await stack.adminOk('GET', '/tokens'), await stack.adminOk('GET', '/audit?kind=token')]);
    expect(lists).toContain(known.token_id);
    expect(lists).not.toContain(token);
    expect(lists).not.toContain('token_hash');
    expect((await stack.admin('DELETE', `/tokens/${known.token_id}`)).status).toBe(204);
    expect((await raw('/partners', {}, token)).status).toBe(401);
    expect((await stack.adminOk('GET', '/tokens')).tokens).toContainEqual({ ...known, status: 'revoked' });
  });

  test.each([
    ['name', { role: 'admin' }],
    ['name', { name: 'depl\u202eoyment', role: 'admin' }],
    ['name', { name: 'a\u0000b', role: 'admin' }],
    ['name', { name: 'deploy\u200bment', role: 'admin' }],
    ['name', { name: 'deployment\u{e0041}', role: 'admin' }],
    ['role', { name: 'x' }],
    ['role', { name: 'x', role: 'owner' }],
    ['token', { name: 'x', role: 'admin', token: 'mine' }],
  ])('is refused with 400 naming %s', async (field, body) => {
    const answer = await stack.admin('POST', '/tokens', body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(`${field}:`);
  });

  test('is hidden from viewers, and one that does not exist is not found', async () => {
    for (const [method, path] of [
      ['GET', '/tokens'],
      ['POST', '/tokens'],
      ['DELETE', '/tokens/x'],
    ] as const)
      expect((await stack.admin(method, path, undefined, viewer)).body.code).toBe('forbidden');
    expect((await stack.admin('DELETE', '/tokens/x')).body.code).toBe('token_not_found');
  });

  test('lets a viewer read the audit', async () => {
    expect((await stack.admin('GET', '/audit', undefined, viewer)).status).toBe(200);
  });
});

describe('the console', () => {
  test('is served to anybody, under a policy that lets nothing in', async () => {
    const page = await stack.request('/admin');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.body).toMatch(/<title>/);
    const again = await stack.request('/admin', { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test.each(['/admin/../package.json', '/admin/%2e%2e/handler.mjs', '/admin/..%2f..%2fetc/passwd.txt', '/admin/nothing.js'])(
    'shows no other file: %s',
    async (path) => {
      const answer = await stack.request(path);
      expect(answer.status).toBe(404);
    },
  );
});
