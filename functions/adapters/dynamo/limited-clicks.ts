import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Click } from '../../domain/click.ts';
import { fingerprintOf } from '../hashing.ts';
import { createClickStore } from './click-store.ts';

/** Stores a click. @returns that click or, if the user has reached the limit, the one that was stored last. */
export type StoreClick = (click: Click) => Promise<Click>;

/**
 * The clicks of a user on an offer that are counted in this instance's memory, which costs nothing; hardly anybody clicks more often within
 * an hour. Each further instance may store as many more.
 */
const mostInMemory = 5;

const hourMs = 3_600_000;
const mostRemembered = 10_000;
const mostTries = 5;
const counted = z.object({ last: z.string() });

/**
 * Stores clicks, with a limit: a link that a stranger or a script follows again and again does not fill the table.
 *
 * The count of an hour is a row of the clicks table whose id is no click's; it expires two hours later.
 *
 * @param perHour clicks of a user on an offer that are stored within a clock hour (contract 1.9).
 */
export function createLimitedClicks(client: DynamoDBDocumentClient, table: string, perHour: number): StoreClick {
  const inMemory = Math.min(mostInMemory, perHour);
  const store = createClickStore(client, table);
  const remembered = new Map<string, number>();

  const withinMemory = (name: string): boolean => {
    const count = remembered.get(name) ?? 0;
    remembered.delete(name);
    remembered.set(name, count + 1);
    const [oldest] = remembered.keys();
    if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
    return count < inMemory;
  };

  /** Counts the click. @returns the id of the last one when the limit is reached. */
  const lastBefore = async (name: string, { click_id }: Click, hour: number): Promise<string | undefined> => {
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { click_id: name },
          ConditionExpression: 'attribute_not_exists(clicks) OR clicks < :most',
          UpdateExpression: 'SET #last = :click, expires_at = :expires ADD clicks :one',
          ExpressionAttributeNames: { '#last': 'last' },
          ExpressionAttributeValues: {
            ':most': perHour - inMemory,
            ':one': 1,
            ':click': click_id,
            ':expires': ((hour + 2) * hourMs) / 1_000,
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return z.safeParse(counted, error.Item === undefined ? undefined : unmarshall(error.Item)).data?.last;
    }
  };

  return async (click) => {
    const hour = Math.floor(Date.parse(click.clicked_at) / hourMs);
    const name = `count#${hour}#${fingerprintOf(JSON.stringify([click.offer_id, click.publisher_id, click.user_id]))}`;
    const last = withinMemory(name) ? undefined : await lastBefore(name, click, hour);
    for (let tried = 1; last !== undefined && tried <= mostTries; tried += 1) {
      const again = await store.find(last);
      if (again !== undefined) return again;
      // The last click was counted before it was stored: it will be there in a moment or, if storing it failed, never.
      await new Promise((resolve) => setTimeout(resolve, tried * 20));
    }
    await store.put(click);
    return click;
  };
}
