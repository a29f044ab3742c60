import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { synthesise } from './assembly.ts';
import { checkStart } from './check-start.ts';
import { Deployment, type LocalFunction, type LocalMapping, type LocalQueue, type LocalTable } from './deployment.ts';
import { lockDirectory } from './directory-lock.ts';
import { type DynamoEmulator, startDynamoEmulator } from './dynamo-emulator.ts';
import { FunctionHost } from './function-host.ts';
import { FunctionLog } from './function-log.ts';
import { Gateway, type LocalPages } from './gateway.ts';
import { endpointsFile } from './open-tables.ts';
import { startQueueEmulator } from './queue-emulator.ts';
import { QueuePoller } from './queue-poller.ts';
import { createQueues } from './queues.ts';
import type { Note } from './refusals/aws-calls.ts';
import { type Right, rightName } from './refusals/rights.ts';
import { noteRight } from './refusals/used-rights.ts';
import { Scheduler } from './scheduler.ts';
import { loadSecrets, SecretsEndpoint } from './secrets.ts';
import { createTables, deleteTables } from './tables.ts';
import { readAssembly } from './template.ts';

/** Where functions reach AWS. */
export interface LocalEndpoints {
  readonly dynamodb: string;
  readonly sqs: string;
}

export interface LocalOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Where everything is kept; with `:memory:` nothing is kept. */
  readonly dataDir: string;
  /** @default - a token is generated and kept in `dataDir` */
  readonly adminToken?: string;
  /** A DynamoDB that already runs. @default - an emulator is started */
  readonly dynamodbEndpoint?: string;
  /** Variables for every function; they override those of the template. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Puts something between the functions and the emulators, such as a proxy that makes calls fail. The runner itself bypasses it. */
  readonly intercept?: (endpoints: LocalEndpoints) => Promise<LocalEndpoints>;
  /** Takes rights away that a function's role grants, so that a test can show what happens when one is missing. @default - none */
  readonly withhold?: (right: Right, functionName: string) => boolean;
  /** Pages of the runner itself, beside the app's routes. */
  readonly pages?: LocalPages;
  /** Called before each step that takes long. */
  readonly progress?: (text: string) => void;
  /** Whether the queues are polled; a test may want to look at a message first. @default true */
  readonly poll?: boolean;
  /** Whether schedules run without a call. @default true */
  readonly schedules?: boolean;
}

