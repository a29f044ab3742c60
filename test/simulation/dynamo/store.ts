import { type CancellationReason, ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { LocalTable } from '../../../lib/local/deployment.ts';
import { insertionsOf } from '../../../lib/local/refusals/insertions.ts';
import { conditionOf, type Given, holds, keyRange, projected, updated, ValidationError } from './expressions.ts';
import { type Found, type Key, kilobyte, type Lags, noLags, Table } from './table.ts';
import { compare, type Item, storedItem, type Value } from './values.ts';

const largestPage = 1_048_576;
const mostTogether = 100;
const mostInserted = 25;
const largestTransaction = 4 * 1_048_576;
/** How long a transaction that is sent again with its token is recognised as the same. */
const tokenMs = 600_000;
const metadata = { $metadata: { httpStatusCode: 400 } };

/** One write: the row before and after it. For observers that check every step. */
export interface Change {
  readonly table: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface StoreOptions {
  readonly now: () => number;
  readonly lags?: Lags;
  /** Called after each command with what it has written. */
  readonly onCommit?: (changes: readonly Change[]) => void;
}

interface Measured {
  readonly ReturnConsumedCapacity?: string | undefined;
}
interface Expressed {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}
interface Keyed {
  readonly TableName: string | undefined;
  readonly Key?: Readonly<Record<string, unknown>> | undefined;
}
interface Conditional extends Expressed {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}
interface PutInput extends Conditional {
  readonly TableName: string | undefined;
  readonly Item: Readonly<Record<string, unknown>> | undefined;
}
interface UpdateInput extends Conditional, Keyed {
  readonly UpdateExpression?: string | undefined;
  readonly ReturnValues?: string | undefined;
}
interface DeleteInput extends Conditional, Keyed {}

/** A write whose condition holds and that can be done. */
interface Ready {
  readonly table: Table;
  readonly key: Key;
  readonly before: Found | undefined;
  readonly after: Item | undefined;
  readonly size: number;
  readonly changed: readonly string[];
}

/** Thrown when a condition does not hold. */
class Refused extends Error {
  readonly item: Item | undefined;
  constructor(item: Item | undefined) {
    super('The conditional request failed');
    this.item = item;
  }
}

/**
 * DynamoDB in memory, at the level of the SDK's document client: it accepts only the commands and expressions that our code uses. It keeps
 * what the store promises (conditions, transactions, one order of all writes) and makes use of what the store does not promise (reads and
 * indexes lag, rows expire late). A differential test compares it with an emulator.
 */
export class SimulatedDynamo {
  readonly tables: ReadonlyMap<string, Table>;
  private readonly options: StoreOptions;
  private readonly tokens = new Map<string, number>();
  private sent = 0;

  constructor(tables: readonly LocalTable[], options: StoreOptions) {
    this.options = options;
    this.tables = new Map(tables.map((table) => [table.name, new Table(table, options.lags ?? noLags, options.now)]));
  }

  /** A replacement for the real client. @param pass called with each command; decides when and how often the command is done. */
  client(pass: (command: object, perform: () => unknown) => Promise<unknown>): DynamoDBDocumentClient {
    // The SDK's paginators accept only a client of this class.
    return Object.assign(Object.create(DynamoDBDocumentClient.prototype) as DynamoDBDocumentClient, {
      send: (command: object) => {
        const token = this.newToken();
        return pass(command, () => this.perform(command, token));
      },
      destroy: () => undefined,
    });
  }

  /** Does a command at once. @param token the same for each repetition of the same request, as the SDK sends it. */
  perform(command: object, token: string = this.newToken()): unknown {
    if (command instanceof GetCommand) return this.get(command);
    if (command instanceof QueryCommand) return this.query(command);
    if (command instanceof BatchGetCommand) return this.batchGet(command);
    if (command instanceof ScanCommand) return this.scan(command);
    if (command instanceof BatchExecuteStatementCommand) return this.insert(command);
    if (command instanceof TransactWriteCommand) return this.transact(command, command.input.ClientRequestToken ?? token);
    if (command instanceof PutCommand) return this.writeOne(() => this.put(command.input), command.input);
    if (command instanceof UpdateCommand) return this.writeOne(() => this.update(command.input), command.input);
    if (command instanceof DeleteCommand) return this.writeOne(() => this.remove(command.input), command.input);
    throw new Error(`not a command of ours: ${command.constructor.name}`);
  }

  private newToken(): string {
    this.sent += 1;
    return String(this.sent);
  }

  /** The current row with a key. */
  row(name: string, key: Item): Item | undefined {
    const table = this.table(name);
    return table.read(table.keyOf(key), true)?.item;
  }

  /** The current rows of a partition. */
  partition(name: string, partition: string): Item[] {
    return [...this.table(name).walk(partition, true, {}, true)].map(({ item }) => item);
  }

  /** All current rows of a table. */
  rows(name: string): Item[] {
    return [...this.table(name).all()].map(({ item }) => item);
  }

  private get({ input }: GetCommand): object {
    const table = this.table(input.TableName);
    const consistent = input.ConsistentRead === true;
    const found = table.read(table.keyOf(storedItem(input.Key ?? {})), consistent);
    return {
      ...(found && { Item: projected(input.ProjectionExpression, found.item, givenOf(input)) }),
      ...consumed(input, table, readUnits(found?.size ?? 0, consistent)),
    };
  }

  private batchGet({ input }: BatchGetCommand): object {
    const Responses: Record<string, Item[]> = {};
    const ConsumedCapacity: object[] = [];
    for (const [name, { Keys = [], ConsistentRead: consistent = false, ProjectionExpression, ...expressed }] of Object.entries(
      input.RequestItems ?? {},
    )) {
      const table = this.table(name);
      const keys = Keys.map((key) => table.keyOf(storedItem(key)));
      if (keys.length === 0 || keys.length > mostTogether) throw new ValidationError('Too many items requested for the BatchGetItem call');
      const names = new Set(keys.map((key) => JSON.stringify(key)));
      if (names.size < keys.length) throw new ValidationError('Provided list of item keys contains duplicates');
      let units = 0;
      Responses[name] = keys.flatMap((key) => {
        const found = table.read(key, consistent);
        units += readUnits(found?.size ?? 0, consistent);
        return found === undefined ? [] : [projected(ProjectionExpression, found.item, givenOf(expressed))];
      });
      ConsumedCapacity.push({ TableName: name, CapacityUnits: units });
    }
    return { Responses, UnprocessedKeys: {}, ...(input.ReturnConsumedCapacity && { ConsumedCapacity }) };
  }

  private query({ input }: QueryCommand): object {
    const table = this.table(input.TableName);
    const index = input.IndexName === undefined ? undefined : table.indexes.get(input.IndexName);
    if (input.IndexName !== undefined && index === undefined) throw new ValidationError('The table does not have the specified index');
    const consistent = input.ConsistentRead === true;
    if (index !== undefined && consistent) throw new ValidationError('Consistent reads are not supported on global secondary indexes');
    const given = givenOf(input);
    const keys = index?.keys ?? table.keys;
    const range = keyRange(input.KeyConditionExpression ?? '', keys.partition, keys.sort, given);
    if (typeof range.partition !== 'string' || range.partition === '')
      throw new ValidationError(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value',
      );
    const forward = input.ScanIndexForward !== false;
    const start = input.ExclusiveStartKey && storedItem(input.ExclusiveStartKey);
    const first = forward ? range.least : range.most;
    const walk =
      index === undefined
        ? table.walk(range.partition, forward, { after: start && { sort: start[keys.sort ?? ''] ?? '' }, from: first }, consistent)
        : index.walk(range.partition, forward, { after: start, from: first });
    const within = (item: Item): 'before' | 'in' | 'beyond' => {
      const sort = keys.sort === undefined ? '' : (item[keys.sort] ?? '');
      const last = forward ? range.most : range.least;
      const sign = forward ? 1 : -1;
      if (first !== undefined && sign * (compare(sort, first) ?? 0) < 0) return 'before';
      if (last !== undefined && sign * (compare(sort, last) ?? 0) > 0) return 'beyond';
      return range.holds(sort) ? 'in' : 'before';
    };
    return this.page(input, table, walk, within, consistent, (item) =>
      keyItem(item, [keys.partition, keys.sort, table.keys.partition, table.keys.sort]),
    );
  }

  private scan({ input }: ScanCommand): object {
    const table = this.table(input.TableName);
    const rows = [...table.all()];
    const start = input.ExclusiveStartKey && JSON.stringify(table.keyOf(storedItem(input.ExclusiveStartKey)));
    const at = start === undefined ? 0 : rows.findIndex(({ item }) => JSON.stringify(table.keyOf(item)) === start) + 1;
    return this.page(
      input,
      table,
      rows.slice(at),
      () => 'in',
      input.ConsistentRead === true,
      (item) => keyItem(item, [table.keys.partition, table.keys.sort]),
    );
  }

  private page(
    input: Pick<QueryCommand['input'], 'Limit' | 'FilterExpression' | 'ProjectionExpression' | 'ReturnConsumedCapacity'> & Expressed,
    table: Table,
    walk: Iterable<Found>,
    within: (item: Item) => 'before' | 'in' | 'beyond',
    consistent: boolean,
    lastKey: (item: Item) => Item,
  ): object {
    const given = givenOf(input);
    const filter = input.FilterExpression === undefined ? undefined : conditionOf(input.FilterExpression);
    const Items: Item[] = [];
    let [bytes, ScannedCount] = [0, 0];
    let LastEvaluatedKey: Item | undefined;
    for (const { item, size } of walk) {
      const place = within(item);
      if (place === 'beyond') break;
      if (place === 'before') continue;
      bytes += size;
      ScannedCount += 1;
      if (filter === undefined || holds(filter, item, given)) Items.push(projected(input.ProjectionExpression, item, given));
      if (ScannedCount === input.Limit || bytes > largestPage) {
        LastEvaluatedKey = lastKey(item);
        break;
      }
    }
    return {
      Items,
      Count: Items.length,
      ScannedCount,
      ...(LastEvaluatedKey && { LastEvaluatedKey }),
      ...consumed(input, table, readUnits(bytes, consistent)),
    };
  }

  private transact({ input }: TransactWriteCommand, token: string): object {
    const now = this.options.now();
    const known = this.tokens.get(token);
    if (known !== undefined && now - known < tokenMs) return {};
    const items = input.TransactItems ?? [];
    if (items.length === 0 || items.length > mostTogether)
      throw new ValidationError(`Member must have length less than or equal to ${mostTogether}`);
    const names = new Set(items.map((item) => this.nameOf(item)));
    if (names.size < items.length) throw new ValidationError('Transaction request cannot include multiple operations on one item');
    const checks = items.map(({ Put, Update, Delete }) => {
      if (Put !== undefined) return this.attempt(() => this.put(Put), Put);
      if (Update !== undefined) return this.attempt(() => this.update(Update), Update);
      if (Delete !== undefined) return this.attempt(() => this.remove(Delete), Delete);
      throw new Error('not a write of ours');
    });
    const refused = checks.flatMap((check) => ('reason' in check ? [check.reason.Code] : []));
    if (refused.length > 0) {
      const reasons = checks.map((check): CancellationReason => ('reason' in check ? check.reason : { Code: 'None' }));
      throw new TransactionCanceledException({
        message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
        CancellationReasons: reasons,
        ...metadata,
      });
    }
    const ready = checks.flatMap((check) => ('ready' in check ? [check.ready] : []));
    if (ready.reduce((sum, { size }) => sum + size, 0) > largestTransaction)
      throw new ValidationError('Transaction request size exceeded the maximum');
    this.tokens.set(token, now);
    const units = new Map<string, number>();
    for (const write of ready) units.set(write.table.name, (units.get(write.table.name) ?? 0) + this.write(write, 2));
    this.options.onCommit?.(ready.map(changeOf));
    return {
      ...(input.ReturnConsumedCapacity && {
        ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })),
      }),
    };
  }

  /** Statements that each insert a row. Those whose row exists are refused, and the others are done. */
  private insert({ input: { Statements = [], ReturnConsumedCapacity } }: BatchExecuteStatementCommand): object {
    const puts = insertionsOf({ Statements });
    if (puts === undefined || puts.length === 0 || puts.length > mostInserted) throw new Error('not statements of ours');
    const units = new Map<string, number>();
    const Responses = puts.map((put) => {
      const table = this.table(String(put['TableName']));
      const Item = put['Item'] as PutInput['Item'];
      const condition = { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': table.keys.partition } };
      const attempt = this.attempt(() => this.put({ TableName: table.name, Item, ...condition }), {});
      const add = (by: number) => units.set(table.name, (units.get(table.name) ?? 0) + by);
      if ('reason' in attempt) {
        add(1);
        const Code = attempt.reason.Code === 'ConditionalCheckFailed' ? 'DuplicateItem' : attempt.reason.Code;
        return { TableName: table.name, Error: { Code, Message: attempt.reason.Message } };
      }
      add(this.write(attempt.ready, 1));
      this.options.onCommit?.([changeOf(attempt.ready)]);
      return { TableName: table.name };
    });
    const ConsumedCapacity = [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits }));
    return { Responses, ...(ReturnConsumedCapacity && { ConsumedCapacity }) };
  }

  private nameOf({ Put, Update, Delete }: NonNullable<TransactWriteCommand['input']['TransactItems']>[number]): string {
    const table = this.table((Put ?? Update ?? Delete)?.TableName);
    const sent = Put?.Item ?? (Update ?? Delete)?.Key ?? {};
    const { partition, sort } = table.keys;
    const key = storedItem({ [partition]: sent[partition], ...(sort !== undefined && { [sort]: sent[sort] }) });
    return JSON.stringify([table.name, table.keyOf(key)]);
  }

  private attempt(prepare: () => Ready, input: Conditional): { readonly ready: Ready } | { readonly reason: CancellationReason } {
    try {
      return { ready: prepare() };
    } catch (error) {
      if (error instanceof ValidationError) return { reason: { Code: 'ValidationError', Message: error.message } };
      if (!(error instanceof Refused)) throw error;
      return { reason: { Code: 'ConditionalCheckFailed', Message: error.message, ...refusedItem(error, input) } };
    }
  }

  private writeOne(prepare: () => Ready, input: (UpdateInput | PutInput | DeleteInput) & Measured): object {
    const ready = this.prepared(prepare, input);
    const units = this.write(ready, 1);
    this.options.onCommit?.([changeOf(ready)]);
    const { after, changed } = ready;
    return {
      ...('ReturnValues' in input && after !== undefined && { Attributes: returned(input.ReturnValues, after, changed) }),
      ...consumed(input, ready.table, units),
    };
  }

  private prepared(prepare: () => Ready, input: Conditional): Ready {
    try {
      return prepare();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw new ConditionalCheckFailedException({ message: error.message, ...refusedItem(error, input), ...metadata });
    }
  }

  private write({ table, key, before, after, size }: Ready, factor: number): number {
    const own = factor * writeUnits(before?.size ?? 0, size);
    return own + (before === undefined && after === undefined ? 0 : table.write(key, after, size));
  }

  private put(input: PutInput): Ready {
    const table = this.table(input.TableName);
    const item = storedItem(input.Item ?? {});
    const key = table.keyOf(item);
    const size = table.check(item);
    const before = table.read(key, true);
    demand(input, before);
    return { table, key, before, after: item, size, changed: [] };
  }

  private update(input: UpdateInput): Ready {
    const table = this.table(input.TableName);
    const sent = storedItem(input.Key ?? {});
    const key = table.keyOf(sent);
    const before = table.read(key, true);
    demand(input, before);
    const { item, changed } = updated(input.UpdateExpression ?? '', before?.item ?? sent, givenOf(input));
    return { table, key, before, after: item, size: table.check(item), changed };
  }

  private remove(input: DeleteInput): Ready {
    const table = this.table(input.TableName);
    const key = table.keyOf(storedItem(input.Key ?? {}));
    const before = table.read(key, true);
    demand(input, before);
    return { table, key, before, after: undefined, size: 0, changed: [] };
  }

  private table(name: string | undefined): Table {
    const table = this.tables.get(name ?? '');
    if (table === undefined) throw new Error(`there is no table ${name}`);
    return table;
  }
}

