import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { closeServer, listen } from '../../lib/local/http-server.ts';
import type { LocalEndpoints } from '../../lib/local/start-local.ts';
import type { Consumed, Consumption } from './consumption.ts';

const writing = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'BatchExecuteStatement', 'TransactWriteItems']);

const unitsSchema = z.object({ CapacityUnits: z.number() });
const capacitySchema = z.object({
  TableName: z.string(),
  CapacityUnits: z.number(),
  GlobalSecondaryIndexes: z.record(z.string(), unitsSchema).optional(),
});
const answerSchema = z.object({ ConsumedCapacity: z.union([capacitySchema, z.array(capacitySchema)]).optional() });
const requestSchema = z.record(z.string(), z.unknown());

/**
 * A proxy between the functions and the emulators. It asks DynamoDB what each request consumed, so that the functions themselves need no
 * code for measurements. It also counts the requests to SQS.
 */
export class CapacityProxy {
  private dynamodb: Consumed[] = [];
  private sqs: Record<string, number> = {};
  private calls = 0;
  private readonly servers: Server[] = [];

  /** To be passed as `intercept` to `startLocal`. */
  readonly intercept = async (endpoints: LocalEndpoints): Promise<LocalEndpoints> => ({
    dynamodb: await this.listen(endpoints.dynamodb, (request, response) => this.passDynamodb(endpoints.dynamodb, request, response)),
    sqs: await this.listen(endpoints.sqs, (request, response) => this.passSqs(endpoints.sqs, request, response)),
  });

  /** Returns what was consumed since the last call. */
  take(): Consumption {
    const { dynamodb, sqs, calls } = this;
    this.dynamodb = [];
    this.sqs = {};
    this.calls = 0;
    return { dynamodb, sqs, calls };
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => closeServer(server, 0)));
  }

  private async listen(_target: string, pass: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<string> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.calls += 1;
      pass(request, response).catch(() => response.destroy());
    });
    this.servers.push(server);
    return `http://127.0.0.1:${await listen(server, 0)}`;
  }

  private async passDynamodb(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const asked = requestSchema.parse(JSON.parse((await buffer(request)).toString()));
    const answer = await forward(target, request, JSON.stringify({ ...asked, ReturnConsumedCapacity: 'INDEXES' }));
    if (answer.status === 200) this.note(operation, answerSchema.parse(JSON.parse(answer.body)).ConsumedCapacity);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  private note(operation: string, capacity: z.output<typeof answerSchema>['ConsumedCapacity']): void {
    for (const { TableName, CapacityUnits, GlobalSecondaryIndexes = {} } of [capacity ?? []].flat()) {
      const indexes = Object.fromEntries(Object.entries(GlobalSecondaryIndexes).map(([name, units]) => [name, units.CapacityUnits]));
      const isWrite = writing.has(operation);
      const table = TableName.replace(/Table$/, '').toLowerCase();
      this.dynamodb.push({ operation, table, indexes, writeUnits: isWrite ? CapacityUnits : 0, readUnits: isWrite ? 0 : CapacityUnits });
    }
  }

  private async passSqs(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? 'unknown';
    this.sqs[action] = (this.sqs[action] ?? 0) + 1;
    const answer = await forward(target, request, (await buffer(request)).toString());
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}

interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The emulators check no signatures, so they accept a changed body. */
function forward(target: string, original: IncomingMessage, body: string): Promise<ForwardedAnswer> {
  const { hostname, port } = new URL(target);
  const headers = { ...original.headers, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path: original.url, method: original.method, headers }, (incoming) => {
      buffer(incoming).then((bytes) => {
        const kept = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'];
        const answered = kept.flatMap((name) => {
          const value = incoming.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        });
        resolve({ status: incoming.statusCode ?? 502, headers: Object.fromEntries(answered), body: bytes.toString() });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