/** The whole system, running on this machine. */
export interface LocalSystem {
  readonly url: string;
  readonly adminToken: string;
  readonly region: string;
  /** Whether the data directory was empty. */
  readonly isNew: boolean;
  /** By the part of the name before `Table`, such as `Conversions`. */
  readonly tables: ReadonlyMap<string, LocalTable>;
  /** By name, such as `ConversionsQueue` and `ConversionsDeadLetters`. */
  readonly queues: ReadonlyMap<string, LocalQueue>;
  /** The emulators themselves, without any interception. */
  readonly endpoints: LocalEndpoints;
  /** Where Secrets Manager listens, and the ARN of the secret that holds the first admin token. */
  readonly secrets: { readonly endpoint: string; readonly adminToken: string };
  /** Invokes a function with the given event. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Ends a function's thread in the middle of whatever it does; the thread is then started again. */
  kill(name: string): Promise<void>;
  /** The last lines that a function wrote. */
  log(name: string): readonly string[];
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Runs what the synthesised app describes: its routes, functions, queues, tables and schedules.
 *
 * @throws Error when something does not start; everything that had started is stopped first.
 */
export async function startLocal(options: LocalOptions): Promise<LocalSystem> {
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: LocalOptions, undo: (() => Promise<void> | void)[], stop: () => Promise<void>): Promise<LocalSystem> {
  const directory = options.dataDir === ':memory:' ? undefined : options.dataDir;
  await checkStart({ port: options.port, directory, dynamodbEndpoint: options.dynamodbEndpoint });
  if (directory !== undefined) undo.push(lockDirectory(directory));
  const { progress = () => undefined } = options;
  const assembly = await readAssembly(
    await synthesise('dev', {
      onBuild: () => progress('Building the system from its sources. This takes about half a minute, and only after a change.'),
    }),
  );
  progress('Starting tables, queues and functions.');
  const [dynamo, queueEmulator] = await Promise.all([
    dynamoFor(options, directory),
    startQueueEmulator({ region: assembly.region, ...(directory !== undefined && { dataDir: join(directory, 'queues') }) }),
  ]);
  undo.push(
    () => dynamo.stop(),
    () => queueEmulator.stop(),
  );
  const endpoints = { dynamodb: dynamo.endpoint, sqs: queueEmulator.endpoint };
  // For programs that run beside this one, such as the reconciler.
  if (directory !== undefined) writeFileSync(join(directory, endpointsFile), JSON.stringify(endpoints));
  const functionEndpoints = options.intercept ? await options.intercept(endpoints) : endpoints;
  const prefix = tablePrefix(options, directory);
  const deployment = new Deployment(assembly, { queueEndpoint: functionEndpoints.sqs, tablePrefix: prefix });
  const { region } = deployment;

  const dynamoClient = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const queueClient = new SQSClient({ region, endpoint: endpoints.sqs, credentials, useQueueUrlAsEndpoint: false });
  // The emulator of SQS also serves SNS.
  const topicClient = new SNSClient({ region, endpoint: endpoints.sqs, credentials });
  const tables = deployment.tables();
  const [isNew] = await Promise.all([
    createTables(dynamoClient, tables),
    createQueues(queueClient, deployment.queues()),
    ...deployment.topics().map((Name) => topicClient.send(new CreateTopicCommand({ Name }))),
  ]);
  if (options.dynamodbEndpoint !== undefined && directory === undefined) undo.push(() => deleteTables(dynamoClient, tables));

  const secrets = deployment.secrets();
  const values = await loadSecrets(secrets, directory, options.adminToken === undefined ? {} : { AdminToken: options.adminToken });
  const secretsEndpoint = new SecretsEndpoint(secrets, values);
  await secretsEndpoint.start();
  undo.push(() => secretsEndpoint.stop());

  const places = deployment.places();
  const keys = deployment.keys();
  const { withhold } = options;
  // V8's compiled form of the bundles is kept beside them: compiling all of them takes a second at each start.
  const compileCache = join(assembly.directory, 'compiled');
  const noteOf =
    (name: string): Note =>
    (use, right) => {
      // A right that was taken away on purpose is not missing in any deployment.
      if (withhold === undefined)
        noteRight(assembly.directory, name, use, { ...right, resource: right.resource.replace(`table/${prefix}`, 'table/') });
    };
  const functions = new Map(
    deployment.functions().map((definition) => {
      const environment = environmentOf(
        definition,
        { ...functionEndpoints, sns: endpoints.sqs, secrets: secretsEndpoint.endpoint },
        region,
        compileCache,
        options.environment,
      );
      const log = new FunctionLog(directory === undefined ? undefined : join(directory, 'logs', `${definition.name}.log`));
      const rules = {
        role: {
          functionName: definition.name,
          rights: definition.rights.filter((right) => withhold?.(right, definition.name) !== true),
          places,
        },
        keys,
      };
      return [definition.name, new FunctionHost(definition, environment, log, rules, noteOf(definition.name))];
    }),
  );
  undo.push(async () => {
    await Promise.all([...functions.values()].map((host) => host.stop()));
  });
  await Promise.all([...functions.values()].map((host) => host.start()));
  const host = (name: string) => {
    const found = functions.get(name);
    if (!found) throw new Error(`no function ${name}; there are: ${[...functions.keys()].join(', ')}`);
    return found;
  };

  const gateway = new Gateway(deployment.routes(), functions, options.pages);
  if (options.poll !== false) {
    const pollers = deployment.mappings().map((mapping) => {
      const target = host(mapping.functionName);
      checkConsumer(mapping, target.definition, noteOf(mapping.functionName));
      return new QueuePoller(queueClient, mapping, target, region, () => gateway.callersWaiting);
    });
    for (const poller of pollers) poller.start();
    undo.push(async () => {
      await Promise.all(pollers.map((poller) => poller.stop()));
    });
  }
  if (options.schedules !== false) {
    const scheduler = new Scheduler();
    scheduler.start(deployment.schedules(), functions, region);
    undo.push(() => scheduler.stop());
  }
  const port = await gateway.start(options.port);
  undo.push(() => gateway.stop());

  return {
    url: `http://127.0.0.1:${port}`,
    adminToken: values.get('AdminToken') ?? '',
    region,
    isNew,
    tables: new Map(tables.map((table) => [table.id.replace(/Table[0-9A-F]{8}$/, ''), table])),
    queues: new Map(deployment.queues().map((queue) => [queue.name, queue])),
    endpoints,
    secrets: { endpoint: secretsEndpoint.endpoint, adminToken: secrets.find(({ name }) => name === 'AdminToken')?.arn ?? '' },
    invoke: (name, event) => host(name).invoke(event),
    kill: (name) => host(name).kill(),
    log: (name) => host(name).logLines,
    stop,
  };
}

/**
 * Lambda reads a queue with the rights of the function, and CloudFormation refuses a mapping when the function lacks one of them.
 *
 * @throws Error in CloudFormation's words.
 */
function checkConsumer({ queue }: LocalMapping, { rights }: LocalFunction, note: Note): void {
  const granted = new Set(rights.map(rightName));
  for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
    const right = { action: `sqs:${action}`, resource: queue.arn };
    if (!granted.has(rightName(right))) {
      note('missing', right);
      throw new Error(`The function execution role does not have permissions to call ${action} on ${queue.name}`);
    }
    note('used', right);
  }
}

async function dynamoFor(options: LocalOptions, directory: string | undefined): Promise<DynamoEmulator> {
  const { dynamodbEndpoint } = options;
  if (dynamodbEndpoint !== undefined) return { endpoint: dynamodbEndpoint, stop: async () => undefined };
  return startDynamoEmulator(directory);
}

/** In a DynamoDB of our own tables need no prefix; in one that others use, the prefix keeps our names apart from theirs. */
function tablePrefix(options: LocalOptions, directory: string | undefined): string {
  if (options.dynamodbEndpoint === undefined) return '';
  return directory === undefined ? `local-${randomBytes(6).toString('hex')}-` : 'local-';
}

/** The environment that Lambda and the template give a function, with AWS on this machine. */
function environmentOf(
  definition: LocalFunction,
  endpoints: LocalEndpoints & { readonly sns: string; readonly secrets: string },
  region: string,
  compileCache: string,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    PATH: process.env['PATH'] ?? '',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Every request then names the function that sends it.
    AWS_ACCESS_KEY_ID: definition.name,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    NODE_COMPILE_CACHE: compileCache,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
    ...definition.environment,
    // A local run's publishers are on this machine, and a changed setting should take effect at once.
    ...('OUTBOUND_POLICY' in definition.environment && { OUTBOUND_POLICY: 'local' }),
    SETTINGS_CACHE_SECONDS: '0',
    ...overrides,
  };
}
