import { gunzipSync, gzipSync } from 'node:zlib';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { unlessChanged } from './conditions.ts';

const keptMs = 86_400_000;
/** No request runs longer: the gateway and the function give up after 29 s. */
const longestMs = 35_000;
/** The largest answer that is kept, since a row holds 400 KB. */
const largest = 350 * 1_024;

const known = z.object({ asked: z.string(), answer: z.optional(z.instanceof(Uint8Array)) });

/** The state of a request that may be repeated. @typeParam Answer an answer that JSON can represent. */
export type Begun<Answer> =
  /** Nobody has begun it, or whoever did is gone. `turn` identifies this run. */
  | { readonly kind: 'begun'; readonly turn: number }
  | { readonly kind: 'running' }
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** The key belongs to another request. */
  | { readonly kind: 'other_request' };

export interface RepetitionOptions<Answer> {
  /** Reads an answer that was kept. */
  readonly read: (kept: unknown) => Answer;
  /** What is kept instead of an answer that no row can hold. */
  readonly tooLarge: Answer;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Keeps requests with an idempotency key in the statistics table, under names with which no day begins, each for a day from its beginning.
 * One write decides who runs the request, and returns what is known if somebody already has.
 */
export function createRepetitions<Answer>(
  client: DynamoDBDocumentClient,
  table: string,
  { read, tooLarge, now }: RepetitionOptions<Answer>,
) {
  const keyOf = (id: string) => ({ day_shard: `request#${id}`, counter: '-' });
  const inTurn = async (id: string, turn: number, UpdateExpression: string, values: Readonly<Record<string, unknown>>): Promise<void> => {
    await unlessChanged(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(id),
          ConditionExpression: 'began_at = :turn',
          UpdateExpression,
          ExpressionAttributeValues: { ':turn': turn, ...values },
        }),
      ),
    );
  };
  return {
    async begin(id: string, request: string): Promise<Begun<Answer>> {
      const turn = now();
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(id),
            ConditionExpression:
              'attribute_not_exists(began_at) OR began_at < :yesterday OR (attribute_not_exists(answer) AND began_at < :gone)',
            UpdateExpression: 'SET asked = :request, began_at = :turn, expires_at = :expires REMOVE answer',
            ExpressionAttributeValues: {
              ':request': request,
              ':turn': turn,
              ':yesterday': turn - keptMs,
              ':gone': turn - longestMs,
              ':expires': Math.ceil((turn + keptMs) / 1_000),
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { kind: 'begun', turn };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
        const { asked: first, answer } = z.parse(known, unmarshall(error.Item));
        if (first !== request) return { kind: 'other_request' };
        return answer === undefined ? { kind: 'running' } : { kind: 'answered', answer: read(JSON.parse(gunzipSync(answer).toString())) };
      }
    },
    finish(id: string, turn: number, answer: Answer): Promise<void> {
      const kept = gzipSync(JSON.stringify(answer));
      return inTurn(id, turn, 'SET answer = :answer', {
        ':answer': kept.length <= largest ? kept : gzipSync(JSON.stringify(tooLarge)),
      });
    },
    release: (id: string, turn: number): Promise<void> => inTurn(id, turn, 'SET began_at = :never', { ':never': 0 }),
  };
}
