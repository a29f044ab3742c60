import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { budgets, rowBytes } from '../../domain/byte-budget.ts';
import { type AuditEntry, auditWrite } from './audit.ts';
import { count, toItem } from './item.ts';
import { having, type Listing, listShards, type Position, type Row } from './listing.ts';
import { type SettingKind, settingKey } from './setting-rows.ts';
import { commit } from './transactions.ts';

/** A setting as the admin sees it: read consistently, never from a cache. */
export interface Setting<T> {
  readonly value: T;
  /** ISO 8601. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** A change with its audit entry, which are committed together. */
interface Change<T> {
  readonly value: T;
  readonly audit: AuditEntry;
  /** A further audit entry, for something else that was done to the setting. */
  readonly also?: AuditEntry | undefined;
}

interface SettingPage<T> {
  readonly settings: readonly Setting<T>[];
  readonly next: Position | undefined;
}

/** Settings of one kind. */
export interface SettingStore<T> {
  get(id: string): Promise<Setting<T> | undefined>;
  /** @param filter attributes with the values that they must have. */
  list(filter: Readonly<Record<string, string | undefined>>, page: Pick<Listing, 'limit' | 'after'>): Promise<SettingPage<T>>;
  /** Creates a setting; `undefined` when one with this id exists, or existed and its id is not reused. */
  create(id: string, change: Change<T>): Promise<Setting<T> | undefined>;
  /**
   * Reads, changes and writes back. When somebody else writes in between, it reads and changes again, so that no change is lost.
   *
   * @returns `undefined` when there is no such setting.
   */
  update(id: string, change: (current: Setting<T>) => Promise<Change<T>>): Promise<Setting<T> | undefined>;
  /**
   * Removes a setting. One that other data still refers to is kept as inactive, but is gone for every method here. @returns `false` when
   * there was none.
   */
  remove(id: string, audit: AuditEntry): Promise<boolean>;
}

export interface SettingStoreOptions<T> {
  readonly tables: { readonly settings: string; readonly audit: string };
  readonly kind: SettingKind;
  readonly row: z.ZodMiniType<T>;
  /** Attributes for indexes, in addition to the value's own. */
  readonly indexed?: (value: T) => Readonly<Record<string, string | undefined>>;
  /**
   * What stays of a removed setting. `inactive`: all of it, since conversions still refer to it. `name`: only that it existed, so that
   * nobody else gets its id and everything that goes with the id.
   *
   * @default - nothing
   */
  readonly remains?: 'inactive' | 'name';
  /** Creates a ULID, which sorts the list. */
  readonly newId: () => string;
  readonly now: () => Date;
}

/** The setting and its audit entry would not fit into the store. The caller gets this error as a refusal. */
class SettingTooLargeError extends Error {
  override name = 'SettingTooLargeError';
}

const frame = z.object({ created: z.string(), created_at: z.string(), updated_at: z.string(), revision: count });
const mostTries = 10;

export function createSettingStore<T extends object>(client: DynamoDBDocumentClient, options: SettingStoreOptions<T>): SettingStore<T> {
  const { tables, kind, row, indexed, remains, newId, now } = options;
  const keyOf = (id: string): { pk: string } => ({ pk: settingKey(kind, id) });
  const itemOf = (id: string, value: T, framed: z.output<typeof frame>) => {
    const item = { ...toItem({ ...value, ...indexed?.(value), ...framed }), ...keyOf(id), kind };
    if (rowBytes(item) > budgets.setting) throw new SettingTooLargeError(`the ${kind} is larger than a setting may be`);
    return item;
  };
  const settingOf = (item: Row): Setting<T> => {
    const { created_at, updated_at } = z.parse(frame, item);
    return { value: z.parse(row, item), created_at, updated_at };
  };
  const read = async (id: string): Promise<Row | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: tables.settings, Key: keyOf(id), ConsistentRead: true }));
    // A removed setting that is kept has lost its kind, and so is in no list.
    return Item?.['kind'] === undefined ? undefined : Item;
  };

  return {
    async get(id) {
      const item = await read(id);
      return item === undefined ? undefined : settingOf(item);
    },

    async list(filter, page) {
      const { rows, next } = await listShards(client, {
        table: tables.settings,
        index: 'by-kind',
        partition: 'kind',
        shards: [kind],
        sort: 'created',
        filter: having(filter),
        ...page,
      });
      return { settings: rows.map(settingOf), next };
    },

    async create(id, { value, audit }) {
      const at = now().toISOString();
      const Item = itemOf(id, value, { created: newId(), created_at: at, updated_at: at, revision: 1 });
      const put = {
        Put: { TableName: tables.settings, Item, ConditionExpression: 'attribute_not_exists(kind) AND attribute_not_exists(removed_at)' },
      };
      const done = await commit(client, [put, auditWrite(tables.audit, audit)]);
      return done.committed ? { value, created_at: at, updated_at: at } : undefined;
    },

    async update(id, change) {
      for (let tried = 0; tried < mostTries; tried += 1) {
        const item = await read(id);
        if (item === undefined) return undefined;
        const { created, created_at, revision } = z.parse(frame, item);
        const { value, audit, also } = await change(settingOf(item));
        const updated_at = now().toISOString();
        const Item = itemOf(id, value, { created, created_at, updated_at, revision: revision + 1 });
        const unchanged = { ConditionExpression: 'revision = :revision', ExpressionAttributeValues: { ':revision': revision } };
        const audits = [audit, ...(also === undefined ? [] : [also])].map((entry) => auditWrite(tables.audit, entry));
        const done = await commit(client, [{ Put: { TableName: tables.settings, Item, ...unchanged } }, ...audits]);
        if (done.committed) return { value, created_at, updated_at };
      }
      throw new Error(`the ${kind} was changed by others ${mostTries} times in a row`);
    },

    async remove(id, audit) {
      const there = { TableName: tables.settings, Key: keyOf(id), ConditionExpression: 'attribute_exists(kind)' };
      const inactive = {
        UpdateExpression: 'SET #status = :inactive REMOVE kind, campaign',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':inactive': 'inactive' },
      };
      const { ConditionExpression } = there;
      const tombstone = {
        Put: { TableName: tables.settings, Item: { ...keyOf(id), removed_at: now().toISOString() }, ConditionExpression },
      };
      const gone = { inactive: { Update: { ...there, ...inactive } }, name: tombstone, nothing: { Delete: there } }[remains ?? 'nothing'];
      const done = await commit(client, [gone, auditWrite(tables.audit, audit)]);
      return done.committed;
    },
  };
}
