import { join } from 'node:path';
import * as z from 'zod';
import { Intrinsics, localAccount, type PhysicalResource } from './intrinsics.ts';
import type { KeysOfTables } from './refusals/key-limits.ts';
import type { Places, Right } from './refusals/rights.ts';
import type { Assembly, TemplateResource } from './template.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableSchema = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});
const queueSchema = z.object({
  VisibilityTimeout: z.int().default(30),
  MessageRetentionPeriod: z.int().optional(),
  DelaySeconds: z.int().optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).optional(),
});
const functionSchema = z.object({
  Handler: z.string(),
  Role: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
});
const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policySchema = z.object({
  Roles: z.array(z.string()),
  PolicyDocument: z.object({ Statement: z.array(z.object({ Effect: z.literal('Allow'), Action: oneOrMore, Resource: oneOrMore })) }),
});
const assetSchema = z.object({ 'aws:asset:path': z.string() });
const mappingSchema = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.int().default(10),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.int() }).default({ MaximumConcurrency: 5 }),
});
const routeSchema = z.object({ RouteKey: z.string(), Target: z.string(), AuthorizerId: z.string().optional() });
const integrationSchema = z.object({ IntegrationUri: z.string(), PayloadFormatVersion: z.literal('2.0') });
const authorizerSchema = z.object({
  AuthorizerUri: z.string(),
  IdentitySource: z.array(z.string()).default([]),
  EnableSimpleResponses: z.literal(true),
  AuthorizerPayloadFormatVersion: z.literal('2.0'),
});
const ruleSchema = z.object({ ScheduleExpression: z.string(), Targets: z.array(z.object({ Arn: z.string() })) });
const secretSchema = z.object({ GenerateSecretString: z.object({ PasswordLength: z.int() }) });

type TableProperties = z.output<typeof tableSchema>;
export type QueueProperties = z.output<typeof queueSchema>;

interface Named {
  /** The logical id in the template. */
  readonly id: string;
  readonly name: string;
}
export interface LocalTable extends Named {
  readonly properties: TableProperties;
}
export interface LocalQueue extends Named {
  readonly arn: string;
  readonly url: string;
  readonly properties: QueueProperties;
}
export interface LocalSecret extends Named {
  readonly arn: string;
  readonly length: number;
}
export interface LocalFunction extends Named {
  readonly arn: string;
  readonly bundle: string;
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What the function's role grants, action by action. */
  readonly rights: readonly Right[];
}
export interface LocalMapping {
  readonly queue: LocalQueue;
  readonly functionName: string;
  readonly batchSize: number;
  readonly maximumConcurrency: number;
  readonly partialFailures: boolean;
}
export interface LocalAuthorizer {
  readonly functionName: string;
  readonly identitySources: readonly string[];
}
export interface LocalRoute {
  /** `<method> <path>`, or `ANY <path>` for all methods. */
  readonly routeKey: string;
  readonly functionName: string;
  readonly authorizer?: LocalAuthorizer;
}
export interface LocalSchedule {
  readonly everyMilliseconds: number;
  readonly functionName: string;
}

export interface DeploymentOptions {
  /** Where functions reach SQS; queue URLs begin with it. */
  readonly queueEndpoint: string;
  /** A prefix of every table's name, so that several systems can share one DynamoDB. */
  readonly tablePrefix: string;
}

/** The assembly's resources with local names, ready to be created. */
export class Deployment {
  private readonly assembly: Assembly;
  private readonly options: DeploymentOptions;
  private readonly intrinsics: Intrinsics;

  constructor(assembly: Assembly, options: DeploymentOptions) {
    this.assembly = assembly;
    this.options = options;
    this.intrinsics = new Intrinsics(assembly, (stack, id) => {
      const resource = assembly.resources.find((candidate) => candidate.stack === stack && candidate.id === id);
      return resource && this.physical(resource);
    });
  }

  get region(): string {
    return this.assembly.region;
  }

  tables(): LocalTable[] {
    return this.ofType('AWS::DynamoDB::GlobalTable').map((resource) => ({
      id: resource.id,
      name: this.physical(resource).ref,
      properties: this.parse(resource, tableSchema),
    }));
  }