/** @throws the store's error when the condition does not hold. */
function demand(input: Conditional, before: Found | undefined): void {
  if (input.ConditionExpression === undefined) return;
  if (holds(conditionOf(input.ConditionExpression), before?.item, givenOf(input))) return;
  throw new Refused(before?.item);
}

function returned(wanted: string | undefined, after: Item, changed: readonly string[]): Item | undefined {
  if (wanted === undefined) return undefined;
  if (wanted === 'ALL_NEW') return after;
  if (wanted === 'UPDATED_NEW') return keyItem(after, changed);
  throw new Error(`not asked for by our code: ${wanted}`);
}

function refusedItem({ item }: Refused, { ReturnValuesOnConditionCheckFailure: wanted }: Conditional) {
  return wanted === 'ALL_OLD' && item !== undefined ? { Item: marshall(item) } : {};
}

function givenOf({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Expressed): Given {
  return { names, values: values && storedItem(values) };
}

function keyItem(item: Item, names: readonly (string | undefined)[]): Item {
  const key: Record<string, Value> = {};
  for (const name of names) {
    const value = name === undefined ? undefined : item[name];
    if (name !== undefined && value !== undefined) key[name] = value;
  }
  return key;
}

function changeOf({ table, before, after }: Ready): Change {
  return { table: table.name, before: before?.item, after };
}

function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / (4 * kilobyte))) * (consistent ? 1 : 0.5);
}

function writeUnits(before: number, after: number): number {
  return Math.max(1, Math.ceil(Math.max(before, after) / kilobyte));
}

function consumed(
  { ReturnConsumedCapacity }: { readonly ReturnConsumedCapacity?: string | undefined },
  { name }: Table,
  units: number,
): object {
  return ReturnConsumedCapacity === undefined ? {} : { ConsumedCapacity: { TableName: name, CapacityUnits: units } };
}
