import { CreateQueueCommand, GetQueueUrlCommand, QueueDoesNotExist, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LocalQueue, QueueProperties } from './deployment.ts';

/** Creates the queues that do not exist yet, and updates the attributes of those that an earlier run created. */
export async function createQueues(client: SQSClient, queues: readonly LocalQueue[]): Promise<void> {
  for (const queue of queues) {
    const Attributes = attributes(queue.properties);
    if (await exists(client, queue)) await client.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }));
    else await client.send(new CreateQueueCommand({ QueueName: queue.name, Attributes }));
  }
}

async function exists(client: SQSClient, queue: LocalQueue): Promise<boolean> {
  try {
    await client.send(new GetQueueUrlCommand({ QueueName: queue.name }));
    return true;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return false;
    throw error;
  }
}

function attributes(properties: QueueProperties): Record<string, string> {
  return {
    VisibilityTimeout: String(properties.VisibilityTimeout),
    ...(properties.MessageRetentionPeriod !== undefined && { MessageRetentionPeriod: String(properties.MessageRetentionPeriod) }),
    ...(properties.DelaySeconds !== undefined && { DelaySeconds: String(properties.DelaySeconds) }),
    ...(properties.RedrivePolicy && { RedrivePolicy: JSON.stringify(properties.RedrivePolicy) }),
  };
}
