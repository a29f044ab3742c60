import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createJsonService } from '../../functions/adapters/aws/json-service.ts';
import { closeServer, listen } from '../../lib/local/http-server.ts';

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const asked: Asked[] = [];
let stop: () => Promise<void> = async () => undefined;
afterEach(async () => {
  await stop();
  asked.length = 0;
});

/** A service whose answers are these, the last one again and again. */
async function serviceThat(...answers: ((response: ServerResponse) => void)[]): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      asked.push({ headers: request.headers, body: body.toString() });
      (answers[asked.length - 1] ?? answers.at(-1))?.(response);
    });
  });
  stop = () => closeServer(server, 0);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}

const says =
  (status: number, body: object | string) =>
  (response: ServerResponse): void => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const hangsUp = (response: ServerResponse): void => void response.destroy();

const environment = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
const call = (more: NodeJS.ProcessEnv = {}) =>
  createJsonService({ service: 'dynamodb', target: 'DynamoDB_20120810', environment: { ...environment, ...more } });

describe('a call of a service of AWS', () => {
  test('says what is wanted, of whom, and for whom it is traced', async () => {
    const endpoint = await serviceThat(says(200, { Item: { a: 'ü' } }));
    const more = { AWS_SESSION_TOKEN: 'token', _X_AMZN_TRACE_ID: 'Root=1-a' };
    await expect(call(more)(endpoint, 'GetItem', { Key: 'ü' })).resolves.toEqual({ Item: { a: 'ü' } });
    const [{ headers, body }] = asked as [Asked];
    expect(JSON.parse(body)).toEqual({ Key: 'ü' });
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'x-amz-security-token': 'token',
      'x-amzn-trace-id': 'Root=1-a',
    });
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
  });

  test.each([
    ['a failure of the service', says(500, { __type: 'com.amazonaws#InternalServerError' })],
    ['an answer that is not the service’s', says(502, '<html>')],
    ['a request that is too many', says(400, { __type: 'com.amazonaws#ThrottlingException' })],
    ['a connection that ends', hangsUp],
  ])('is made again after %s, saying the same', async (_, fault) => {
    const endpoint = await serviceThat(fault, fault, says(200, { done: true }));
    await expect(call()(endpoint, 'PutItem', { a: 1 })).resolves.toEqual({ done: true });
    expect(asked.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
  });

  test('ends after three tries with what went wrong', async () => {
    const endpoint = await serviceThat(says(500, { __type: 'com.amazonaws#InternalServerError', message: 'no' }));
    await expect(call()(endpoint, 'PutItem', {})).rejects.toMatchObject({ name: 'InternalServerError', message: 'no', status: 500 });
    expect(asked).toHaveLength(3);
  });

  test('is not made again when it was refused, and tells why', async () => {
    const refusal = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Message: 'changed', Item: { a: 1 } };
    const endpoint = await serviceThat(says(400, refusal));
    await expect(call()(endpoint, 'PutItem', {})).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'changed',
      details: { Item: { a: 1 } },
    });
    expect(asked).toHaveLength(1);
  });

  test('does not wait for an answer that does not come', async () => {
    const endpoint = await serviceThat(() => undefined, says(200, {}));
    const from = performance.now();
    await expect(call()(endpoint, 'GetItem', {})).resolves.toEqual({});
    expect(performance.now() - from).toBeGreaterThan(2_900);
  }, 15_000);
});
