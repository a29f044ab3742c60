import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type {
  AwsCredentialIdentity,
  HandlerExecutionContext,
  MiddlewareStack,
  Provider,
  SerializeHandler,
  SerializeHandlerArguments,
  StreamCollector,
} from '@smithy/types';
import { signing } from './aws-calls.ts';

/** The parts of a client of the SDK that a call uses. */
interface Client<Input extends object, Output extends object> {
  readonly middlewareStack: Pick<MiddlewareStack<Input, Output>, 'add' | 'addRelativeTo'>;
  readonly config: {
    readonly credentials: Provider<AwsCredentialIdentity>;
    readonly region: Provider<string>;
    readonly requestHandler: { handle(request: HttpRequest): Promise<{ readonly response: HttpResponse }> };
    readonly streamCollector: StreamCollector;
    readonly systemClockOffset: number;
  };
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

interface Options {
  /** The name of the service in its signatures. */
  readonly service: string;
  /** The client's output for an answer of AWS; `undefined` when only the SDK can read this answer. */
  readonly read?: (answer: Json) => Json | undefined;
  /** The part of the client that makes AWS's input of ours; absent when they are the same. */
  readonly after?: string;
}

/** A binary attribute in a request or in an answer. JSON has none, so the SDK must encode and decode it. */
const binary = /"BS?":[[{"]/;
/** It names the trace of an invocation, so that what is sent to a queue belongs to the trace of the postback. */
const traceHeader = 'X-Amzn-Trace-Id';

/**
 * Makes the first attempt of each call without the SDK's own chain of parts, which takes longer than the rest of a call (docs/adr/0021). The
 * SDK makes the first call of each operation, and its request is the pattern for those that follow: only body, time, trace and signature
 * differ. Whatever is not a plain success is handed to the SDK as the outcome of its own first attempt, so errors and retries are the SDK's.
 */
export function callDirectly<Input extends object, Output extends object>(
  { config, middlewareStack }: Client<Input, Output>,
  { service, read = (answer) => answer, after }: Options,
): void {
  const signer = new SignatureV4({ service, region: config.region, credentials: config.credentials, ...signing });
  const patterns = new Map<string, HttpRequest>();
  const outcomes = new WeakMap<object, () => { readonly response: HttpResponse }>();

  const attempt = async ({ headers: { [traceHeader]: _, ...known }, ...pattern }: HttpRequest, body: string): Promise<HttpResponse> => {
    const trace = process.env['_X_AMZN_TRACE_ID'];
    const headers = { ...known, 'content-length': String(Buffer.byteLength(body)), ...(trace ? { [traceHeader]: trace } : {}) };
    const signed = await signer.sign(new HttpRequest({ ...pattern, headers, body }), {
      signingDate: new Date(Date.now() + config.systemClockOffset),
    });
    const { response } = await config.requestHandler.handle(new HttpRequest(signed));
    return response;
  };

  /** @returns `undefined` when the SDK must look at the outcome, which is then kept for it. */
  const call = async (input: object, pattern: HttpRequest, body: string): Promise<{ response: HttpResponse; output: Json } | undefined> => {
    try {
      const response = await attempt(pattern, body);
      outcomes.set(input, () => ({ response }));
      if (response.statusCode !== 200) return undefined;
      response.body = await config.streamCollector(response.body);
      const text = Buffer.from(response.body).toString();
      const answer: unknown = binary.test(text) ? undefined : JSON.parse(text);
      const output = isJson(answer) ? read(answer) : undefined;
      return output && { response, output: { ...output, $metadata: { httpStatusCode: response.statusCode } } };
    } catch (error) {
      outcomes.set(input, () => {
        throw error;
      });
      return undefined;
    }
  };

  const direct =
    (next: SerializeHandler<Input, Output>, { commandName = '' }: HandlerExecutionContext): SerializeHandler<Input, Output> =>
    async (args: SerializeHandlerArguments<Input>) => {
      const pattern = patterns.get(commandName);
      const body = pattern === undefined ? '' : JSON.stringify(args.input);
      const done = pattern === undefined || binary.test(body) ? undefined : await call(args.input, pattern, body);
      return done !== undefined && isOutput<Output>(done.output) ? { response: done.response, output: done.output } : next(args);
    };
  if (after === undefined) middlewareStack.add(direct, { step: 'serialize', priority: 'high' });
  else middlewareStack.addRelativeTo(direct, { relation: 'after', toMiddleware: after });

  middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (HttpRequest.isInstance(args.request)) patterns.set(commandName, HttpRequest.clone(args.request));
        return next(args);
      },
    { step: 'build', priority: 'low' },
  );
  middlewareStack.add(
    (next) => async (args) => {
      const outcome = outcomes.get(args.input);
      outcomes.delete(args.input);
      return outcome === undefined ? next(args) : outcome();
    },
    { step: 'deserialize', priority: 'low' },
  );
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an output contains is AWS's word, as it is with the SDK. Whoever uses a part of it parses that part. */
function isOutput<Output extends object>(output: object): output is Output {
  return '$metadata' in output;
}
