import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { createAlerts } from '../../functions/adapters/dynamo/alerts.ts';
import type { AuditEntry } from '../../functions/adapters/dynamo/audit.ts';
import { clickId, createClickStore } from '../../functions/adapters/dynamo/click-store.ts';
import { createEndpoints } from '../../functions/adapters/dynamo/endpoints.ts';
import { eraseUser } from '../../functions/adapters/dynamo/erase-user.ts';
import { toItem } from '../../functions/adapters/dynamo/item.ts';
import { createKeyReader } from '../../functions/adapters/dynamo/key-store.ts';
import { createKeysWriter } from '../../functions/adapters/dynamo/keys-writer.ts';
import { accountKey } from '../../functions/adapters/dynamo/ledger-row.ts';
import { createLimitedClicks } from '../../functions/adapters/dynamo/limited-clicks.ts';
import { createRepetitions } from '../../functions/adapters/dynamo/repetitions.ts';
import { createSettingStore } from '../../functions/adapters/dynamo/settings-writer.ts';
import { createTokens } from '../../functions/adapters/dynamo/tokens.ts';
import { isLive, type PostbackKey } from '../../functions/domain/keys.ts';
import { type Account, chain } from '../../functions/domain/ledger.ts';
import { offerId, partnerId, publisherId } from '../../functions/runtime/ids.ts';
import { startDynamoEmulator } from '../../lib/local/dynamo-emulator.ts';
import { Instance } from '../support/faults/instance.ts';
import { interleave } from '../support/faults/interleave.ts';
import { directClient, makeTables, type TableNames } from '../support/faults/tables.ts';

/** What each condition in the store protects, for rows that no experiment with money touches. One writer runs in every gap of another. */

let client: DynamoDBDocumentClient;
let names: TableNames;
let stopEmulator: () => Promise<void>;
beforeAll(async () => {
  const emulator = await startDynamoEmulator();
  const made = await makeTables(emulator.endpoint, '');
  names = made.names;
  client = directClient(emulator.endpoint, made.region);
  stopEmulator = () => emulator.stop();
}, 120_000);
afterAll(async () => {
  client.destroy();
  await stopEmulator();
});

const at = '2026-01-05T09:00:00.000Z';
const now = Date.parse(at);
const audit = (): AuditEntry => ({ audit_id: ulid(), at, by: 'ann', action: 'changed', kind: 'partner', id: 'any' });
/** Nothing else runs. */
const atOnce = async () => undefined;
const through = (instance: Instance) => instance.client(client);

describe('a setting', () => {
  interface Named {
    readonly name: string;
  }
  const storeOf = (of = client, remains?: 'inactive' | 'name') =>
    createSettingStore<Named>(of, {
      tables: names,
      kind: 'partner',
      row: z.object({ name: z.string() }),
      newId: () => ulid(),
      now: () => new Date(now),
      ...(remains && { remains }),
    });
  const create = (store: ReturnType<typeof storeOf>, id: string, name: string) => store.create(id, { value: { name }, audit: audit() });
  const nameOf = async (id: string) => (await storeOf().get(id))?.value.name;

  test('is created once under its id', async () => {
    const id = ulid();
    expect(await create(storeOf(), id, 'first')).toBeDefined();
    expect(await create(storeOf(), id, 'second')).toBeUndefined();
    expect(await nameOf(id)).toBe('first');
  });

  test('whose name remains is not created again after it was removed', async () => {
    const id = ulid();
    await create(storeOf(), id, 'first');
    expect(await storeOf(client, 'name').remove(id, audit())).toBe(true);
    expect(await create(storeOf(), id, 'second')).toBeUndefined();
    expect(await nameOf(id)).toBeUndefined();
  });

  test('that two people change at once has both changes', async () => {
    let id = '';
    const add = (letter: string, instance = new Instance()) =>
      storeOf(through(instance)).update(id, async ({ value }) => ({ value: { name: value.name + letter }, audit: audit() }));
    await interleave(
      async () => {
        id = ulid();
        await create(storeOf(), id, '');
        return { first: (instance) => add('a', instance), second: () => add('b') };
      },
      async () => expect([...((await nameOf(id)) ?? '')].toSorted()).toEqual(['a', 'b']),
    );
  });

  test.each([undefined, 'inactive', 'name'] as const)('that does not exist cannot be removed (%s)', async (remains) => {
    const id = ulid();
    expect(await storeOf(client, remains).remove(id, audit())).toBe(false);
    const { Item } = await client.send(new GetCommand({ TableName: names.settings, Key: { pk: `partner#${id}` } }));
    expect(Item).toBeUndefined();
  });
});