  /** The dead-letter queues come first, since the other queues refer to them. */
  queues(): LocalQueue[] {
    return this.ofType('AWS::SQS::Queue')
      .map((resource) => ({
        id: resource.id,
        name: shortName(resource),
        url: this.physical(resource).ref,
        arn: this.arn('sqs', shortName(resource)),
        properties: this.parse(resource, queueSchema),
      }))
      .sort((a, b) => Number(a.properties.RedrivePolicy !== undefined) - Number(b.properties.RedrivePolicy !== undefined));
  }

  /** Names of the topics. */
  topics(): string[] {
    return this.ofType('AWS::SNS::Topic').map(shortName);
  }

  secrets(): LocalSecret[] {
    return this.ofType('AWS::SecretsManager::Secret').map((resource) => ({
      id: resource.id,
      name: shortName(resource),
      arn: this.physical(resource).ref,
      length: this.parse(resource, secretSchema).GenerateSecretString.PasswordLength,
    }));
  }

  functions(): LocalFunction[] {
    return this.ofType('AWS::Lambda::Function').map((resource) => {
      const properties = this.parse(resource, functionSchema);
      return {
        id: resource.id,
        name: functionName(resource),
        arn: this.arn('lambda', `function:${functionName(resource)}`),
        bundle: join(this.assembly.directory, assetSchema.parse(resource.metadata)['aws:asset:path']),
        handler: properties.Handler,
        memoryMegabytes: properties.MemorySize,
        timeoutSeconds: properties.Timeout,
        environment: properties.Environment?.Variables ?? {},
        rights: this.rightsOf(properties.Role),
      };
    });
  }

