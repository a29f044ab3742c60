import { BatchExecuteStatementCommand, type DynamoDBDocumentClient, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { unlessChanged } from './conditions.ts';
import { createTogether } from './together.ts';

type Item = NonNullable<PutCommandInput['Item']>;

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
  const writeAlone = (Item: Item): Promise<boolean> =>
    unlessChanged(() => client.send(new PutCommand({ TableName: table, Item, ConditionExpression: `attribute_not_exists(${key})` })));
  return createTogether<Item, boolean>({
    most: mostTogether,
    later: (run) => void setTimeout(run, companyMs),
    alone: writeAlone,
    async together(callers) {
      // No request may write a row twice.
      const firsts = [...new Map(callers.toReversed().map((caller) => [caller.asked[key], caller])).values()];
      for (const { asked, answer } of callers.filter((caller) => !firsts.includes(caller))) answer(writeAlone(asked));
      const Statements = firsts.map(({ asked }) => insertion(table, asked));
      const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }));
      for (const [index, { asked, answer }] of firsts.entries()) {
        const outcome = Responses[index];
        if (outcome !== undefined && outcome.Error === undefined) answer(true);
        else if (outcome?.Error?.Code === 'DuplicateItem') answer(false);
        // A row that the table did not take with the others is written once more on its own.
        else answer(writeAlone(asked));
      }
    },
  });
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