describe('a key', () => {
  const keyOf = (partner: string): PostbackKey => {
    const key_hash = ulid();
    return {
      key_hash,
      key_id: ulid(),
      partner_id: partnerId.parse(partner),
      label: 'production',
      prefix: 'k',
      status: 'active',
      created_at: at,
    };
  };
  const writerOf = (of = client) => createKeysWriter(of, { tables: names, newId: () => ulid() });
  const issue = (partner: string, instance = new Instance(), grace = 0) =>
    writerOf(through(instance)).issue(keyOf(partner), grace, audit());
  const liveOf = async (partner: string) => {
    const { keys } = await writerOf().list(partner, { limit: 50, after: undefined });
    return keys.filter((key) => isLive(key, now));
  };
  const readKey = async (key_hash: string) => (await client.send(new GetCommand({ TableName: names.keys, Key: { key_hash } }))).Item;

  test.each([
    ['the first of its label', 0],
    ['a rotation', 1],
  ])('is the only live one of its label, however many are issued at once: %s', async (_which, before) => {
    let partner = '';
    await interleave(
      async () => {
        partner = ulid();
        for (let made = 0; made < before; made += 1) await issue(partner);
        return { first: (instance) => issue(partner, instance), second: () => issue(partner) };
      },
      async () => expect(await liveOf(partner)).toHaveLength(1),
    );
  });

  test('is never issued over another one', async () => {
    const key = keyOf(ulid());
    await writerOf().issue(key, 0, audit());
    await expect(writerOf().issue({ ...key, label: 'backup', prefix: 'x' }, 0, audit())).rejects.toThrow();
    expect(await readKey(key.key_hash)).toMatchObject({ label: 'production', prefix: 'k' });
  });

  test('that is gone is not brought back by revoking it, by its use or by the end of its grace', async () => {
    const key = keyOf(ulid());
    await writerOf().issue(key, 0, audit());
    const remove = () => client.send(new DeleteCommand({ TableName: names.keys, Key: { key_hash: key.key_hash } }));
    await remove();
    expect(await writerOf().revoke(key, audit())).toBe(false);
    await createKeyReader(client, names.keys, 0)
      .noteUse(key, now)
      .catch(() => undefined);
    expect(await readKey(key.key_hash)).toBeUndefined();

    await client.send(new PutCommand({ TableName: names.keys, Item: toItem(key) }));
    const late = new Instance(async ({ operation }, perform) => {
      if (operation === 'TransactWriteCommand') await remove();
      return perform();
    });
    await issue(String(key.partner_id), late, 60);
    expect(await readKey(key.key_hash)).toBeUndefined();
  });
});

test('a token that is gone is not brought back by revoking it', async () => {
  const token = { token_hash: ulid(), token_id: ulid(), name: 'gone', role: 'viewer', status: 'active', created_at: at } as const;
  const tokens = createTokens(client, names, () => ulid());
  await tokens.revoke(token, audit()).catch(() => undefined);
  const { Item } = await client.send(new GetCommand({ TableName: names.tokens, Key: { token_hash: token.token_hash } }));
  expect(Item).toBeUndefined();
});