  /** The key attributes of the tables and their indexes. */
  keys(): KeysOfTables {
    return Object.fromEntries(
      this.tables().map(({ name, properties }) => {
        const indexes = (properties.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema }) => [IndexName, keyNames(KeySchema)]);
        return [name, { ...keyNames(properties.KeySchema), indexes: Object.fromEntries(indexes) }];
      }),
    );
  }

  places(): Places {
    const redrives = this.queues().flatMap(({ arn, properties: { RedrivePolicy } }) =>
      RedrivePolicy === undefined ? [] : [[RedrivePolicy.deadLetterTargetArn, arn]],
    );
    return { region: this.region, account: localAccount, redrives: Object.fromEntries(redrives) };
  }

  private rightsOf(roleArn: string): Right[] {
    return this.ofType('AWS::IAM::Policy')
      .map((resource) => this.parse(resource, policySchema))
      .filter(({ Roles }) => Roles.some((role) => roleArn.endsWith(`role/${role}`)))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))));
  }

  mappings(): LocalMapping[] {
    const queues = this.queues();
    return this.ofType('AWS::Lambda::EventSourceMapping').map((resource) => {
      const properties = this.parse(resource, mappingSchema);
      const queue = queues.find(({ arn }) => arn === properties.EventSourceArn);
      if (!queue) throw new Error(`${resource.id} does not read from a queue of this app`);
      return {
        queue,
        functionName: nameFromArn(properties.FunctionName),
        batchSize: properties.BatchSize,
        maximumConcurrency: properties.ScalingConfig.MaximumConcurrency,
        partialFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      };
    });
  }

  routes(): LocalRoute[] {
    const integrations = new Map(
      this.ofType('AWS::ApiGatewayV2::Integration').map((resource) => [
        `integrations/${resource.id}`,
        nameFromArn(this.parse(resource, integrationSchema).IntegrationUri),
      ]),
    );
    const authorizers = new Map(
      this.ofType('AWS::ApiGatewayV2::Authorizer').map((resource) => {
        const { AuthorizerUri, IdentitySource } = this.parse(resource, authorizerSchema);
        return [resource.id, { functionName: nameFromArn(AuthorizerUri), identitySources: IdentitySource }];
      }),
    );
    return this.ofType('AWS::ApiGatewayV2::Route').map((resource) => {
      const route = this.parse(resource, routeSchema);
      const target = integrations.get(route.Target);
      if (target === undefined) throw new Error(`route ${route.RouteKey} leads nowhere`);
      const authorizer = route.AuthorizerId === undefined ? undefined : authorizers.get(route.AuthorizerId);
      return { routeKey: route.RouteKey, functionName: target, ...(authorizer && { authorizer }) };
    });
  }

  schedules(): LocalSchedule[] {
    return this.ofType('AWS::Events::Rule').flatMap((resource) => {
      const rule = this.parse(resource, ruleSchema);
      return rule.Targets.map((target) => ({
        everyMilliseconds: rateInMilliseconds(rule.ScheduleExpression),
        functionName: nameFromArn(target.Arn),
      }));
    });
  }

  private ofType(type: string): TemplateResource[] {
    return this.assembly.resources.filter((resource) => resource.type === type);
  }

  private parse<S extends z.ZodObject>(resource: TemplateResource, schema: S): z.output<S> {
    // Resolves only what the schema reads: other properties may refer to things that do not exist locally, such as roles.
    const relevant = Object.keys(schema.shape)
      .filter((name) => name in resource.properties)
      .map((name) => [name, this.intrinsics.resolve(resource.stack, resource.properties[name])]);
    const parsed = schema.safeParse(Object.fromEntries(relevant));
    if (!parsed.success) throw new Error(`${resource.stack}/${resource.id}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  }

  private physical(resource: TemplateResource): PhysicalResource {
    const name = shortName(resource);
    switch (resource.type) {
      case 'AWS::DynamoDB::GlobalTable': {
        const table = `${this.options.tablePrefix}${name}`;
        return { ref: table, attributes: { Arn: this.arn('dynamodb', `table/${table}`) } };
      }
      case 'AWS::SQS::Queue': {
        const ref = `${this.options.queueEndpoint}/${localAccount}/${name}`;
        return { ref, attributes: { Arn: this.arn('sqs', name), QueueName: name, QueueUrl: ref } };
      }
      case 'AWS::SNS::Topic': {
        const arn = this.arn('sns', name);
        return { ref: arn, attributes: { TopicArn: arn } };
      }
      case 'AWS::SecretsManager::Secret': {
        const arn = this.arn('secretsmanager', `secret:${name}`);
        return { ref: arn, attributes: { Id: arn } };
      }
      case 'AWS::IAM::Role':
        return { ref: resource.id, attributes: { Arn: `arn:aws:iam::${localAccount}:role/${resource.id}` } };
      case 'AWS::Logs::LogGroup':
        return { ref: resource.id, attributes: { Arn: this.arn('logs', `log-group:${resource.id}`) } };
      case 'AWS::Lambda::Function':
        return { ref: functionName(resource), attributes: { Arn: this.arn('lambda', `function:${functionName(resource)}`) } };
      case 'AWS::Lambda::Alias': {
        const target = this.intrinsics.text(resource.stack, resource.properties['FunctionName']);
        const arn = this.arn('lambda', `function:${nameFromArn(target)}:${String(resource.properties['Name'])}`);
        return { ref: arn, attributes: { AliasArn: arn } };
      }
      default:
        // API, integrations and the like are only referred to by each other.
        return { ref: resource.id, attributes: {} };
    }
  }

  private arn(service: string, rest: string): string {
    return `arn:aws:${service}:${this.assembly.region}:${localAccount}:${rest}`;
  }
}

/** The logical id without the hash that CDK appends. */
function shortName(resource: TemplateResource): string {
  return resource.id.replace(/[0-9A-F]{8}$/, '');
}

function keyNames(schema: z.output<typeof keySchema>): { partition: string; sort?: string } {
  const named = (type: 'HASH' | 'RANGE') => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const sort = named('RANGE');
  return { partition: named('HASH') ?? '', ...(sort !== undefined && { sort }) };
}

function functionName(resource: TemplateResource): string {
  return shortName(resource).toLowerCase();
}

/** The name of the function that an ARN, an invocation URI or a name refers to. */
function nameFromArn(arn: string): string {
  return /function:([^:/]+)/.exec(arn)?.[1] ?? arn;
}

function rateInMilliseconds(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`only rates are understood here, not ${expression}`);
  const milliseconds: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
  return Number(count) * (milliseconds[unit] ?? Number.NaN);
}
