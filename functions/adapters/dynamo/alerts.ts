import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Alert, type Alerts, alertBody, type Cause, concerns } from '../../domain/alerting/alert.ts';
import type { PublisherId } from '../../domain/ids.ts';
import { publisherId } from '../../runtime/ids.ts';
import { createCache } from '../cache.ts';
import { newDeliveryItem } from './delivery-row.ts';
import { settingsOfKind } from './query-all.ts';
import { alertRow, settingKey } from './setting-rows.ts';
import { commit } from './transactions.ts';

export interface AlertOptions {
  readonly tables: { readonly settings: string; readonly deliveries: string };
  readonly cacheSeconds: number;
  /** A ULID. */
  readonly newId: () => string;
  readonly now: () => number;
  /** Sends the hint to the queue; if the hint is lost, nothing else is. */
  readonly hint: (deliveryId: string, alertId: PublisherId) => Promise<void>;
}

/** How long the same cause is not announced again. */
const onceMs = 3_600_000;
/** How long this instance waits before it tries again, after it found that another instance has announced the cause. */
const againMs = 60_000;
const onceKeptSeconds = 7_200;
/**
 * The most causes that this instance remembers, so that a cap which refuses a thousand postbacks a second does not cost a write for each.
 */
const mostRemembered = 1_000;
/** How long after that the sweeper picks the delivery up if the hint was lost. */
const graceMs = 60_000;
const all = 'all';

export function createAlerts(client: DynamoDBDocumentClient, { tables, cacheSeconds, newId, now, hint }: AlertOptions): Alerts {
  const cached = createCache(cacheSeconds, async (_all: string) => readAll(client, tables.settings));
  const alerts = async (): Promise<readonly Alert[]> => (await cached(all)) ?? [];

  const toldAt = new Map<string, number>();

  async function tell(alert: Alert, cause: Cause): Promise<void> {
    const name = [alert.alert_id, cause.event, cause.about].join('#');
    if (now() - (toldAt.get(name) ?? 0) < onceMs) return;
    const told_at = now();
    const at = new Date(told_at).toISOString();
    const id = newId();
    const addressee = z.parse(publisherId, alert.alert_id);
    const Item = newDeliveryItem(
      {
        delivery_id: id,
        publisher_id: addressee,
        alert: alertBody(alert, cause, at),
        log_id: id,
        status: 'scheduled',
        attempts: [],
        created_at: at,
      },
      told_at + graceMs,
    );
    const once = { shard: 'once', delivery_id: name, told_at, expires_at: Math.floor(told_at / 1_000) + onceKeptSeconds };
    const isNew = 'attribute_not_exists(delivery_id)';
    const { committed } = await commit(client, [
      {
        Put: {
          TableName: tables.deliveries,
          Item: once,
          ConditionExpression: `${isNew} OR told_at <= :hourAgo`,
          ExpressionAttributeValues: { ':hourAgo': told_at - onceMs },
        },
      },
      { Put: { TableName: tables.deliveries, Item, ConditionExpression: isNew } },
    ]);
    if (toldAt.size >= mostRemembered) toldAt.clear();
    // It is not known when the other instance announced it. This one tries again in a minute, so the next announcement comes on time.
    toldAt.set(name, committed ? told_at : told_at - onceMs + againMs);
    if (committed) await hint(id, addressee);
  }

  return {
    async find(id) {
      const known = (await alerts()).find(({ alert_id }) => alert_id === id);
      if (known !== undefined) return known;
      // Another instance may have raised this for an alert that was created a moment ago.
      const { Item } = await client.send(new GetCommand({ TableName: tables.settings, Key: { pk: settingKey('alert', id) } }));
      return Item === undefined ? undefined : z.parse(alertRow, Item);
    },
    wanted: async (events) => (await alerts()).some((alert) => events.some((event) => alert.events.includes(event))),
    async raise(cause) {
      await Promise.all((await alerts()).filter((alert) => concerns(alert, cause)).map((alert) => tell(alert, cause)));
    },
  };
}

async function readAll(client: DynamoDBDocumentClient, settings: string): Promise<readonly Alert[]> {
  return (await settingsOfKind(client, settings, 'alert')).map((row) => z.parse(alertRow, row));
}
