import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyBody } from '../support/local-stack.ts';
import { accessLogLeaks, allowancesThatDeny, missingPermissions, selfFeedingQueues, unboundedAllowances, unsaidRetries } from './rules.ts';
import { type Allowance, type Resource, Templates } from './templates.ts';

const functions = ['Receiver', 'Processor', 'Tracker', 'Admin', 'Authorizer', 'Sweeper'];

describe.each(['dev', 'production'])('the templates of %s', (stage) => {
  let templates: Templates;
  beforeAll(async () => {
    templates = await Templates.of(stage);
  });

  describe('tables', () => {
    const tables = () => templates.ofType('AWS::DynamoDB::GlobalTable');

    test('are those of the data model', () => {
      const names = tables().map(({ id }) => id.replace(/Table[0-9A-F]{8}$/, ''));
      expect(names.sort()).toEqual(
        [
          'Audit',
          'Clicks',
          'Conversions',
          'Deliveries',
          'Endpoints',
          'Keys',
          'Ledger',
          'Postbacks',
          'Settings',
          'Statistics',
          'Tokens',
        ].sort(),
      );
    });

    test('are on demand, encrypted, recoverable and retained, except when a first deployment fails', () => {
      for (const table of tables()) {
        expect(table).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
        expect(table.Properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST', SSESpecification: { SSEEnabled: true } });
        for (const replica of table.Properties.Replicas) {
          expect(replica.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
          expect(replica.DeletionProtectionEnabled).toBe(stage === 'production');
        }
      }
    });

    test('let rows expire that are only needed for a while', () => {
      const expiring = tables().filter(({ Properties }) => Properties.TimeToLiveSpecification?.AttributeName === 'expires_at');
      expect(expiring.map(({ id }) => id.replace(/Table.*/, '')).sort()).toEqual(['Clicks', 'Deliveries', 'Postbacks', 'Statistics']);
    });
  });

  describe('queues', () => {
    const queues = () => templates.ofType('AWS::SQS::Queue');
    const working = () => queues().filter(({ Properties }) => Properties.RedrivePolicy !== undefined);

    test('have a dead-letter queue that keeps messages for the longest possible time', () => {
      expect(working().map(({ id }) => id.replace(/Queue.*/, ''))).toEqual(['Conversions', 'Deliveries']);
      for (const queue of working()) {
        const [target] = queue.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'];
        const deadLetters = queues().find(({ id }) => id === target);
        expect(deadLetters?.Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400 });
      }
    });

    test('are encrypted and refuse plain HTTP', () => {
      const guarded = templates
        .ofType('AWS::SQS::QueuePolicy')
        .filter(({ Properties }) => JSON.stringify(Properties).includes('"aws:SecureTransport":"false"'))
        .flatMap(({ Properties }) => Properties.Queues.map(({ Ref }: AnyBody) => Ref));
      for (const queue of queues()) {
        expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
        expect(guarded).toContain(queue.id);
      }
    });

    test('hide a batch for six times as long as its consumer may run', () => {
      const { Timeout } = templates.one('AWS::Lambda::Function', 'Processor').Properties;
      for (const queue of working()) expect(queue.Properties.VisibilityTimeout).toBe(6 * Timeout);
    });

    test('are read in batches with partial failures and bounded concurrency', () => {
      const mappings = templates.ofType('AWS::Lambda::EventSourceMapping');
      expect(mappings).toHaveLength(2);
      for (const { Properties } of mappings) {
        expect(Properties).toMatchObject({
          BatchSize: 10,
          MaximumBatchingWindowInSeconds: 0,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        });
        expect(Properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
      }
    });
  });

  describe('functions', () => {
    test.each(functions)('%s runs on Node 24 and arm64, logs JSON that expires and is traced', (name) => {
      const { Properties } = templates.one('AWS::Lambda::Function', name);
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.stringContaining(`${name}Logs`) } },
        Environment: { Variables: { STAGE: stage, POWERTOOLS_SERVICE_NAME: name.toLowerCase() } },
      });
    });

    test('there are no others', () => {
      expect(templates.ofType('AWS::Lambda::Function')).toHaveLength(functions.length);
    });

    test('deliver to public IP addresses only', () => {
      const policies = templates.ofType('AWS::Lambda::Function').map(({ Properties }) => Properties.Environment.Variables.OUTBOUND_POLICY);
      expect(policies.filter((policy) => policy !== undefined)).toEqual(['public', 'public']);
    });

    test('serve settings from memory for no longer than a revoked key may live', () => {
      for (const { Properties } of templates.ofType('AWS::Lambda::Function')) {
        expect(Number(Properties.Environment.Variables.SETTINGS_CACHE_SECONDS)).toBeLessThanOrEqual(60);
      }
    });

    test('every log group expires', () => {
      for (const { Properties } of templates.ofType('AWS::Logs::LogGroup')) expect(Properties.RetentionInDays).toBeGreaterThan(0);
    });
  });

  describe('the API', () => {
    const settings = () => templates.one('AWS::ApiGatewayV2::Stage', 'Http').Properties;

    test('logs neither path nor query nor IP address, since the path contains the key', () => {
      expect(Object.values(JSON.parse(settings().AccessLogSettings.Format))).toContain('$context.routeKey');
      expect(accessLogLeaks(templates)).toEqual([]);
    });

    test('caches no answer of the authorizer, so a revoked token stops at once', () => {
      const authorizers = templates.ofType('AWS::ApiGatewayV2::Authorizer');
      expect(authorizers.map(({ Properties }) => Properties.AuthorizerResultTtlInSeconds)).toEqual([0]);
    });

    test('throttles as a whole and per route', () => {
      const { DefaultRouteSettings, RouteSettings } = settings();
      expect(DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
      const routes = templates.ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey);
      expect(Object.keys(RouteSettings).sort()).toEqual(routes.sort());
      for (const limits of Object.values<AnyBody>(RouteSettings)) {
        expect(limits.ThrottlingRateLimit).toBeGreaterThan(0);
        expect(limits.ThrottlingBurstLimit).toBeGreaterThan(0);
      }
    });

    test('passes on every path below /postback unchanged, and everything that has no route', () => {
      const routes = templates.ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey);
      expect(routes).toEqual(expect.arrayContaining(['ANY /postback/{proxy+}', '$default']));
    });

    test('may invoke every function that its routes and its authorizer lead to', () => {
      expect(missingPermissions(templates)).toEqual([]);
    });

    test('asks the authorizer before the admin API, and nowhere else', () => {
      const guarded = templates
        .ofType('AWS::ApiGatewayV2::Route')
        .filter(({ Properties }) => Properties.AuthorizationType === 'CUSTOM')
        .map(({ Properties }) => Properties.RouteKey);
      expect(guarded).toEqual(['ANY /api/admin/{proxy+}']);
    });
  });

  describe('permissions', () => {
    const mayAct = (allowance: Allowance, action: string) => allowance.actions.includes(action);
    const tableOf = (resource: unknown) => /"([A-Z][a-z]+)Table[0-9A-F]{8}"/.exec(JSON.stringify(resource))?.[1];
    const ownersOf = (actions: readonly string[], table: string) =>
      new Set(
        templates
          .allowances()
          .filter((allowance) => actions.some((action) => mayAct(allowance, action)))
          .filter(({ resources }) => resources.some((resource) => tableOf(resource) === table))
          .map(({ owner }) => owner.replace(/Role[0-9A-F]{8}$/, '')),
      );
    const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

    test('only allow, without conditions, so that the local run can compare every call with them', () => {
      expect(allowancesThatDeny(templates)).toEqual([]);
    });

    test('name every action', () => {
      for (const { owner, actions } of templates.allowances()) {
        for (const action of actions) expect(`${owner}: ${action}`).not.toContain('*');
      }
    });

    test('name every resource, except where AWS knows none', () => {
      expect(unboundedAllowances(templates)).toEqual([]);
    });

    test('of functions do not come from managed policies', () => {
      const policies = templates.ofType('AWS::IAM::Role').filter(({ id }) => !id.startsWith('Gradual'));
      expect(policies.length).toBeGreaterThanOrEqual(functions.length);
      for (const { Properties } of policies) expect(Properties.ManagedPolicyArns).toBeUndefined();
    });

    test('nobody may scan a table', () => {
      expect(templates.allowances().filter((allowance) => mayAct(allowance, 'dynamodb:Scan'))).toEqual([]);
    });

    test('only the processor writes the ledger', () => {
      expect(ownersOf(writes, 'Ledger')).toEqual(new Set(['Processor']));
    });

    test('only receiver and admin read keys', () => {
      expect(ownersOf(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', ...writes], 'Keys')).toEqual(
        new Set(['Receiver', 'Admin']),
      );
    });

    test('only the authorizer reads the first admin token', () => {
      const readers = templates
        .allowances()
        .filter(
          ({ actions, resources }) => actions.includes('secretsmanager:GetSecretValue') && JSON.stringify(resources).includes('AdminToken'),
        );
      expect(readers.map(({ owner }) => owner.replace(/Role.*/, ''))).toEqual(['Authorizer']);
    });

    test('let the admin API subscribe email addresses and the processor publish alerts, to a topic of their own that refuses plain HTTP', () => {
      const may = (action: string) =>
        templates
          .allowances()
          .filter(({ actions }) => actions.includes(action))
          .map(({ owner, resources }) => [owner.replace(/Role.*/, ''), JSON.stringify(resources).includes('AlertsByEmail')]);
      expect([may('sns:Subscribe'), may('sns:Publish')]).toEqual([[['Admin', true]], [['Processor', true]]]);
      const { Properties } = templates.one('AWS::SNS::TopicPolicy', 'AlertsByEmail');
      expect(JSON.stringify(Properties.PolicyDocument)).toContain('"Effect":"Deny"');
      expect(JSON.stringify(Properties.PolicyDocument)).toContain('aws:SecureTransport');
    });

    test('functions are invoked only by the API, the schedule and their queues', () => {
      const principals = templates.ofType('AWS::Lambda::Permission').map(({ Properties }: Resource) => Properties.Principal);
      expect(new Set(principals)).toEqual(new Set(['apigateway.amazonaws.com', 'events.amazonaws.com']));
    });
  });

  test('secrets are generated, and retained', () => {
    for (const secret of templates.ofType('AWS::SecretsManager::Secret')) {
      expect(secret.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(secret.Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(43);
    }
  });

  test('whatever is invoked asynchronously defines how often it is tried', () => {
    expect(unsaidRetries(templates)).toEqual([]);
  });

  test('a function sends to a queue that it reads only where we know of it, because Lambda ends such a loop after 16 hops', () => {
    // The retries of a delivery: at most eight hops, and the sweeper sends the others (functions/domain/forwarding/progress.ts).
    expect(selfFeedingQueues(templates)).toEqual(['Processor: Deliveries']);
  });

  test('the sweeper runs every minute', () => {
    expect(templates.one('AWS::Events::Rule', 'EveryMinute').Properties.ScheduleExpression).toBe('rate(1 minute)');
  });
});