describe('a click', () => {
  const publisher_id = publisherId.parse('PUB');
  const clickOf = (user_id: string, click_id = `CLK-${ulid()}`) => ({
    click_id: clickId.parse(click_id),
    offer_id: offerId.parse('OFFER'),
    partner_id: partnerId.parse('PARTNER'),
    publisher_id,
    user_id,
    sub_ids: {},
    clicked_at: at,
  });

  test('is never stored over another one', async () => {
    const click = clickOf('ann');
    const store = createClickStore(client, names.clicks);
    await store.put(click);
    await expect(store.put({ ...click, user_id: 'bob' })).rejects.toThrow();
    expect(await store.find(click.click_id)).toMatchObject({ user_id: 'ann' });
  });

  test('over the limit of an hour is the last one again', async () => {
    const store = createLimitedClicks(client, names.clicks, 8);
    const stored: string[] = [];
    for (let made = 0; made < 12; made += 1) stored.push((await store(clickOf('often'))).click_id);
    expect(new Set(stored).size).toBe(8);
    expect(stored.slice(8)).toEqual(Array(4).fill(stored[7]));
  });

  test('erased once it has expired does not come back, nor does what else has expired', async () => {
    const account: Account = { publisher: publisher_id, user: 'erased' };
    const click = clickOf('erased');
    const log = ulid(now);
    const held = toItem({
      conversion_id: 'PST-held',
      owner: 'PST-held',
      place: '-',
      log_id: log,
      partner_id: 'PARTNER',
      publisher_id,
      user_id: 'erased',
      status: 'held',
      code: 'conflict',
      created_at: at,
      event: 'complete',
      currency: 'USD',
    });
    await createClickStore(client, names.clicks).put(click);
    await client.send(new PutCommand({ TableName: names.conversions, Item: held }));
    // Each row was read, and has expired before it is changed.
    const expired = new Instance(async ({ operation }, perform) => {
      if (operation === 'UpdateCommand' || operation === 'TransactWriteCommand') {
        await client.send(new DeleteCommand({ TableName: names.clicks, Key: { click_id: click.click_id } }));
        await client.send(new DeleteCommand({ TableName: names.conversions, Key: { owner: 'PST-held', place: '-' } }));
      }
      return perform();
    });
    for (let tried = 0; tried < 3; tried += 1) await eraseUser(through(expired), names, account, 'nobody', atOnce).catch(() => undefined);
    await createClickStore(client, names.clicks).put(click);
    for (let tried = 0; tried < 3; tried += 1) await eraseUser(through(expired), names, account, 'nobody', atOnce).catch(() => undefined);
    for (const table of [names.clicks, names.conversions, names.postbacks]) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
      expect(Items.filter((row) => row['user_id'] === 'nobody' || row['custom_data'] === '{}')).toEqual([]);
    }
  });
});

describe('a person who is erased', () => {
  const publisher = publisherId.parse('PUB');
  const heldOf = (user_id: string) => {
    const id = `PST-${ulid()}`;
    const row = { conversion_id: id, owner: id, place: '-', log_id: ulid(now), partner_id: 'PARTNER', publisher_id: publisher, user_id };
    return toItem({ ...row, status: 'held', code: 'conflict', created_at: at, event: 'complete', currency: 'USD' });
  };
  const store = (user: string) => client.send(new PutCommand({ TableName: names.conversions, Item: heldOf(user) }));
  const rowsOf = async (user: string) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: names.conversions }));
    return Items.filter((row) => row['user_id'] === user || String(row['owner']).endsWith(user)).length;
  };

  test('does not remain in what a function had read before and wrote afterwards', async () => {
    await store('late');
    let pauses = 0;
    const erased = await eraseUser(client, names, { publisher, user: 'late' }, 'nobody-late', async () => {
      pauses += 1;
      if (pauses < 3) await store('late');
    });
    expect(erased).toMatchObject({ pseudonym: 'nobody-late', conversions: 3 });
    expect(await rowsOf('late')).toBe(0);
    expect(await rowsOf('nobody-late')).toBe(3);
  });

  test('has one pseudonym, even if somebody else completes what was interrupted', async () => {
    await store('halfway');
    const interrupted = eraseUser(client, names, { publisher, user: 'halfway' }, 'nobody-first', async () => {
      await store('halfway');
      throw new Error('interrupted');
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    const erased = await eraseUser(client, names, { publisher, user: 'halfway' }, 'nobody-second', atOnce);
    expect(erased.pseudonym).toBe('nobody-first');
    expect([await rowsOf('halfway'), await rowsOf('nobody-first'), await rowsOf('nobody-second')]).toEqual([0, 2, 0]);
  });

  test('is not erased while the publisher still sends clicks of this user', async () => {
    await store('active');
    const erased = eraseUser(client, names, { publisher, user: 'active' }, 'nobody-active', async () => void (await store('active')));
    await expect(erased).rejects.toThrow('run it again when it has stopped');
  });
});

