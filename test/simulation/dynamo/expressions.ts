import { NumberValue } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { compare, type Item, isEqual, isItem, stored, type Value } from './values.ts';

/** The expressions that our code uses. All others are refused, so that no answer is a guess. */
type Operand =
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly path: readonly string[] };
type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'compare'; readonly left: Operand; readonly comparator: Comparator; readonly right: Operand }
  | { readonly kind: 'between'; readonly of: Operand; readonly from: Operand; readonly to: Operand }
  | { readonly kind: 'in'; readonly of: Operand; readonly among: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: readonly string[]; readonly wanted: boolean };
interface Update {
  /** `unless`: a path whose value, if there is one, takes the place of the given value (`if_not_exists`). */
  readonly set: readonly { readonly path: readonly string[]; readonly value: string; readonly unless?: readonly string[] | undefined }[];
  readonly add: readonly { readonly path: readonly string[]; readonly value: string }[];
  readonly remove: readonly (readonly string[])[];
}

/** The names and values of an expression's placeholders. */
export interface Given {
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: Readonly<Record<string, Value>> | undefined;
}

const token = /\s*([(),.]|<>|<=|>=|[=<>]|[:#]?[A-Za-z_][\w-]*)/y;

class Reader {
  private readonly tokens: string[] = [];
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    token.lastIndex = 0;
    while (token.lastIndex < text.trimEnd().length) {
      const [, found] = token.exec(text) ?? [];
      if (found === undefined) throw new Error(`not an expression of ours: ${text}`);
      this.tokens.push(found);
    }
  }

  get ended(): boolean {
    return this.at === this.tokens.length;
  }
  peek(): string {
    return this.tokens[this.at] ?? '';
  }
  take(wanted?: string): string {
    const found = this.peek();
    if (found === '' || (wanted !== undefined && found.toUpperCase() !== wanted))
      throw new Error(`not an expression of ours: ${this.text}`);
    this.at += 1;
    return found;
  }
  has(word: string): boolean {
    if (this.peek().toUpperCase() !== word) return false;
    this.at += 1;
    return true;
  }
}

function readPath(reader: Reader): readonly string[] {
  const path = [reader.take()];
  while (reader.has('.')) path.push(reader.take());
  return path;
}

function readOperand(reader: Reader): Operand {
  if (reader.peek().startsWith(':')) return { kind: 'value', name: reader.take() };
  if (!reader.has('SIZE')) return { kind: 'path', path: readPath(reader) };
  reader.take('(');
  const path = readPath(reader);
  reader.take(')');
  return { kind: 'size', path };
}

function readAny(reader: Reader): Condition {
  const parts = [readAll(reader)];
  while (reader.has('OR')) parts.push(readAll(reader));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
}

function readAll(reader: Reader): Condition {
  const parts = [readOne(reader)];
  while (reader.has('AND')) parts.push(readOne(reader));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
}

function readOne(reader: Reader): Condition {
  if (reader.has('(')) {
    const inner = readAny(reader);
    reader.take(')');
    return inner;
  }
  for (const [name, wanted] of [
    ['ATTRIBUTE_EXISTS', true],
    ['ATTRIBUTE_NOT_EXISTS', false],
  ] as const) {
    if (!reader.has(name)) continue;
    reader.take('(');
    const path = readPath(reader);
    reader.take(')');
    return { kind: 'exists', path, wanted };
  }
  const left = readOperand(reader);
  if (reader.has('BETWEEN')) {
    const from = readOperand(reader);
    reader.take('AND');
    return { kind: 'between', of: left, from, to: readOperand(reader) };
  }
  if (reader.has('IN')) {
    reader.take('(');
    const among = [readOperand(reader)];
    while (reader.has(',')) among.push(readOperand(reader));
    reader.take(')');
    return { kind: 'in', of: left, among };
  }
  const comparator = reader.take();
  if (!isComparator(comparator)) throw new Error(`not a comparison of ours: ${comparator}`);
  return { kind: 'compare', left, comparator, right: readOperand(reader) };
}

function isComparator(text: string): text is Comparator {
  return ['=', '<>', '<', '<=', '>', '>='].includes(text);
}

function readUpdate(reader: Reader): Update {
  const set: { path: readonly string[]; value: string; unless?: readonly string[] | undefined }[] = [];
  const add: { path: readonly string[]; value: string }[] = [];
  const remove: (readonly string[])[] = [];
  const each = (read: () => void): void => {
    do read();
    while (reader.has(','));
  };
  const readValue = (): string => {
    const name = reader.take();
    if (!name.startsWith(':')) throw new Error(`not a value of ours: ${name}`);
    return name;
  };
  const readIfNotExists = (): { unless: readonly string[]; value: string } => {
    reader.take('(');
    const unless = readPath(reader);
    reader.take(',');
    const value = readValue();
    reader.take(')');
    return { unless, value };
  };
  while (!reader.ended) {
    if (reader.has('SET'))
      each(() => {
        const path = readPath(reader);
        reader.take('=');
        set.push(reader.has('IF_NOT_EXISTS') ? { path, ...readIfNotExists() } : { path, value: readValue() });
      });
    else if (reader.has('ADD')) each(() => add.push({ path: readPath(reader), value: readValue() }));
    else {
      reader.take('REMOVE');
      each(() => remove.push(readPath(reader)));
    }
  }
  return { set, add, remove };
}

const conditions = new Map<string, Condition>();
const updates = new Map<string, Update>();
const paths = new Map<string, readonly (readonly string[])[]>();

function kept<T>(known: Map<string, T>, text: string, read: (reader: Reader) => T): T {
  const found = known.get(text);
  if (found !== undefined) return found;
  const reader = new Reader(text);
  const made = read(reader);
  if (!reader.ended) throw new Error(`not an expression of ours: ${text}`);
  known.set(text, made);
  return made;
}

export const conditionOf = (text: string): Condition => kept(conditions, text, readAny);

function nameOf(part: string, { names }: Given): string {
  if (!part.startsWith('#')) return part;
  const name = names?.[part];
  if (name === undefined) throw new Error(`${part} stands for nothing`);
  return name;
}

function sentValue(name: string, { values }: Given): Value {
  const value = values?.[name];
  if (value === undefined) throw new Error(`${name} stands for nothing`);
  return value;
}

function lookUp(item: Item | undefined, path: readonly string[], given: Given): Value | undefined {
  let value: Value | undefined = item;
  for (const part of path) {
    if (!isItem(value)) return undefined;
    const name = nameOf(part, given);
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function operandOf(operand: Operand, item: Item | undefined, given: Given): Value | undefined {
  switch (operand.kind) {
    case 'value':
      return sentValue(operand.name, given);
    case 'path':
      return lookUp(item, operand.path, given);
    case 'size': {
      const value = lookUp(item, operand.path, given);
      const size = Array.isArray(value) || typeof value === 'string' ? value.length : isItem(value) ? Object.keys(value).length : undefined;
      return size === undefined ? undefined : stored(size);
    }
    default:
      return operand satisfies never;
  }
}

/** Whether a condition holds for an item; `undefined` as item means that there is none. */
export function holds(condition: Condition, item: Item | undefined, given: Given): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(part, item, given));
    case 'or':
      return condition.parts.some((part) => holds(part, item, given));
    case 'exists':
      return (lookUp(item, condition.path, given) !== undefined) === condition.wanted;
    case 'compare': {
      const [left, right] = [operandOf(condition.left, item, given), operandOf(condition.right, item, given)];
      // A missing value is unequal to everything, and neither smaller nor larger.
      if (left === undefined || right === undefined) return condition.comparator === '<>';
      return compares(left, condition.comparator, right);
    }
    case 'between': {
      const [of, from, to] = [condition.of, condition.from, condition.to].map((operand) => operandOf(operand, item, given));
      return of !== undefined && from !== undefined && to !== undefined && compares(of, '>=', from) && compares(of, '<=', to);
    }
    case 'in': {
      const of = operandOf(condition.of, item, given);
      return of !== undefined && condition.among.some((operand) => isEqual(of, operandOf(operand, item, given) ?? null));
    }
    default:
      return condition satisfies never;
  }
}

