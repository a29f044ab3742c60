import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod/mini';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import type { Known, ReleaseHints, RetryHints, SweepHints } from '../../domain/forwarding/ports.ts';
import type { Hints } from '../../domain/receiving/ports.ts';
import type { DeliveryHints } from '../../domain/settling/ports.ts';
import { messageVersion, type settleMessage } from '../../runtime/messages.ts';
import { signing } from '../aws-calls.ts';
import { callDirectly } from '../direct-calls.ts';
import { toldConversion } from '../dynamo/told-conversion.ts';

export function createQueueClient(): SQSClient {
  const client = new SQSClient({
    ...signing,
    maxAttempts: 3,
    // What a command passes through is put together once. (The document client must not: its commands hold their own input.)
    cacheMiddleware: true,
    // Its answer holds a digest of what it was sent, which TLS has already made certain.
    md5: false,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  callDirectly(client, { service: 'sqs' });
  return client;
}

/** JSON in ASCII: SQS accepts only a part of Unicode, but a user's id or name may contain any of it. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The body of a message that a conversion can be settled. @param conversion the conversion as it was written, if known. */
function settleBody(message: Omit<z.input<typeof settleMessage>, 'v'>, conversion?: ReturnType<typeof toldConversion>): string {
  return withKnown({ v: messageVersion, ...message }, 'conversion', conversion);
}

interface ForwardFacts {
  readonly deliveryId: string;
  readonly publisher: string;
  readonly conversionId?: string | undefined;
  readonly postbackId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly hops?: number | undefined;
  readonly known?: Known | undefined;
}

/** Known data is sent along as long as ten such messages fit into a batch with room to spare. */
const longestKnown = 8_192;

function forwardBody({ deliveryId, publisher, conversionId, postbackId, attempt, hops, known }: ForwardFacts): string {
  const message = {
    v: messageVersion,
    delivery_id: deliveryId,
    publisher_id: publisher,
    conversion_id: conversionId,
    postback_id: postbackId,
    attempt,
    hops,
  };
  return withKnown(message, 'known', known);
}

function withKnown(message: object, name: string, known: object | undefined): string {
  return known === undefined || asciiJson(known).length > longestKnown ? asciiJson(message) : asciiJson({ ...message, [name]: known });
}

/**
 * A message of the deliveries queue. Its group is the publisher's endpoint, so that a busy one does not make the others wait (fair queue).
 */
function forwardEntry(facts: ForwardFacts, delaySeconds?: number): { MessageBody: string; MessageGroupId: string; DelaySeconds?: number } {
  return {
    MessageBody: forwardBody(facts),
    MessageGroupId: endpointOf(facts.publisher, facts.postbackId),
    ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
  };
}

export function createSettleHints(client: SQSClient, conversionsQueue: string): Pick<Hints, 'settle'> {
  return {
    async settle({ conversionId, revision, conversion }) {
      const MessageBody = settleBody({ conversion_id: conversionId, revision }, toldConversion(conversion));
      await client.send(new SendMessageCommand({ QueueUrl: conversionsQueue, MessageBody }));
    },
  };
}

/** Sends many messages to one queue, ten per request. @throws after all were tried, when some were not accepted. */
async function sendAll(client: SQSClient, queue: string, entries: readonly Omit<SendMessageBatchRequestEntry, 'Id'>[]): Promise<void> {
  const refused: unknown[] = [];
  for (let start = 0; start < entries.length; start += mostPerBatch) {
    const Entries = entries.slice(start, start + mostPerBatch).map((entry, index) => ({ ...entry, Id: String(index) }));
    try {
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
      refused.push(...Failed.map(({ Code }) => Code));
    } catch (error) {
      refused.push(error);
    }
  }
  if (refused.length > 0) throw new Error('messages were not taken', { cause: refused[0] });
}

const mostPerBatch = 10;

export function createDeliveryHints(
  client: SQSClient,
  deliveriesQueue: string,
): DeliveryHints & RetryHints & Pick<Hints, 'deliver'> & ReleaseHints {
  const one = (facts: ForwardFacts, delaySeconds?: number): Promise<void> =>
    sendAll(client, deliveriesQueue, [forwardEntry(facts, delaySeconds)]);
  return {
    send: (hints) =>
      sendAll(
        client,
        deliveriesQueue,
        hints.map((hint) => forwardEntry({ ...hint, attempt: hint.swept ? undefined : 0 })),
      ),
    retry: ({ delivery_id: deliveryId, publisher_id: publisher, postback_id: postbackId }, attempt, delaySeconds, hops) =>
      one({ deliveryId, publisher, postbackId, attempt, hops }, delaySeconds),
    deliver: (deliveryId, publisher, postbackId) => one({ deliveryId, publisher, postbackId, attempt: 0 }),
    release: (released) =>
      sendAll(
        client,
        deliveriesQueue,
        released.map(({ deliveryId, publisher, postbackId, delaySeconds }) =>
          forwardEntry({ deliveryId, publisher, postbackId }, delaySeconds),
        ),
      ),
  };
}

/** The sweeper's messages, for due work that nobody has done. */
export function createSweepHints(client: SQSClient, queues: { readonly conversions: string; readonly deliveries: string }): SweepHints {
  return {
    conversions: (ids) =>
      sendAll(
        client,
        queues.conversions,
        ids.map((id) => ({ MessageBody: settleBody({ conversion_id: id }) })),
      ),
    deliveries: (due) =>
      sendAll(
        client,
        queues.deliveries,
        due.map(({ deliveryId, publisher }) => forwardEntry({ deliveryId, publisher })),
      ),
  };
}
