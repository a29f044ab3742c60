import { type AwsCall, isObject, type Json, listAt, objectAt, type Refusal, textAt } from './call.ts';
import { insertionsOf } from './insertions.ts';

/** One action on one resource: what a policy allows, or what a call needs. */
export interface Right {
  /** As in policies: `dynamodb:PutItem`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
}

/** Region, account and queues of a deployment: they turn the short names in its calls into ARNs. */
export interface Places {
  readonly region: string;
  readonly account: string;
  /** For each dead-letter queue, by its ARN, the ARN of the queue to which its messages go back. */
  readonly redrives: Readonly<Record<string, string>>;
}

/** What a function may do, and its name. */
export interface Role {
  readonly functionName: string;
  readonly rights: readonly Right[];
  readonly places: Places;
}

/** The actions that policies name for the parts of a transaction. */
const partActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** Moving messages receives them from one queue and sends them to another with the rights of whoever starts the move. */
const moveActions = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/**
 * Every right that a call needs, as AWS counts them: for a transaction those of its parts, and for a query of an index the one on that
 * index.
 */
export function rightsFor({ target, body }: AwsCall, places: Places): Right[] {
  const [service = '', operation = ''] = target.split('.');
  if (service.startsWith('DynamoDB')) return dynamodbRights(operation, body, places);
  if (service === 'AmazonSQS') return queueRights(operation, body, places);
  if (service === 'AmazonSNS') return [{ action: `sns:${operation}`, resource: textAt(body, 'TopicArn') }];
  return [{ action: `${service}:${operation}`, resource: textAt(body, 'SecretId') }];
}

function dynamodbRights(operation: string, body: Json, places: Places): Right[] {
  const right = (action: string, table: string, index = ''): Right => ({
    action: `dynamodb:${action}`,
    resource: `arn:aws:dynamodb:${places.region}:${places.account}:table/${table}${index === '' ? '' : `/index/${index}`}`,
  });
  switch (operation) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return listAt(body, 'TransactItems').flatMap((item) =>
        Object.entries(isObject(item) ? item : {}).map(([part, about]) => right(partActions[part] ?? part, textAt(about, 'TableName'))),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(objectAt(body, 'RequestItems')).map((table) => right(operation, table));
    case 'BatchExecuteStatement':
      return (insertionsOf(body) ?? [{}]).map((insertion) => right('PartiQLInsert', textAt(insertion, 'TableName')));
    default:
      return [right(operation, textAt(body, 'TableName'), textAt(body, 'IndexName'))];
  }
}

function queueRights(operation: string, body: Json, { region, account, redrives }: Places): Right[] {
  if (operation === 'StartMessageMoveTask') {
    const source = textAt(body, 'SourceArn');
    const moves = moveActions.map((action) => ({ action: `sqs:${action}`, resource: source }));
    return [...moves, { action: 'sqs:SendMessage', resource: redrives[source] ?? textAt(body, 'DestinationArn') }];
  }
  const name = textAt(body, 'QueueUrl').split('/').at(-1) ?? '';
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: `arn:aws:sqs:${region}:${account}:${name}` }];
}

/** A right as text, the same for the same right. */
export function rightName({ action, resource }: Right): string {
  return `${action} ${resource}`;
}

/** The refusal in AWS's words. */
export function accessDenied({ action, resource }: Right, { functionName, places }: Role): Refusal {
  const user = `arn:aws:sts::${places.account}:assumed-role/${functionName}/${functionName}`;
  const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  return { status: 400, body: { __type: 'com.amazon.coral.service#AccessDeniedException', Message: message, message } };
}
