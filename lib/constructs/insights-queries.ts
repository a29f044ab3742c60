import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';

export interface InsightsQueriesProps {
  readonly stage: StageConfig;
  readonly accessLogs: ILogGroup;
  readonly functionLogs: readonly ILogGroup[];
}

/** The queries with which every runbook begins, saved in CloudWatch Logs Insights under the stage's name. */
export class InsightsQueries extends Construct {
  constructor(scope: Construct, id: string, { stage, accessLogs, functionLogs }: InsightsQueriesProps) {
    super(scope, id);
    const query = (name: string, logGroups: readonly ILogGroup[], filter: string | undefined, stats: string, sort: string) =>
      new QueryDefinition(this, name.replaceAll(' ', ''), {
        queryDefinitionName: `postback-${stage.name}/${name}`,
        logGroups: [...logGroups],
        queryString: new QueryString({ ...(filter !== undefined && { filterStatements: [filter] }), statsStatements: [stats], sort }),
      });
    query(
      'Errors and warnings by message',
      functionLogs,
      'level = "ERROR" or level = "WARN"',
      'count(*) as lines by message, error_name',
      'lines desc',
    );
    query(
      'Postbacks by partner and code',
      functionLogs,
      'message = "postback"',
      'count(*) as postbacks by partner_id, result, code',
      'postbacks desc',
    );
    query(
      'What the sweeper put back',
      functionLogs,
      'message = "swept"',
      'sum(conversions) as stuck_conversions, sum(deliveries) as due_deliveries by bin(5m) as time',
      'time desc',
    );
    query(
      'Answers by route and status',
      [accessLogs],
      undefined,
      'count(*) as answers, pct(latency, 99) as p99 by route, status',
      'answers desc',
    );
  }
}
