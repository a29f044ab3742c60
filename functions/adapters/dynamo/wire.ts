import { NumberValue } from '@aws-sdk/lib-dynamodb';

/** A JSON object, as requests and answers are made of. */
type Members = Readonly<Record<string, unknown>>;

/** Members of requests and answers that are rows or parts of rows, and those that are lists of them. */
const rows = new Set(['Item', 'Key', 'Attributes', 'ExpressionAttributeValues', 'ExclusiveStartKey', 'LastEvaluatedKey']);
const listsOfRows = new Set(['Items', 'Keys']);

/** A request's input as it is sent: what is of rows, written as DynamoDB's attribute values. */
export function toWire(input: Members): Members {
  return eachRow(input, toAttributes);
}

/** An answer as the document client gives it: numbers as exact text ({@link NumberValue}), never as binary floating point. */
export function fromWire(output: Members): Members {
  return eachRow(output, fromAttributes);
}

type Change = (row: Members) => Members;

/** Finds the rows in it, however deep: a transaction has them in its parts, a batch below its tables. */
function eachRow(members: Members, change: Change): Members {
  return mapMembers(members, (value, name) => {
    if (rows.has(name)) return isObject(value) ? change(value) : value;
    if (listsOfRows.has(name)) return listOf(value, change);
    // By table, which may have any name.
    if (name === 'Responses' && isObject(value)) return mapMembers(value, (found) => listOf(found, change));
    if ((name === 'RequestItems' || name === 'UnprocessedKeys') && isObject(value))
      return mapMembers(value, (wanted) => within(wanted, change));
    return within(value, change);
  });
}

function within(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((one) => within(one, change));
  return isObject(value) ? eachRow(value, change) : value;
}

/** `Object.fromEntries` defines own members, whatever they are called. */
function mapMembers(members: Members, change: (value: unknown, name: string) => unknown): Members {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value, name)]));
}

function listOf(value: unknown, change: Change): unknown {
  return Array.isArray(value) ? value.map((row) => (isObject(row) ? change(row) : row)) : value;
}

function toAttributes(row: Members): Members {
  const attributes: [string, unknown][] = [];
  for (const [name, value] of Object.entries(row)) if (value !== undefined) attributes.push([name, toAttributeValue(value)]);
  return Object.fromEntries(attributes);
}

/** @throws TypeError for what has no attribute value: nothing is ever stored as something else. */
function toAttributeValue(value: unknown): Members {
  if (typeof value === 'string') return { S: value };
  if (value instanceof NumberValue) return { N: value.toString() };
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter((one) => one !== undefined).map(toAttributeValue) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (value instanceof Set && value.size > 0) return { SS: [...value].map(String) };
  if (isPlain(value)) return { M: toAttributes(value) };
  throw new TypeError(`no attribute value for a ${typeof value}`);
}

function fromAttributes(attributes: Members): Members {
  return mapMembers(attributes, fromAttributeValue);
}

/** @throws TypeError for what is no attribute value of ours. */
function fromAttributeValue(attribute: unknown): unknown {
  const [entry] = isObject(attribute) ? Object.entries(attribute) : [];
  const [type, value] = entry ?? [];
  switch (type) {
    case 'S':
    case 'BOOL':
      return value;
    case 'N':
      return NumberValue.from(String(value));
    case 'NULL':
      return null;
    case 'M':
      return isObject(value) ? fromAttributes(value) : {};
    case 'L':
      return Array.isArray(value) ? value.map(fromAttributeValue) : [];
    case 'SS':
      return new Set(Array.isArray(value) ? value : []);
    case 'B':
      return new Uint8Array(Buffer.from(String(value), 'base64'));
    default:
      throw new TypeError(`no value for an attribute of type ${type}`);
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is Members {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
