/**
 * A JSON value from the network. We check it without a schema library, here and in what reads it, because every function's thread would
 * have to load one.
 */
export type Json = Readonly<Record<string, unknown>>;

/** A request to AWS, as the SDK sends it. */
export interface AwsCall {
  /** The header `x-amz-target`, as in `DynamoDB_20120810.PutItem`, or its equivalent. */
  readonly target: string;
  readonly body: Json;
}

/** What AWS answers instead of executing the call. */
export interface Refusal {
  readonly status: number;
  readonly body: Json;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, name: string): Json {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = isObject(value) ? value[name] : undefined;
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, name: string): string {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : '';
}

/** @returns the object, or an empty one when the text is no JSON object; none of our calls is like that. */
export function parseBody(text: string): Json {
  try {
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}
