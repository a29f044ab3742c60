import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type MetricName, metricsNamespace } from '../../functions/runtime/metrics.ts';
import type { StageConfig } from '../stage-config.ts';
import type { PostbackTable } from './postback-table.ts';
import type { WorkQueue } from './work-queue.ts';

export interface AlarmsProps {
  readonly stage: StageConfig;
  readonly queues: readonly WorkQueue[];
  readonly functions: readonly IFunction[];
  /** The tables that every postback writes to. */
  readonly busyTables: readonly PostbackTable[];
}

interface AlarmText {
  /** What partners, publishers or users notice. */
  readonly impact: string;
  /** Heading in docs/runbooks.md that tells what to do. */
  readonly runbook: string;
}

interface AlarmLimits extends Pick<AlarmProps, 'threshold' | 'evaluationPeriods'> {
  readonly datapointsToAlarm?: number;
  /** @default - an alarm without data counts as OK */
  readonly missing?: TreatMissingData;
}

const minute = Duration.minutes(1);

/** Every alarm that should wake somebody; all go to one topic. Each text says who is affected and which runbook to read. */
export class Alarms extends Construct {
  readonly topic: Topic;
  /** The alarms that a bad deployment raises and that do not depend on the API. */
  readonly ofDeployments: readonly Alarm[];
  private readonly stage: StageConfig;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.stage = props.stage;
    this.topic = new Topic(this, 'Topic', { displayName: `Postback system (${props.stage.name})`, enforceSSL: true });
    // `enforceSSL` gives the topic a policy of its own, which replaces the default one that lets AWS services publish.
    for (const service of ['cloudwatch', 'budgets']) {
      this.topic.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['sns:Publish'],
          resources: [this.topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      );
    }
    if (props.stage.alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(props.stage.alarmEmail));

