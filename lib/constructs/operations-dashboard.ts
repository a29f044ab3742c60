import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Dashboard, GraphWidget, type IMetric, MathExpression, Row, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { metricsNamespace } from '../../functions/runtime/metrics.ts';
import type { StageConfig } from '../stage-config.ts';
import { stageMetric, tableMetric } from './alarms.ts';
import type { PostbackTable } from './postback-table.ts';
import type { WorkQueue } from './work-queue.ts';

export interface OperationsDashboardProps {
  readonly stage: StageConfig;
  readonly api: HttpStage;
  readonly functions: readonly IFunction[];
  readonly queues: readonly WorkQueue[];
  readonly busyTables: readonly PostbackTable[];
}

/** One page that follows a postback from the partner's request to the publisher's answer. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, api, functions, queues, busyTables }: OperationsDashboardProps) {
    super(scope, id);
    const own = (...metric: Parameters<typeof stageMetric> extends [string, ...infer Rest] ? Rest : never) =>
      stageMetric(stage.name, ...metric);
    const byDimension = (dimension: 'Result' | 'Code') =>
      new MathExpression({
        expression: `SELECT SUM(Postbacks) FROM SCHEMA("${metricsNamespace}", Stage, ${dimension}) WHERE Stage = '${stage.name}' GROUP BY ${dimension}`,
        label: '',
      });
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) => new GraphWidget({ title, left, right, width: 8, height: 6 });
    const dashboard = new Dashboard(this, 'Dashboard', {
      // A dashboard's name is unique in the account, not only in the region.
      dashboardName: `postback-${stage.name}-${stage.region}`,
    });
    dashboard.addWidgets(
      new Row(
        graph('Postbacks by result', [byDimension('Result')]),
        graph('Refused and held, by code', [byDimension('Code')]),
        graph(
          'Answers of the API',
          [api.metricCount(), api.metricClientError(), api.metricServerError()],
          [api.metricLatency({ statistic: Stats.p(99) })],
        ),
      ),
      new Row(
        graph('From receipt to ledger (p50, p99)', [own('SettleLatency', Stats.p(50)), own('SettleLatency', Stats.p(99))]),
        graph('Attempts to notify publishers', [own('Delivered', Stats.SUM), own('AttemptsFailed', Stats.SUM)]),
        graph('Oldest open work, seconds', [own('OldestUnsettledAge', Stats.MAXIMUM)], [own('OldestUndeliveredAge', Stats.MAXIMUM)]),
      ),
      new Row(
        graph(
          'Queues: waiting',
          queues.map(({ queue }) => queue.metricApproximateNumberOfMessagesVisible()),
        ),
        graph(
          'Queues: age of the oldest',
          queues.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage()),
        ),
        graph(
          'Dead letters',
          queues.map(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible()),
        ),
      ),
      new Row(
        graph(
          'Functions: p99 duration',
          functions.map((target) => target.metricDuration({ statistic: Stats.p(99) })),
        ),
        graph(
          'Functions: errors and throttles',
          functions.map((target) => target.metricErrors()),
          functions.map((target) => target.metricThrottles()),
        ),
        graph(
          'Tables: write units',
          busyTables.map(({ tableName }) => tableMetric('ConsumedWriteCapacityUnits', tableName)),
        ),
      ),
    );
  }
}
