/** What one request to DynamoDB consumed. */
export interface Consumed {
  readonly operation: string;
  readonly table: string;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Units by the name of the index; the rest belongs to the table itself. */
  readonly indexes: Readonly<Record<string, number>>;
}

/** All requests of functions to AWS in some time. */
export interface Consumption {
  readonly dynamodb: readonly Consumed[];
  /** Requests to SQS by action. */
  readonly sqs: Readonly<Record<string, number>>;
  /** Requests of the functions to DynamoDB and SQS together. */
  readonly calls: number;
}

export function writeUnits({ dynamodb }: Consumption): number {
  return dynamodb.reduce((sum, { writeUnits: units }) => sum + units, 0);
}

export function readUnits({ dynamodb }: Consumption): number {
  return dynamodb.reduce((sum, { readUnits: units }) => sum + units, 0);
}

export function sqsRequests({ sqs }: Consumption): number {
  return Object.values(sqs).reduce((sum, count) => sum + count, 0);
}

/** Units by table and index, for a person who asks where they come from. */
export function byTable({ dynamodb }: Consumption, kind: 'writeUnits' | 'readUnits'): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  const add = (name: string, amount: number) => {
    if (amount > 0) units.set(name, (units.get(name) ?? 0) + amount);
  };
  for (const consumed of dynamodb) {
    if (consumed[kind] === 0) continue;
    const inIndexes = Object.values(consumed.indexes).reduce((sum, amount) => sum + amount, 0);
    add(consumed.table, consumed[kind] - inIndexes);
    for (const [name, amount] of Object.entries(consumed.indexes)) add(`${consumed.table}/${name}`, amount);
  }
  return new Map([...units].sort(([a], [b]) => (a < b ? -1 : 1)));
}
