import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** A message of a batch that could be read, with its record. */
interface Received<Message> {
  readonly record: SQSRecord;
  readonly message: Message;
  /** The message was received before, so another run may have done part of the work. */
  readonly repeated: boolean;
}

export interface Batch<Message> {
  readonly received: readonly Received<Message>[];
  readonly unreadable: readonly SQSRecord[];
}

/** Reads the messages of a batch. A message of an unknown form fails alone and ends in the dead-letter queue (design section 5: poison). */
export function readBatch<Message>(event: SQSEvent, read: (json: unknown) => Message | undefined): Batch<Message> {
  const received: Received<Message>[] = [];
  const unreadable: SQSRecord[] = [];
  for (const record of event.Records) {
    const message = read(parseJson(record.body));
    if (message === undefined) unreadable.push(record);
    else received.push({ record, message, repeated: Number(record.attributes.ApproximateReceiveCount) > 1 });
  }
  return { received, unreadable };
}

/** Reports the failed messages, so that only they come again. */
export function failures(records: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
