import type { AwsRules, Note } from './refusals/aws-calls.ts';
import type { Right } from './refusals/rights.ts';

/** What a function's thread is started with. */
export interface WorkerSettings {
  readonly file: string;
  readonly exportName: string;
  readonly name: string;
  readonly arn: string;
  readonly memoryMegabytes: number;
  /** What AWS would refuse it. */
  readonly rules: AwsRules;
}

/** What a function's thread is told. */
export interface InvocationRequest {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  /** When the function's time is up, in milliseconds since 1970. */
  readonly deadline: number;
}

/** What a function's thread tells; `result` is JSON. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'right'; readonly use: Parameters<Note>[0]; readonly right: Right }
  | { readonly kind: 'done'; readonly requestId: string; readonly result: string }
  | { readonly kind: 'failed'; readonly requestId: string; readonly errorType: string; readonly errorMessage: string };

// These tell apart what our own threads say to each other. By hand: six threads would each load a schema library for it.
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

/** Something that runs with an event: a function, seen by what calls it. */
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
