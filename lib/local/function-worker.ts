/** The inside of a function's thread: loads the bundle once, then answers one message per invocation, many at a time. */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { type InvocationRequest, isInvocationRequest, isWorkerSettings, largestAnswerBytes, type WorkerMessage } from './invocation.ts';
import { judgeCalls } from './refusals/aws-calls.ts';

type Handler = (event: unknown, context: object) => unknown;

const settings: unknown = workerData;
if (!isWorkerSettings(settings)) throw new Error('started without settings');
const { file, exportName, name, arn, memoryMegabytes, rules } = settings;

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function contextOf({ requestId, deadline }: InvocationRequest): object {
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): { errorType: string; errorMessage: string } {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'Error', errorMessage: String(error) };
}

const post = (message: WorkerMessage) => parentPort?.postMessage(message);

judgeCalls(rules, (use, right) => post({ kind: 'right', use, right }));
const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
const handler = exported[exportName];
if (!isHandler(handler)) throw new Error(`${file} exports no function ${exportName}`);

parentPort?.on('message', async (request: unknown) => {
  if (!isInvocationRequest(request)) return;
  const { requestId } = request;
  try {
    // The result becomes text, as in Lambda: values that JSON cannot hold are lost.
    const result = JSON.stringify((await handler(JSON.parse(request.event), contextOf(request))) ?? null);
    if (Buffer.byteLength(result) > largestAnswerBytes) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${largestAnswerBytes} bytes).`;
      process.stderr.write(`${JSON.stringify({ level: 'ERROR', requestId, errorMessage })}\n`);
      post({ kind: 'failed', requestId, errorType: 'Function.ResponseSizeTooLarge', errorMessage });
      return;
    }
    post({ kind: 'done', requestId, result });
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    process.stderr.write(`${JSON.stringify({ level: 'ERROR', requestId, ...describe(error), stack })}\n`);
    post({ kind: 'failed', requestId, ...describe(error) });
  }
});
post({ kind: 'ready' });
