import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSigner } from '../../functions/adapters/aws/signature.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

interface Sent {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What the SDK would send. */
async function sentBySdk(note: string, sessionToken?: string): Promise<Sent> {
  const sent: Sent[] = [];
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: 'https://dynamodb.eu-central-1.amazonaws.com',
    credentials: { ...credentials, ...(sessionToken !== undefined && { sessionToken }) },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: Sent) => {
        sent.push(request);
        throw new Error('nothing is sent');
      },
    },
  });
  await client.send(new PutItemCommand({ TableName: 'Notes', Item: { note: { S: note } } })).catch(() => undefined);
  const [request] = sent;
  if (request === undefined) throw new Error('the SDK has sent nothing');
  return request;
}

describe('a request to AWS', () => {
  test('is signed exactly as the SDK signs it, whatever it says', async () => {
    const sign = createSigner('dynamodb', 'eu-central-1', credentials);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.option(fc.stringMatching(/^[0-9a-zA-Z+/=]{1,40}$/), { nil: undefined }),
        async (note, token) => {
          const { headers, body } = await sentBySdk(note, token);
          const { authorization = '', 'x-amz-date': date = '' } = headers;
          const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
          expect(names).toContain('x-amz-target');
          const signed = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
          expect(sign({ headers: signed, body, date })).toBe(authorization);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('has another signature on another day, in another region and of another function', () => {
    const request = { headers: { host: 'h' }, body: '{}', date: '20260102T030405Z' };
    const tomorrow = { ...request, date: '20260103T030405Z' };
    const sign = createSigner('sqs', 'us-east-1', credentials);
    const signatures = [
      sign(request),
      sign(tomorrow),
      sign(request).concat(),
      createSigner('sqs', 'us-west-2', credentials)(request),
      createSigner('sqs', 'us-east-1', { ...credentials, secretAccessKey: 'another' })(request),
    ].map((text) => text.split('Signature=')[1]);
    expect(new Set(signatures).size).toBe(4);
    expect(signatures[2]).toBe(signatures[0]);
  });
});
