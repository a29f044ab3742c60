import { type Operation, pathParametersOf } from '../../support/openapi/document.ts';
import type { Caller } from './caller.ts';

type Operations = ReadonlyMap<string, Operation>;

/** Valid bodies, for operations that check the body before they look for what the path names. */
const bodies: Readonly<Record<string, object>> = {
  'POST /api/admin/conversions/{conversion_id}/status': { status: 'approved', reason: 'driven' },
  'PUT /api/admin/networks/{network_id}': { title: 'Driven', names: {} },
};

function adminOperations(operations: Operations): [string, Operation][] {
  return [...operations].filter(([name]) => name.includes(' /api/admin/'));
}

export async function driveStrangers(api: Caller, operations: Operations): Promise<void> {
  for (const [name] of adminOperations(operations)) {
    await api.call(name, 401, { token: null });
    await api.call(name, 401, { token: 'pbt_no-such-token' });
  }
}

/** Viewers are refused where the document says so, and nowhere else. */
export async function driveViewer(api: Caller, operations: Operations): Promise<void> {
  const { token } = await api.admin('POST /tokens', 201, { body: { name: 'Looks', role: 'viewer' } });
  for (const [name, { responses }] of adminOperations(operations)) {
    const { status } = await api.send(name, { token: token.token });
    if ((status === 403) !== '403' in responses) throw new Error(`${name} answered ${status} to a viewer`);
  }
}

/** An id that is longer than any key of the store. */
const impossibleId = 'x'.repeat(1_100);

export async function driveMistakes(api: Caller, operations: Operations): Promise<void> {
  for (const [name, { responses, requestBody }] of adminOperations(operations)) {
    if (!('400' in responses)) continue;
    const ids = pathParametersOf(name);
    if (ids.length > 0) await api.call(name, 400, { path: Object.fromEntries(ids.map((id) => [id, impossibleId])) });
    else await api.call(name, 400, requestBody === undefined ? { query: { no_such: '1' } } : { body: { no_such: 1 } });
  }
}

/** Every operation that may be repeated refuses a key that belongs to another request. */
export async function driveReusedKey(api: Caller, operations: Operations): Promise<void> {
  const headers = { 'idempotency-key': 'driven' };
  await api.admin('POST /partners', 201, { body: { partner_name: 'Once' }, headers });
  await api.admin('POST /partners', 201, { body: { partner_name: 'Once' }, headers });
  const posts = adminOperations(operations).filter(([name]) => name.startsWith('POST '));
  for (const [name] of posts) await api.call(name, 409, { headers, body: { partner_name: 'Another' } });
}

export async function driveUnknownIds(api: Caller, operations: Operations): Promise<void> {
  for (const [name, { requestBody }] of adminOperations(operations)) {
    if (pathParametersOf(name).length === 0) continue;
    await api.call(name, 404, requestBody?.required ? { body: bodies[name] ?? {} } : {});
  }
}

/** Repeats the calls that succeeded before, while the store is not available. */
export async function driveStoreAway(api: Caller, operations: Operations): Promise<void> {
  const calls = [...operations].filter(([name, { responses }]) => '503' in responses && name !== 'GET /api/admin/me');
  const next = calls.values();
  const lane = async (): Promise<void> => {
    for (const [name] of next) {
      const call = api.succeeded.get(name);
      if (call === undefined) throw new Error(`${name} has not succeeded before`);
      await api.call(name, 503, call);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}
