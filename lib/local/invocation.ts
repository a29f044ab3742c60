import * as z from 'zod';

/** What a function's thread is told. */
export const invocationRequestSchema = z.object({ requestId: z.string(), event: z.string(), deadline: z.number() });
export type InvocationRequest = z.output<typeof invocationRequestSchema>;

/** What a function's thread tells. */
export const workerMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('done'), requestId: z.string(), result: z.string() }),
  z.object({ kind: z.literal('failed'), requestId: z.string(), errorType: z.string(), errorMessage: z.string() }),
]);
export type WorkerMessage = z.output<typeof workerMessageSchema>;

/** Something that runs with an event: a function, seen by what calls it. */
export interface Invocable {
  /** @throws InvocationError when there is no result. */
  invoke(event: unknown): Promise<unknown>;
}

/** Why an invocation has no result. */
export class InvocationError extends Error {
  override name = 'InvocationError';
  readonly reason: 'threw' | 'timed-out' | 'crashed';

  constructor(reason: InvocationError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