function compares(left: Value, comparator: Comparator, right: Value): boolean {
  if (comparator === '=') return isEqual(left, right);
  if (comparator === '<>') return !isEqual(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return comparator satisfies never;
  }
}

/**
 * Returns the item with an update's changes, and leaves the given item as it is. `changed` names the top-level attributes that the update
 * touched.
 */
export function updated(text: string, item: Item, given: Given): { readonly item: Item; readonly changed: readonly string[] } {
  const { set, add, remove } = kept(updates, text, readUpdate);
  const changed = [...set, ...add].map(({ path: [first = ''] }) => nameOf(first, given));
  const next: Record<string, Value> = { ...item };
  for (const { path, value, unless } of set) put(next, path, (unless && lookUp(item, unless, given)) ?? sentValue(value, given), given);
  for (const { path, value } of add) {
    const by = sentValue(value, given);
    const before = lookUp(item, path, given) ?? NumberValue.from('0');
    if (!(by instanceof NumberValue && before instanceof NumberValue))
      throw new ValidationError('An operand in the update expression has an incorrect data type');
    put(next, path, stored(NumberValue.from(new Big(before.toString()).plus(by.toString()).toFixed())), given);
  }
  for (const path of remove) put(next, path, undefined, given);
  return { item: next, changed };
}