    const unsettled = this.add(
      'OldestUnsettled',
      this.metric('OldestUnsettledAge', Stats.MAXIMUM),
      // Missing data means that the sweeper, which is the safety net, does not run.
      { threshold: 300, evaluationPeriods: 3, missing: TreatMissingData.BREACHING },
      { impact: 'Users wait for points of conversions that were acknowledged to partners.', runbook: 'oldest-unsettled' },
    );
    this.add(
      'OldestUndelivered',
      this.metric('OldestUndeliveredAge', Stats.MAXIMUM),
      { threshold: 6 * 3600, evaluationPeriods: 5 },
      { impact: 'A publisher has not been notified of conversions for hours. Held deliveries count, too.', runbook: 'oldest-undelivered' },
    );
    for (const { deadLetters, node } of props.queues) {
      this.add(
        `DeadLetters${node.id}`,
        deadLetters.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: Stats.MAXIMUM }),
        { threshold: 0, evaluationPeriods: 1 },
        {
          impact: `Work of the ${node.id.toLowerCase()} queue failed five times and needs someone to look at it.`,
          runbook: 'dead-letters',
        },
      );
    }
    const unavailable = this.add(
      'Unavailable',
      this.metric('Postbacks', Stats.SUM, { Code: 'unavailable' }),
      { threshold: 5, evaluationPeriods: 3, datapointsToAlarm: 2 },
      { impact: 'Partners get 503 and have to send postbacks again; some never do.', runbook: 'server-errors' },
    );
    const errors = this.add(
      'FunctionErrors',
      sumOf(props.functions.map((target) => target.metricErrors({ period: minute, statistic: Stats.SUM }))),
      { threshold: 3, evaluationPeriods: 3, datapointsToAlarm: 2 },
      { impact: 'Functions fail: postbacks, clicks or admin requests get errors, or batches are retried.', runbook: 'server-errors' },
    );
    this.add(
      'FunctionThrottles',
      sumOf(props.functions.map((target) => target.metricThrottles({ period: minute, statistic: Stats.SUM }))),
      { threshold: 0, evaluationPeriods: 3, datapointsToAlarm: 2 },
      { impact: 'Lambda refuses invocations: partners get 503, queues grow.', runbook: 'throttles' },
    );
    this.add(
      'TableThrottles',
      sumOf(props.busyTables.map(({ tableName }) => tableMetric('WriteThrottleEvents', tableName))),
      { threshold: 0, evaluationPeriods: 3, datapointsToAlarm: 2 },
      { impact: 'DynamoDB refuses writes: postbacks are slow or answered 503.', runbook: 'throttles' },
    );
    for (const { tableName, indexNames, node } of props.busyTables) {
      if (indexNames.length === 0) continue;
      this.add(
        `IndexThrottles${node.id}`,
        sumOf(indexNames.map((index) => tableMetric('WriteThrottleEvents', tableName, index))),
        { threshold: 0, evaluationPeriods: 3, datapointsToAlarm: 2 },
        {
          impact: `Throttling on an index of ${node.id} blocks writes to the table: postbacks are slow or answered 503.`,
          runbook: 'throttles',
        },
      );
    }
    this.add(
      'HeldRate',
      this.worstPartner('HeldShare', 'AVG'),
      { threshold: 0.2, evaluationPeriods: 3, datapointsToAlarm: 3 },
      {
        impact: "More than a fifth of a partner's postbacks are held: nobody is paid for them until someone decides.",
        runbook: 'held-rate',
      },
    );
    this.add(
      'SignatureFailures',
      this.worstPartner('SignatureFailures', 'SUM'),
      { threshold: 10, evaluationPeriods: 3, datapointsToAlarm: 2 },
      {
        impact: "A partner's postbacks are rejected: its secret was changed, or someone is forging them.",
        runbook: 'signature-failures',
      },
    );
    this.add(
      'LedgerMismatch',
      this.metric('LedgerMismatches', Stats.SUM),
      { threshold: 0, evaluationPeriods: 1 },
      { impact: "A user's balance is not the sum of its entries: settlement for that account has stopped.", runbook: 'ledger-mismatch' },
    );
    this.add(
      'ReconciliationGaps',
      this.metric('ReconciliationGaps', Stats.SUM),
      { threshold: 0, evaluationPeriods: 1 },
      {
        impact: 'A postback, its conversion, the ledger and its deliveries disagree: someone may be owed money or have been overpaid.',
        runbook: 'reconciliation-gaps',
      },
    );
    this.ofDeployments = [unsettled, unavailable, errors];
  }

  /** Adds the alarm that needs the API, which is created after the others. */
  watchApi(serverErrors: IMetric): void {
    this.add(
      'ServerErrors',
      serverErrors,
      { threshold: 5, evaluationPeriods: 3, datapointsToAlarm: 2 },
      { impact: 'Callers of the API get 5xx answers.', runbook: 'server-errors' },
    );
  }

  private add(id: string, metric: IMetric, limits: AlarmLimits, text: AlarmText): Alarm {
    const { missing = TreatMissingData.NOT_BREACHING, ...rest } = limits;
    const alarm = new Alarm(this, id, {
      metric,
      ...rest,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: missing,
      alarmDescription: `Impact: ${text.impact} Runbook: ${this.stage.runbooks ?? 'docs/runbooks.md'}#${text.runbook}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  private metric(name: MetricName, statistic: string, dimensions: Readonly<Record<string, string>> = {}): Metric {
    return stageMetric(this.stage.name, name, statistic, dimensions);
  }

  /** One line for all partners: it shows whichever partner is worst, and so includes partners that are created later. */
  private worstPartner(name: MetricName, statistic: 'AVG' | 'SUM'): MathExpression {
    return new MathExpression({
      expression:
        `SELECT ${statistic}(${name}) FROM SCHEMA("${metricsNamespace}", Stage, Partner) WHERE Stage = '${this.stage.name}' ` +
        `GROUP BY Partner ORDER BY ${statistic}() DESC LIMIT 1`,
      period: Duration.minutes(5),
      label: `${name} of the worst partner`,
    });
  }
}

/** One of our own metrics. */
export function stageMetric(
  stage: string,
  metricName: MetricName,
  statistic: string,
  dimensions: Readonly<Record<string, string>> = {},
): Metric {
  return new Metric({ namespace: metricsNamespace, metricName, dimensionsMap: { Stage: stage, ...dimensions }, statistic, period: minute });
}

/** @param index the index that is measured; absent: the table itself. */
export function tableMetric(metricName: string, tableName: string, index?: string): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
    statistic: Stats.SUM,
    period: minute,
  });
}

function sumOf(metrics: readonly IMetric[]): MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: Object.keys(named)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics: named,
    period: minute,
  });
}
