import type { AwsRules, Note } from './refusals/aws-calls.ts';
import type { Right } from './refusals/rights.ts';

/** The settings with which a function's thread starts. */
export interface WorkerSettings {
  readonly file: string;
  readonly exportName: string;
  readonly name: string;
  readonly arn: string;
  readonly memoryMegabytes: number;
  /** What AWS would refuse this function. */
  readonly rules: AwsRules;
}

/** A message to a function's thread. */
export interface InvocationRequest {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  /** The end of the function's time, in milliseconds since 1970. */
  readonly deadline: number;
}

/** A message from a function's thread; `result` is JSON. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'right'; readonly use: Parameters<Note>[0]; readonly right: Right }
  | { readonly kind: 'done'; readonly requestId: string; readonly result: string }
  | { readonly kind: 'failed'; readonly requestId: string; readonly errorType: string; readonly errorMessage: string };

// These guards tell our own threads' messages apart. They use no schema library, because each of the six threads would have to load it.
export function isWorkerSettings(value: unknown): value is WorkerSettings {
  return isObject(value) && typeof value['file'] === 'string' && typeof value['exportName'] === 'string' && isObject(value['rules']);
}
export function isInvocationRequest(value: unknown): value is InvocationRequest {
  return isObject(value) && typeof value['requestId'] === 'string' && typeof value['event'] === 'string';
}
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  return isObject(value) && (value['kind'] === 'ready' || value['kind'] === 'right' || typeof value['requestId'] === 'string');
}
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Something that can be invoked with an event: a function, as its callers see it. */
export interface Invocable {
  /** @throws InvocationError when there is no result. */
  invoke(event: unknown): Promise<unknown>;
}

/** The largest event and the largest answer of a function, in bytes of JSON. */
export const largestEventBytes = 6_291_456;
export const largestAnswerBytes = 6_291_556;

/** Why an invocation has no result. */
export class InvocationError extends Error {
  override name = 'InvocationError';
  readonly reason: 'threw' | 'timed-out' | 'crashed' | 'too-large';

  constructor(reason: InvocationError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
