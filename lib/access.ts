import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { PostbackTable } from './constructs/postback-table.ts';

type ItemAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query' | 'PartiQLInsert';

/**
 * Grants a function exactly the actions that it needs. CDK's own grants are broader: `grantReadData` allows scans, and access to a table
 * includes all its indexes.
 */
export class Access {
  private readonly grantee: IFunction;

  constructor(grantee: IFunction) {
    this.grantee = grantee;
  }

  /** Allows these actions on the table's items, and queries of the named indexes. */
  table(table: PostbackTable, actions: readonly ItemAction[], indexes: readonly string[] = []): this {
    if (actions.length > 0)
      this.allow(
        actions.map((action) => `dynamodb:${action}`),
        [table.tableArn],
      );
    if (indexes.length > 0)
      this.allow(
        ['dynamodb:Query'],
        indexes.map((name) => table.indexArn(name)),
      );
    return this;
  }

  sendTo(...queues: readonly IQueue[]): this {
    return this.allow(
      ['sqs:SendMessage'],
      queues.map((queue) => queue.queueArn),
    );
  }

  /** Lambda takes messages from a queue with the rights of the function that reads it. */
  consume(...queues: readonly IQueue[]): this {
    return this.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      queues.map((queue) => queue.queueArn),
    );
  }

  /** Reading a queue's depth and the age of its oldest message. */
  watch(...queues: readonly IQueue[]): this {
    return this.allow(
      ['sqs:GetQueueAttributes'],
      queues.map((queue) => queue.queueArn),
    );
  }

  /** Moving dead letters back to their queue: SQS receives and deletes them with the rights of whoever starts the move. */
  redriveFrom(...deadLetterQueues: readonly IQueue[]): this {
    return this.allow(
      ['sqs:StartMessageMoveTask', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      deadLetterQueues.map((queue) => queue.queueArn),
    );
  }

  publishTo(topic: ITopic): this {
    return this.allow(['sns:Publish'], [topic.topicArn]);
  }

  subscribeTo(topic: ITopic): this {
    return this.allow(['sns:Subscribe'], [topic.topicArn]);
  }

  secret(secret: Pick<ISecret, 'secretArn'>): this {
    return this.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
  }

  private allow(actions: readonly string[], resources: readonly string[]): this {
    this.grantee.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
    return this;
  }
}
