import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import type { LocalSecret } from './deployment.ts';
import { closeServer, listen } from './http-server.ts';
import { unusable } from './unusable-file.ts';

const fileName = 'secrets.json';
const fileSchema = z.record(z.string(), z.string());
const requestSchema = z.object({ SecretId: z.string(), SecretString: z.string().optional() });

/** The secrets' values. Each is generated once and kept from run to run. */
export type SecretValues = ReadonlyMap<string, string>;

/**
 * Reads the values that earlier runs have kept.
 *
 * @throws Error naming the file when it holds something else.
 */
export function readSecrets(directory: string): Record<string, string> {
  const file = join(directory, fileName);
  if (!existsSync(file)) return {};
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw unusable(file, 'it does not hold JSON with the secrets of this system, or cannot be read');
  }
}

/**
 * @param directory where the values are kept, readable only by this user; absent: they are not kept.
 * @param given values that come from elsewhere, by the secret's name; they are not kept.
 */
export async function loadSecrets(
  secrets: readonly LocalSecret[],
  directory: string | undefined,
  given: Readonly<Record<string, string>> = {},
): Promise<SecretValues> {
  const file = directory === undefined ? undefined : join(directory, fileName);
  const kept = directory === undefined ? {} : readSecrets(directory);
  for (const secret of secrets)
    kept[secret.name] ??= randomBytes(secret.length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, secret.length);
  if (file !== undefined) {
    await writeFile(file, JSON.stringify(kept, null, 2), { mode: 0o600 });
    await chmod(file, 0o600);
  }
  return new Map(secrets.map(({ name }) => [name, given[name] ?? kept[name] ?? '']));
}

/**
 * Serves two operations of Secrets Manager: GetSecretValue, which functions use, and PutSecretValue, which operators use. A value that is
 * put lasts until the run ends.
 */
export class SecretsEndpoint {
  private readonly server: Server;
  private readonly byId = new Map<string, { arn: string; name: string; value: string }>();
  endpoint = '';

  constructor(secrets: readonly LocalSecret[], values: SecretValues) {
    for (const { arn, name } of secrets) {
      const secret = { arn, name, value: values.get(name) ?? '' };
      this.byId.set(arn, secret).set(name, secret);
    }
    this.server = createServer((request, response) => {
      json(request).then(
        (body) => this.answer(String(request.headers['x-amz-target']), body, response),
        () => send(response, 400, { __type: 'InvalidRequestException', message: 'not JSON' }),
      );
    });
  }

  async start(): Promise<void> {
    this.endpoint = `http://127.0.0.1:${await listen(this.server, 0)}`;
  }

  async stop(): Promise<void> {
    await closeServer(this.server);
  }

  private answer(target: string, body: unknown, response: ServerResponse): void {
    const request = requestSchema.safeParse(body);
    const isPut = target === 'secretsmanager.PutSecretValue';
    if (!(isPut || target === 'secretsmanager.GetSecretValue') || !request.success) {
      send(response, 400, { __type: 'InvalidRequestException', message: `not supported here: ${target}` });
      return;
    }
    const secret = this.byId.get(request.data.SecretId);
    if (secret && isPut) secret.value = request.data.SecretString ?? '';
    if (!secret) send(response, 400, { __type: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret." });
    else send(response, 200, { ARN: secret.arn, Name: secret.name, SecretString: secret.value, VersionStages: ['AWSCURRENT'] });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
