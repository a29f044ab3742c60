import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { metrics, metricsNamespace } from '../../functions/runtime/metrics.ts';
import { accessLogLeaks, alarmFaults, muteTopics, unboundedAllowances } from './rules.ts';
import { type Resource, Templates } from './templates.ts';

const runbooks = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbooks.md'), 'utf8');
const costs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'costs.md'), 'utf8');
const headings = new Set([...runbooks.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-')));

describe.each(['dev', 'production'])('operating %s', (stage) => {
  let templates: Templates;
  beforeAll(async () => {
    templates = await Templates.of(stage);
  });

  test('every alarm exists, notifies the topic, and names its impact and its runbook', () => {
    expect(alarmFaults(templates, headings)).toEqual([]);
  });

  test('whoever raises an alarm may publish to the topic', () => {
    expect(muteTopics(templates)).toEqual([]);
  });

  test("the first queries of a runbook are saved under the stage's name", () => {
    const names = templates.ofType('AWS::Logs::QueryDefinition').map(({ Properties }) => Properties.Name);
    expect(names).toContain(`postback-${stage}/Errors and warnings by message`);
    for (const name of names) expect(name).toMatch(new RegExp(`^postback-${stage}/`));
  });

  test('names that must be unique in the account contain stage and region', () => {
    const { Properties } = templates.one('AWS::CloudWatch::Dashboard', 'Operations');
    expect(Properties.DashboardName).toBe(`postback-${stage}-eu-west-1`);
    expect(templates.one('AWS::ApiGatewayV2::Api', 'Http').Properties.Name).toBe(`postback-${stage}`);
  });

  test('a sweeper that does not run raises an alarm', () => {
    expect(templates.one('AWS::CloudWatch::Alarm', 'AlarmsOldestUnsettled').Properties.TreatMissingData).toBe('breaching');
  });

  test('alarms and dashboard read metrics that the functions emit, under dimensions that they emit', () => {
    const own = templates
      .ofType('AWS::CloudWatch::Alarm')
      .flatMap(({ Properties }) => [
        Properties,
        ...(Properties.Metrics ?? []).map(({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric),
      ])
      .filter((metric) => metric?.Namespace === metricsNamespace);
    expect(own.length).toBeGreaterThanOrEqual(4);
    for (const { MetricName, Dimensions } of own) {
      const names = Dimensions.map(({ Name }: { Name: string }) => Name)
        .sort()
        .join();
      const emitted = Object.entries(metrics)
        .find(([name]) => name === MetricName)?.[1]
        .by.map((set) => [...set].sort().join());
      expect(emitted).toContain(names);
    }
  });

  test('insights queries name metrics that exist', () => {
    const queries = templates
      .ofType('AWS::CloudWatch::Alarm')
      .flatMap(({ Properties }) => (Properties.Metrics ?? []).map(({ Expression }: { Expression?: string }) => Expression ?? ''))
      .filter((expression: string) => expression.startsWith('SELECT'));
    expect(queries).toHaveLength(2);
    for (const query of queries) expect(Object.keys(metrics)).toContain(/SELECT \w+\((\w+)\)/.exec(query)?.[1]);
  });

  test('Lambda adds no log lines of its own for each invocation', () => {
    for (const { Properties } of templates.ofType('AWS::Lambda::Function')) expect(Properties.LoggingConfig.SystemLogLevel).toBe('WARN');
  });

  test('in production an alias moves traffic to a version, and in other stages the function itself gets it', () => {
    const targets = [
      ...templates.ofType('AWS::ApiGatewayV2::Integration').map(({ Properties }) => Properties.IntegrationUri),
      ...templates.ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties.FunctionName),
    ].map((target) => /"(Gradual)?(Receiver|Tracker|Admin|Processor)/.exec(JSON.stringify(target))?.slice(1) ?? []);
    expect(targets.map(([, name]) => name).sort()).toEqual(['Admin', 'Processor', 'Processor', 'Receiver', 'Tracker']);
    for (const [alias] of targets) expect(alias).toBe(stage === 'production' ? 'Gradual' : undefined);
    const moved = templates.ofType('AWS::Lambda::Alias').map(({ id }) => id.replace(/Live.*/, ''));
    expect(moved.sort()).toEqual(stage === 'production' ? ['GradualAdmin', 'GradualProcessor', 'GradualReceiver', 'GradualTracker'] : []);
  });

  test('the page about costs counts alarms as AWS bills them, by the metrics that they read', () => {
    const metricsOf = ({ Properties }: Resource): number =>
      Properties.Metrics === undefined
        ? 1
        : Properties.Metrics.filter(({ MetricStat }: { MetricStat?: object }) => MetricStat !== undefined).length;
    const count = templates.ofType('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0);
    const [, counted, dollars] = /each metric that an alarm looks at: (\d+) \| \$([\d.]+)/.exec(costs) ?? [];
    expect([Number(counted), Number(dollars)]).toEqual([count, count / 10]);
  });

  test('only production changes versions step by step, and rolls back by itself', () => {
    const groups = templates.ofType('AWS::CodeDeploy::DeploymentGroup');
    expect(groups).toHaveLength(stage === 'production' ? 4 : 0);
    for (const { Properties } of groups) {
      expect(Properties.AlarmConfiguration.Alarms.length).toBeGreaterThanOrEqual(3);
      expect(Properties.AutoRollbackConfiguration).toEqual({ Enabled: true, Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']) });
    }
  });
});

describe('the rules themselves', () => {
  let templates: Templates;
  beforeAll(async () => {
    templates = await Templates.of('dev');
  });

  test('find a right on every table', () => {
    const policy = templates.one('AWS::IAM::Policy', 'ReceiverRoleDefaultPolicy');
    const wider = templates.changed(policy.id, (resource: Resource) => {
      resource.Properties.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' });
      return resource;
    });
    expect(unboundedAllowances(wider)).toEqual([expect.stringContaining('dynamodb:GetItem')]);
  });

  test('find a topic that only refuses', () => {
    const { id } = templates.one('AWS::SNS::TopicPolicy', 'Alarms');
    const mute = templates.changed(id, (resource: Resource) => {
      const { PolicyDocument } = resource.Properties;
      PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Deny');
      return resource;
    });
    expect(muteTopics(mute)).toEqual([expect.stringContaining('cloudwatch.amazonaws.com may not publish')]);
  });

  test('find a missing alarm', () => {
    const { id } = templates.one('AWS::CloudWatch::Alarm', 'AlarmsLedgerMismatch');
    expect(
      alarmFaults(
        templates.changed(id, () => undefined),
        headings,
      ),
    ).toEqual(['no alarm LedgerMismatch']);
  });

  test('find an alarm that notifies nobody and one whose runbook does not exist', () => {
    const { id } = templates.one('AWS::CloudWatch::Alarm', 'AlarmsHeldRate');
    const mute = templates.changed(id, (resource: Resource) => {
      resource.Properties.AlarmActions = [];
      resource.Properties.AlarmDescription = 'Impact: something. Runbook: docs/runbooks.md#nowhere';
      return resource;
    });
    expect(alarmFaults(mute, headings)).toEqual([`${id} tells nobody`, `${id} leads to no runbook`]);
  });

  test.each(['$context.path', '$context.http.path', '$context.identity.sourceIp'])('find %s in an access log', (variable) => {
    const { id } = templates.one('AWS::ApiGatewayV2::Stage', 'Http');
    const talkative = templates.changed(id, (resource: Resource) => {
      resource.Properties.AccessLogSettings.Format = JSON.stringify({ route: '$context.routeKey', more: variable });
      return resource;
    });
    expect(accessLogLeaks(talkative)).toEqual([variable]);
  });
});
