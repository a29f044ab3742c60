import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { budgets, rowBytes } from '../../domain/byte-budget.ts';
import { type Movement, movementOf, sumMovements } from '../../domain/statistics/account.ts';
import { settledAfterMs } from '../../domain/statistics/calendar.ts';
import { decimal, toAttribute } from './item.ts';
import { queryAll } from './query-all.ts';
import { countersOfOne } from './statistics-reader.ts';

export interface PublisherAccounts {
  /**
   * How a publisher's account moved in the quarters that begin between two instants (epoch milliseconds; `to` excluded), by offer and
   * currency. It reads the counters to which the commit of every ledger entry adds, so the result equals the sum of the ledger's entries.
   *
   * @param now epoch milliseconds.
   */
  movements(publisher: string, from: number, to: number, now: number): Promise<readonly Movement[]>;
}

const moved = z.object({ earned: decimal, takenBack: decimal });
const closedRow = z.object({
  counter: z.string(),
  movements: z.array(z.object({ offer: z.string(), currency: z.string(), payout: moved, points: moved })),
});

/**
 * The first request for a month in UTC that is over stores its sums in one row, so an account of years is read as quickly as one of weeks.
 * The rest of a stretch is read from its days.
 */
export function createPublisherAccounts(client: DynamoDBDocumentClient, table: string): PublisherAccounts {
  const partition = (publisher: string): string => `months#${publisher}`;

  const counted = async (publisher: string, from: number, to: number): Promise<Movement[]> => {
    const counters = await countersOfOne(client, table, { from, to, beginning: `${publisher}|`, consistent: true });
    return sumMovements(counters.map(movementOf));
  };

  const closedMonths = async (publisher: string, months: readonly Month[]): Promise<ReadonlyMap<string, readonly Movement[]>> => {
    const [first, last] = [months[0], months.at(-1)];
    if (first === undefined || last === undefined) return new Map();
    const rows = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'day_shard = :partition AND #counter BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#counter': 'counter' },
      ExpressionAttributeValues: { ':partition': partition(publisher), ':first': first.name, ':last': last.name },
    });
    return new Map(rows.map((row) => z.parse(closedRow, row)).map(({ counter, movements }) => [counter, movements]));
  };

  const close = async (publisher: string, { name, begins, ends }: Month): Promise<readonly Movement[]> => {
    const movements = await counted(publisher, begins, ends);
    // A month with so many offers that they fill a row is summed up anew each time.
    if (rowBytes(movements) <= budgets.fullRow)
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { day_shard: partition(publisher), counter: name },
          UpdateExpression: 'SET movements = :movements',
          ExpressionAttributeValues: { ':movements': toAttribute(movements) },
        }),
      );
    return movements;
  };

  return {
    async movements(publisher, from, to, now) {
      const months = monthsTouching(from, to);
      const whole = months.filter(({ begins, ends }) => begins >= from && ends <= to && ends + settledAfterMs <= now);
      const known = await closedMonths(publisher, whole);
      const parts: (readonly Movement[])[] = [];
      // Takes one month after another and stores each sum, so that a request that takes too long was not in vain.
      for (const month of months)
        parts.push(
          known.get(month.name) ??
            (whole.includes(month)
              ? await close(publisher, month)
              : await counted(publisher, Math.max(from, month.begins), Math.min(to, month.ends))),
        );
      return sumMovements(parts.flat());
    },
  };
}

interface Month {
  /** `YYYY-MM`, UTC. */
  readonly name: string;
  readonly begins: number;
  readonly ends: number;
}

function monthsTouching(from: number, to: number): Month[] {
  const months: Month[] = [];
  const first = new Date(from);
  for (let at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth()); at < to; ) {
    const date = new Date(at);
    const ends = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    months.push({ name: date.toISOString().slice(0, 7), begins: at, ends });
    at = ends;
  }
  return months;
}
