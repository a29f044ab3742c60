import type { LocalStack } from './local-stack.ts';

/**
 * Gives the processor a message about a conversion.
 *
 * @returns whether it was settled; if it has to wait, its message goes back to the queue.
 */
export async function settleNow({ system }: LocalStack, conversionId: string): Promise<boolean> {
  const body = JSON.stringify({ v: 1, conversion_id: conversionId, steps: 1 });
  const answer = await system.invoke('processor', {
    Records: [
      {
        messageId: '1',
        body,
        attributes: { ApproximateReceiveCount: '2' },
        eventSourceARN: system.queues.get('ConversionsQueue')?.arn,
      },
    ],
  });
  return (answer as { batchItemFailures: unknown[] }).batchItemFailures.length === 0;
}