test('points that are moved while more come are neither lost nor counted twice', async () => {
  const publisher = publisherId.parse('PUB');
  let number = 0;
  const accounts = () => ({ from: { publisher, user: `user-${number}` }, to: { publisher, user: `nobody-${number}` } });
  const entriesOf = async (account: Account) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: names.ledger }));
    return Items.filter((row) => row['account'] === accountKey(account)).sort((a, b) => Number(a['entry']) - Number(b['entry']));
  };
  const append = async (account: Account) => {
    const last = (await entriesOf(account)).at(-1);
    const tail = { entry: Number(last?.['entry'] ?? 0), balance: new Big(String(last?.['balance'] ?? 0)) };
    const change = {
      points: new Big(1),
      payout: new Big(1),
      currency: 'USD',
      conversion_id: 'c',
      log_id: ulid(),
      status: 'approved',
      at,
    } as const;
    for (const entry of chain(tail, [change]))
      await client.send(new PutCommand({ TableName: names.ledger, Item: { ...toItem(entry), account: accountKey(account) } }));
  };
  await interleave(
    async () => {
      number += 1;
      const { from, to } = accounts();
      await append(from);
      await append(from);
      return {
        first: (instance) => eraseUser(through(instance), names, from, to.user, atOnce),
        // Another run with the same pseudonym, under which something has been settled by now.
        second: async () => {
          await eraseUser(client, names, from, to.user, atOnce);
          await append(to);
        },
      };
    },
    async () => {
      const { from, to } = accounts();
      expect(await entriesOf(from)).toEqual([]);
      expect((await entriesOf(to)).map(({ entry, balance }) => `${entry} ${balance}`)).toEqual(['1 1', '2 2', '3 3']);
    },
  );
});

describe('a request that carries a key', () => {
  const requests = (time = () => now) =>
    createRepetitions<string>(client, names.statistics, { read: String, tooLarge: 'too large', now: time });

  test('is begun by one, is running for the others, and is then answered like the first', async () => {
    const id = ulid();
    const begun = await requests().begin(id, 'request');
    expect(begun).toEqual({ kind: 'begun', turn: now });
    expect(await requests().begin(id, 'request')).toEqual({ kind: 'running' });
    await requests().finish(id, now, 'done');
    expect(await requests().begin(id, 'request')).toEqual({ kind: 'answered', answer: 'done' });
    expect(await requests().begin(id, 'other')).toEqual({ kind: 'other_request' });
  });

  test('whose turn is over changes nothing of the next one', async () => {
    const id = ulid();
    await requests().begin(id, 'request');
    const next = now + 60_000;
    expect(await requests(() => next).begin(id, 'request')).toEqual({ kind: 'begun', turn: next });
    await requests().release(id, now);
    await requests().finish(id, now, 'late');
    expect(await requests(() => next).begin(id, 'request')).toEqual({ kind: 'running' });
  });
});

test('two deliveries that want their turn at a publisher at once get two turns', async () => {
  const turns: number[] = [];
  const reserve = async (endpoint: string, instance = new Instance()) => {
    const { at: turn } = await createEndpoints(through(instance), names.endpoints, 0).reserve(endpoint, 2, now, 60_000);
    turns.push(turn - now);
  };
  for (const before of [0, 1]) {
    await interleave(
      async () => {
        const endpoint = ulid();
        for (let taken = 0; taken < before; taken += 1) await reserve(endpoint);
        turns.length = 0;
        return { first: (instance) => reserve(endpoint, instance), second: () => reserve(endpoint) };
      },
      async () => expect(turns.toSorted((a, b) => a - b)).toEqual([before * 500, before * 500 + 500]),
    );
  }
});

test('an alert is sent once an hour, whichever instances see its cause', async () => {
  const alert_id = ulid();
  const alert = { alert_id, name: 'told', url: 'https://example.com', events: ['cap.reached'], console_url: '', secrets: [] };
  const row = {
    ...toItem({ ...alert, kind: 'alert', created: ulid(), created_at: at, updated_at: at, revision: 1 }),
    pk: `alert#${alert_id}`,
  };
  await client.send(new PutCommand({ TableName: names.settings, Item: row }));
  const told: string[] = [];
  const raise = async (about: string, instance = new Instance(), time = now) => {
    const options = { tables: names, cacheSeconds: 0, newId: () => ulid(), now: () => time };
    const hint = async (id: string) => void told.push(id);
    const cause = { event: 'cap.reached', about, says: 'full', page: 'offers/O', data: {} } as const;
    await createAlerts(through(instance), { ...options, hint }).raise(cause);
  };
  let about = '';
  await interleave(
    async () => {
      about = ulid();
      told.length = 0;
      return { first: (instance) => raise(about, instance), second: () => raise(about) };
    },
    async () => expect(told).toHaveLength(1),
  );
  await raise(about, new Instance(), now + 3_600_000);
  expect(told).toHaveLength(2);
});
