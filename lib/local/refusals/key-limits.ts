import { type AwsCall, isObject, type Json, listAt, objectAt, type Refusal, textAt } from './call.ts';
import { insertionsOf } from './insertions.ts';

/** The key of a table or index. */
interface KeyNames {
  readonly partition: string;
  readonly sort?: string;
}

interface TableKeys extends KeyNames {
  readonly indexes: Readonly<Record<string, KeyNames>>;
}

/** The keys of each table, by the table's name. */
export type KeysOfTables = Readonly<Record<string, TableKeys>>;

const mostPartitionBytes = 2048;
const mostSortBytes = 1024;

/**
 * Finds key values that DynamoDB refuses but its emulators accept: values that are too long in an index or a query, and empty ones in a
 * query. The emulators check the rest (test/integration/aws/emulator-limits.test.ts).
 *
 * @returns DynamoDB's refusal; `undefined` when it accepts the keys.
 */
export function refusedKey({ target, body }: AwsCall, tables: KeysOfTables): Refusal | undefined {
  if (!target.startsWith('DynamoDB')) return undefined;
  const operation = target.split('.')[1] ?? '';
  switch (operation) {
    case 'PutItem':
      return refusal(faultOfPut(body, tables));
    case 'UpdateItem':
      return refusal(faultOfUpdate(body, tables));
    case 'Query':
      return refusal(faultOfQuery(body, tables));
    case 'BatchWriteItem': {
      const puts = Object.entries(objectAt(body, 'RequestItems')).flatMap(([TableName, requests]) =>
        (Array.isArray(requests) ? requests : []).map((request) => ({
          TableName,
          Item: objectAt(objectAt(request, 'PutRequest'), 'Item'),
        })),
      );
      return refusal(puts.map((put) => faultOfPut(put, tables)).find((fault) => fault !== undefined));
    }
    case 'BatchExecuteStatement':
      return refusal((insertionsOf(body) ?? []).map((put) => faultOfPut(put, tables)).find((fault) => fault !== undefined));
    case 'TransactWriteItems':
      return refusedTransaction(
        listAt(body, 'TransactItems').map(
          (item) => faultOfPut(objectAt(item, 'Put'), tables) ?? faultOfUpdate(objectAt(item, 'Update'), tables),
        ),
      );
    default:
      return undefined;
  }
}

function faultOfPut(put: Json, tables: KeysOfTables): string | undefined {
  return faultOfIndexes(textAt(put, 'TableName'), objectAt(put, 'Item'), tables);
}

/** Checks the values that an update sets directly; the app computes no keys in expressions. */
function faultOfUpdate(update: Json, tables: KeysOfTables): string | undefined {
  const set = [...textAt(update, 'UpdateExpression').matchAll(/(#?\w+) = (:\w+)/g)].map(([, name = '', value = '']) => [
    nameOf(name, update),
    objectAt(update, 'ExpressionAttributeValues')[value],
  ]);
  return faultOfIndexes(textAt(update, 'TableName'), Object.fromEntries(set), tables);
}

function faultOfIndexes(table: string, item: Json, tables: KeysOfTables): string | undefined {
  for (const [index, key] of Object.entries(tables[table]?.indexes ?? {})) {
    const fault = faultOf('partition', item[key.partition]) ?? faultOf('sort', key.sort === undefined ? undefined : item[key.sort]);
    if (fault !== undefined) return `One or more parameter values were invalid: ${fault} IndexName: ${index}`;
  }
  return undefined;
}

function faultOfQuery(query: Json, tables: KeysOfTables): string | undefined {
  const table = tables[textAt(query, 'TableName')];
  const index = textAt(query, 'IndexName');
  const key = index === '' ? table : table?.indexes[index];
  if (key === undefined) return undefined;
  const values = objectAt(query, 'ExpressionAttributeValues');
  const condition = textAt(query, 'KeyConditionExpression');
  for (const [, name = '', first = '', second = ''] of condition.matchAll(
    /(#?\w+)\s*(?:=|[<>]=?|,|BETWEEN)\s*(:\w+)(?:\s+AND\s+(:\w+))?/g,
  )) {
    const role = nameOf(name, query) === key.partition ? 'partition' : 'sort';
    for (const value of [values[first], values[second]]) {
      if (textAt(value, 'S') === '' && isObject(value) && 'S' in value)
        return 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.';
      const fault = faultOf(role, value);
      if (fault !== undefined) return `One or more parameter values were invalid: ${fault}`;
    }
  }
  return undefined;
}

function nameOf(placeholder: string, expression: Json): string {
  return placeholder.startsWith('#') ? textAt(objectAt(expression, 'ExpressionAttributeNames'), placeholder) : placeholder;
}

function faultOf(role: 'partition' | 'sort', value: unknown): string | undefined {
  const bytes = Buffer.byteLength(textAt(value, 'S'));
  if (role === 'partition' && bytes > mostPartitionBytes)
    return `Size of hashkey has exceeded the maximum size limit of${mostPartitionBytes} bytes`;
  if (role === 'sort' && bytes > mostSortBytes)
    return `Aggregated size of all range keys has exceeded the size limit of ${mostSortBytes} bytes`;
  return undefined;
}

function refusal(message: string | undefined): Refusal | undefined {
  return message === undefined
    ? undefined
    : { status: 400, body: { __type: 'com.amazon.coral.validate#ValidationException', message, Message: message } };
}

function refusedTransaction(faults: readonly (string | undefined)[]): Refusal | undefined {
  if (faults.every((fault) => fault === undefined)) return undefined;
  const CancellationReasons = faults.map((Message) => (Message === undefined ? { Code: 'None' } : { Code: 'ValidationError', Message }));
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return {
    status: 400,
    body: { __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException', message, Message: message, CancellationReasons },
  };
}