/** The error that the store calls a ValidationException. */
export class ValidationError extends Error {
  override name = 'ValidationException';
}

/** Changes an item that nobody else holds; nested values are copied first. */
function put(item: Record<string, Value>, [first = '', ...rest]: readonly string[], value: Value | undefined, given: Given): void {
  const name = nameOf(first, given);
  if (rest.length === 0) {
    if (value === undefined) delete item[name];
    else item[name] = value;
    return;
  }
  const inner = item[name];
  if (!isItem(inner)) throw new ValidationError('The document path provided in the update expression is invalid for update');
  const copy = { ...inner };
  put(copy, rest, value, given);
  item[name] = copy;
}

/** The item with only the attributes that a projection names; without a projection, the whole item. */
export function projected(text: string | undefined, item: Item, given: Given): Item {
  if (text === undefined) return item;
  const wanted = kept(paths, text, (reader) => {
    const found = [readPath(reader)];
    while (reader.has(',')) found.push(readPath(reader));
    return found;
  });
  const shown: Record<string, Value> = {};
  for (const path of wanted) {
    const [first = ''] = path;
    const value = lookUp(item, path, given);
    if (path.length > 1) throw new Error(`not a projection of ours: ${text}`);
    if (value !== undefined) shown[nameOf(first, given)] = value;
  }
  return shown;
}

/** The partition that a key condition names, and the range of sort keys that it admits. */
export interface KeyRange {
  readonly partition: Value;
  /** Whether a sort key is within the range. */
  readonly holds: (sort: Value) => boolean;
  /** The lower bound of the range; absent: there is none. */
  readonly least: Value | undefined;
  readonly most: Value | undefined;
}

export function keyRange(text: string, partition: string, sort: string | undefined, given: Given): KeyRange {
  const condition = conditionOf(text);
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  let of: Value | undefined;
  let [least, most]: (Value | undefined)[] = [];
  const tests: ((value: Value) => boolean)[] = [];
  for (const part of parts) {
    const operand = part.kind === 'compare' ? part.left : part.kind === 'between' ? part.of : undefined;
    if (operand?.kind !== 'path') throw new Error(`not a key condition of ours: ${text}`);
    const name = nameOf(operand.path[0] ?? '', given);
    if (name === partition && part.kind === 'compare' && part.comparator === '=') of = operandOf(part.right, undefined, given);
    else if (name !== sort) throw new ValidationError(`Query condition missed key schema element: ${partition}`);
    else if (part.kind === 'between') {
      least = operandOf(part.from, undefined, given);
      most = operandOf(part.to, undefined, given);
    } else if (part.kind === 'compare') {
      const bound = operandOf(part.right, undefined, given) ?? null;
      const { comparator } = part;
      if (comparator === '=' || comparator === '>' || comparator === '>=') least = bound;
      if (comparator === '=' || comparator === '<' || comparator === '<=') most = bound;
      tests.push((value) => compares(value, comparator, bound));
    }
  }
  if (of === undefined) throw new ValidationError(`Query condition missed key schema element: ${partition}`);
  return { partition: of, least, most, holds: (value) => tests.every((test) => test(value)) };
}
