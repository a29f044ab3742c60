import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import type { AttemptOutcome } from '../adapters/dynamo/attempt-counters.ts';
import { endpointOf } from '../domain/delivery/postbacks.ts';
import { LedgerMismatch } from '../domain/ledger.ts';
import type { DeliveryHints } from '../domain/settling/ports.ts';
import { logError, logWarning } from '../runtime/logger.ts';
import { forwardMessage, settleMessage } from '../runtime/messages.ts';
import { failures, readBatch } from '../runtime/sqs-batch.ts';
import type { Processor } from './dependencies.ts';
import { forwardDelivery } from './forward-delivery.ts';
import { type ForwardRequest, forwardRequestOf } from './forwarding/pending.ts';
import { type SettleRequest, settleConversions } from './settle-conversions.ts';

/**
 * Serves two queues with one function. Each queue has its own concurrency, so a publisher that hangs takes none of the settlement's (design
 * section 1).
 */
export function createBatchServer(processor: Processor): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    switch (event.Records[0]?.eventSourceARN) {
      case processor.conversionsQueueArn:
        return settleBatch(processor, event);
      case processor.deliveriesQueueArn:
        return forwardBatch(processor, event);
      default:
        throw new Error('a batch of a queue that is not ours');
    }
  };
}

async function settleBatch(processor: Processor, event: SQSEvent): Promise<SQSBatchResponse> {
  const { settling, readToldConversion, measure } = processor;
  const { received, unreadable } = readBatch(event, (json) => {
    const read = z.safeParse(settleMessage, json);
    if (!read.success) return undefined;
    const { conversion_id: conversionId, revision, conversion } = read.data;
    return { conversionId, revision, known: readToldConversion(conversion) };
  });
  noteUnreadable(unreadable.length);
  const records = new Map(
    received.map(({ message, record, repeated }): [SettleRequest, typeof record] => [{ ...message, repeated }, record]),
  );
  const hints = event.Records.length === 1 ? attemptingAtOnce(processor) : settling.hints;
  const failed = await settleConversions({ ...settling, hints }, [...records.keys()]);
  for (const [{ conversionId }, error] of failed) {
    logError('settle_failed', error, { conversion_id: conversionId });
    if (error instanceof LedgerMismatch) measure('ledger_mismatch', { conversion_id: conversionId }, { LedgerMismatches: 1 });
  }
  return failures([...unreadable, ...[...failed.keys()].flatMap((request) => records.get(request) ?? [])]);
}

async function forwardBatch(processor: Processor, event: SQSEvent): Promise<SQSBatchResponse> {
  const { received, unreadable } = readBatch(event, (json) => {
    const read = z.safeParse(forwardMessage, json);
    return read.success ? read.data : undefined;
  });
  noteUnreadable(unreadable.length);
  const outcomes = await Promise.all(
    received.map(async ({ record, message, repeated }): Promise<AttemptOutcome & { failed?: SQSRecord }> => {
      const { delivery_id, publisher_id } = message;
      try {
        return await attempt(processor, forwardRequestOf(message, repeated));
      } catch (error) {
        logError('forward_failed', error, { delivery_id });
        return { endpoint: publisher_id, failed: record };
      }
    }),
  );
  await noteAttempts(processor, outcomes);
  return failures([...unreadable, ...outcomes.flatMap(({ failed }) => failed ?? [])]);
}

async function attempt({ forwarding, quickEndpoints }: Processor, request: ForwardRequest): Promise<AttemptOutcome> {
  const began = forwarding.now();
  const made = await forwardDelivery(forwarding, request);
  if (made === undefined) return { endpoint: request.publisher };
  quickEndpoints.note(made.endpoint, made.outcome === 'delivered' ? forwarding.now() - began : undefined);
  return made;
}

/**
 * Makes the first attempt of a lone delivery at once instead of sending it to its queue, which at a trickle saves half of the requests to SQS
 * and an invocation. Only for an endpoint that is quick: nobody's points may wait for a publisher (contract section 3). Whatever goes wrong,
 * the delivery takes the usual way.
 */
function attemptingAtOnce(processor: Processor): DeliveryHints {
  const { settling, quickEndpoints } = processor;
  return {
    async send(hints) {
      const [hint, ...others] = hints;
      if (hint === undefined || others.length > 0 || !quickEndpoints.take(endpointOf(hint.publisher, hint.postbackId)))
        return settling.hints.send(hints);
      try {
        await noteAttempts(processor, [await attempt(processor, { ...hint, attempt: 0, repeated: false })]);
      } catch (error) {
        logError('forward_failed', error, { delivery_id: hint.deliveryId });
        await settling.hints.send(hints);
      }
    },
  };
}

/** Counts the attempts of a batch, for the statistics and as a metric. An attempt that cannot be counted is not sent again for that. */
async function noteAttempts({ measure, countAttempts }: Processor, outcomes: readonly AttemptOutcome[]): Promise<void> {
  const made = outcomes.filter(({ outcome }) => outcome !== undefined);
  if (made.length === 0) return;
  const delivered = made.filter(({ outcome }) => outcome === 'delivered').length;
  const failed = made.length - delivered;
  measure('forwarded', { delivered, failed }, { Delivered: delivered, AttemptsFailed: failed });
  try {
    await countAttempts(made);
  } catch (error) {
    logWarning('deliveries_not_counted', error);
  }
}

function noteUnreadable(count: number): void {
  if (count > 0) logWarning('message_unreadable', new Error(`${count} messages could not be read`));
}
