import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import type { AttemptOutcome } from '../adapters/dynamo/attempt-counters.ts';
import { LedgerMismatch } from '../domain/ledger.ts';
import { logError, logWarning } from '../runtime/logger.ts';
import { forwardMessage, settleMessage } from '../runtime/messages.ts';
import { failures, readBatch } from '../runtime/sqs-batch.ts';
import type { Processor } from './dependencies.ts';
import { forwardDelivery } from './forward-delivery.ts';
import { forwardRequestOf } from './forwarding/pending.ts';
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

async function settleBatch({ settling, readToldConversion, measure }: Processor, event: SQSEvent): Promise<SQSBatchResponse> {
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
  const failed = await settleConversions(settling, [...records.keys()]);
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
        const made = await forwardDelivery(processor.forwarding, forwardRequestOf(message, repeated));
        return { endpoint: made?.endpoint ?? publisher_id, outcome: made?.outcome };
      } catch (error) {
        logError('forward_failed', error, { delivery_id });
        return { endpoint: publisher_id, failed: record };
      }
    }),
  );
  await noteAttempts(processor, outcomes);
  return failures([...unreadable, ...outcomes.flatMap(({ failed }) => failed ?? [])]);
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
