import { BatchExecuteStatementCommand, type DynamoDBDocumentClient, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { unlessChanged } from './conditions.ts';

type Item = NonNullable<PutCommandInput['Item']>;

interface Waiting {
  readonly item: Item;
  readonly written: (isNew: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/** The most rows of one request that DynamoDB allows. */
const mostTogether = 25;
/** How long the first row waits for others. */
const companyMs = 5;

/**
 * Writes rows that do not exist yet. Rows that come within a few milliseconds are written in one request; each has its own condition and
 * its own outcome, and costs as much as it would alone.
 *
 * @param key the attribute of the row's key; it differs in all rows.
 * @returns a function that writes a row; `false` from it means that a row with this key exists already and stays as it is.
 */
export function createNewRows(client: DynamoDBDocumentClient, table: string, key: string): (item: Item) => Promise<boolean> {
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const writeAlone = (Item: Item): Promise<boolean> =>
    unlessChanged(() => client.send(new PutCommand({ TableName: table, Item, ConditionExpression: `attribute_not_exists(${key})` })));
  const writeWaiting = (): void => {
    clearTimeout(timer);
    const together = waiting;
    waiting = [];
    const [one, ...others] = together;
    if (one !== undefined && others.length === 0) writeAlone(one.item).then(one.written, one.failed);
    else
      writeTogether(together).catch((error: unknown) => {
        for (const { failed } of together) failed(error);
      });
  };
  const writeTogether = async (together: readonly Waiting[]): Promise<void> => {
    const Statements = together.map(({ item }) => insertion(table, item));
    const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }));
    for (const [index, { item, written, failed }] of together.entries()) {
      const answer = Responses[index];
      if (answer !== undefined && answer.Error === undefined) written(true);
      else if (answer?.Error?.Code === 'DuplicateItem') written(false);
      // A row that the table did not take with the others is written once more on its own.
      else writeAlone(item).then(written, failed);
    }
  };
  return (item) => {
    // No request may write a row twice.
    if (waiting.some((other) => other.item[key] === item[key])) return writeAlone(item);
    return new Promise((written, failed) => {
      waiting.push({ item, written, failed });
      if (waiting.length === 1) timer = setTimeout(writeWaiting, companyMs);
      else if (waiting.length === mostTogether) writeWaiting();
    });
  };
}

/**
 * An `INSERT` refuses a row whose key exists.
 *
 * @param item its attributes must have names of ours, since they become part of the statement.
 */
function insertion(table: string, item: Item): { readonly Statement: string; readonly Parameters: unknown[] } {
  const attributes = Object.keys(item).map((name) => `'${name}': ?`);
  return { Statement: `INSERT INTO "${table}" VALUE {${attributes.join(', ')}}`, Parameters: Object.values(item) };
}
