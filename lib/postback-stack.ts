import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AdminEnvironment } from '../functions/admin/env.ts';
import type { AuthorizerEnvironment } from '../functions/authorizer/env.ts';
import type { ProcessorEnvironment } from '../functions/processor/env.ts';
import type { ReceiverEnvironment } from '../functions/receiver/env.ts';
import type { SweeperEnvironment } from '../functions/sweeper/env.ts';
import type { TrackerEnvironment } from '../functions/tracker/env.ts';
import { Access } from './access.ts';
import { Bundles } from './bundles.ts';
import { Alarms } from './constructs/alarms.ts';
import { vpcOf } from './constructs/cdk-interfaces.ts';
import { GradualDeployments } from './constructs/gradual-deployments.ts';
import { InsightsQueries } from './constructs/insights-queries.ts';
import { MonthlyBudget } from './constructs/monthly-budget.ts';
import { OperationsDashboard } from './constructs/operations-dashboard.ts';
import { PostbackApi } from './constructs/postback-api.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import { networkAccess, StaticAddress } from './constructs/static-address.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import { Data } from './data.ts';
import type { StageConfig } from './stage-config.ts';

export interface PostbackStackProps extends StackProps {
  readonly stage: StageConfig;
}

/** One delivery attempt takes at most 10 s (contract section 3), and the attempts of a batch run in parallel; the rest is reserve. */
const processorTimeout = Duration.seconds(60);

/** A whole stage: the data that is kept (`data`), and what runs: the API, the functions, the queues between them and the schedule. */
export class PostbackStack extends Stack {
  private readonly stage: StageConfig;
  private readonly data: Data;
  private readonly bundles: Bundles;
  private readonly conversions: WorkQueue;
  private readonly deliveries: WorkQueue;
  /** The alerts that people subscribed to (contract 3.1). Alarms, which are about the system itself, have a topic of their own. */
  private readonly alertsByEmail: Topic;
  private readonly gradual: GradualDeployments;

  constructor(scope: Construct, id: string, props: PostbackStackProps) {
    super(scope, id, { description: `Postback system (${props.stage.name})`, ...props });
    this.stage = props.stage;
    this.data = new Data(this, this.stage);
    this.bundles = new Bundles(this);
    this.gradual = new GradualDeployments(this, 'Gradual', { stage: this.stage });
    this.conversions = new WorkQueue(this, 'Conversions', { consumerTimeout: processorTimeout });
    this.deliveries = new WorkQueue(this, 'Deliveries', { consumerTimeout: processorTimeout });
    this.alertsByEmail = new Topic(this, 'AlertsByEmail', { displayName: `Postback alerts (${this.stage.name})`, enforceSSL: true });

    const processor = this.createProcessor();
    const sweeper = this.createSweeper();
    const [receiver, tracker, admin, authorizer] = [
      this.createReceiver(),
      this.createTracker(),
      this.createAdmin(),
      this.createAuthorizer(),
    ];
    const { api, stage, accessLogs } = new PostbackApi(this, 'Http', {
      stage: this.stage,
      receiver: this.gradual.live(receiver),
      tracker: this.gradual.live(tracker),
      admin: this.gradual.live(admin),
      authorizer,
    });
    const { tables } = this.data;
    const watched = {
      stage: this.stage,
      queues: [this.conversions, this.deliveries],
      functions: [receiver, processor, tracker, admin, authorizer, sweeper],
      busyTables: [tables.postbacks, tables.conversions, tables.ledger, tables.deliveries],
    };
    const alarms = new Alarms(this, 'Alarms', watched);
    alarms.watchApi(stage.metricServerError({ period: Duration.minutes(1), statistic: Stats.SUM }));
    this.gradual.rollBackOn(alarms.ofDeployments);
    new OperationsDashboard(this, 'Operations', { ...watched, api: stage });
    new InsightsQueries(this, 'Queries', {
      stage: this.stage,
      accessLogs,
      functionLogs: watched.functions.map(({ logGroup }) => logGroup),
    });
    const { monthlyBudgetDollars: dollars } = this.stage;
    if (dollars !== undefined) new MonthlyBudget(this, 'MonthlyBudget', { stage: this.stage, dollars, topic: alarms.topic });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn, description: 'Where alarms are published' });
    new CfnOutput(this, 'Address', { value: this.publicAddress ?? api.apiEndpoint, description: 'Base URL for partners' });
    new CfnOutput(this, 'FirstAdminToken', { value: this.data.adminToken.secretArn, description: 'The secret with the first admin token' });
  }

  private get publicAddress(): string | undefined {
    return this.stage.domain && `https://${this.stage.domain.name}`;
  }

  private get common() {
    return { STAGE: this.stage.name, SETTINGS_CACHE_SECONDS: String(this.stage.settingsCacheSeconds) };
  }

  /** Answers partners: one commit, then a message. It has much memory because that buys CPU, and the partner waits. */
  private createReceiver(): ServiceFunction<ReceiverEnvironment> {
    const { tables, secretsKey } = this.data;
    const receiver = new ServiceFunction<ReceiverEnvironment>(this, 'Receiver', {
      stage: this.stage,
      bundles: this.bundles,
      name: 'receiver',
      description: 'Receives postbacks, records them and answers',
      memoryMegabytes: 1024,
      timeout: Duration.seconds(10),
      environment: {
        ...this.common,
        SETTINGS_TABLE: tables.settings.tableName,
        KEYS_TABLE: tables.keys.tableName,
        CLICKS_TABLE: tables.clicks.tableName,
        POSTBACKS_TABLE: tables.postbacks.tableName,
        CONVERSIONS_TABLE: tables.conversions.tableName,
        LEDGER_TABLE: tables.ledger.tableName,
        DELIVERIES_TABLE: tables.deliveries.tableName,
        STATISTICS_TABLE: tables.statistics.tableName,
        CONVERSIONS_QUEUE_URL: this.conversions.queue.queueUrl,
        DELIVERIES_QUEUE_URL: this.deliveries.queue.queueUrl,
        SECRETS_KEY_ID: secretsKey.secretArn,
        RATE_PER_KEY: String(this.stage.ratePerKey),
        RATE_PER_UNKNOWN_ADDRESS: String(this.stage.ratePerUnknownAddress),
        TRUSTED_PROXIES: this.stage.trustedProxies.join(','),
      },
    });
    new Access(receiver)
      .table(tables.settings, ['GetItem'], ['by-campaign', 'by-kind'])
      .table(tables.keys, ['GetItem', 'UpdateItem'])
      .table(tables.clicks, ['GetItem', 'BatchGetItem'], ['by-offer'])
      .table(tables.postbacks, ['PutItem'])
      .table(tables.conversions, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'])
      // Reads how many points a user has had today, for rules that ask for it.
      .table(tables.ledger, ['Query'])
      .table(tables.deliveries, ['PutItem'])
      .table(tables.statistics, ['UpdateItem'])
      .sendTo(this.conversions.queue, this.deliveries.queue)
      .secret(secretsKey);
    return receiver;
  }

  /** Settles conversions and forwards deliveries. It is the only function that may write the ledger. */
  private createProcessor(): ServiceFunction<ProcessorEnvironment> {
    const { tables, secretsKey } = this.data;
    const network = this.stage.outboundAddress === 'static' ? new StaticAddress(this, 'Outbound', { stage: this.stage }) : undefined;
    const processor = new ServiceFunction<ProcessorEnvironment>(this, 'Processor', {
      ...(network !== undefined && { vpc: vpcOf(network.vpc) }),
      stage: this.stage,
      bundles: this.bundles,
      name: 'processor',
      description: 'Settles conversions and forwards them to publishers',
      memoryMegabytes: 512,
      timeout: processorTimeout,
      environment: {
        ...this.common,
        SETTINGS_TABLE: tables.settings.tableName,
        POSTBACKS_TABLE: tables.postbacks.tableName,
        CONVERSIONS_TABLE: tables.conversions.tableName,
        LEDGER_TABLE: tables.ledger.tableName,
        DELIVERIES_TABLE: tables.deliveries.tableName,
        ENDPOINTS_TABLE: tables.endpoints.tableName,
        STATISTICS_TABLE: tables.statistics.tableName,
        DELIVERIES_QUEUE_URL: this.deliveries.queue.queueUrl,
        CONVERSIONS_QUEUE_ARN: this.conversions.queue.queueArn,
        DELIVERIES_QUEUE_ARN: this.deliveries.queue.queueArn,
        SECRETS_KEY_ID: secretsKey.secretArn,
        ALERTS_TOPIC_ARN: this.alertsByEmail.topicArn,
        OUTBOUND_POLICY: 'public',
      },
    });
    new Access(processor)
      // Alerts are found by their kind.
      .table(tables.settings, ['GetItem'], ['by-kind'])
      // When a hold period ends, the processor opens the minute of the approval again.
      .table(tables.postbacks, ['PutItem'])
      .table(tables.conversions, ['GetItem', 'BatchGetItem', 'PutItem'])
      .table(tables.ledger, ['Query', 'PutItem'])
      .table(tables.deliveries, ['GetItem', 'PutItem', 'PartiQLInsert', 'UpdateItem'])
      .table(tables.endpoints, ['GetItem', 'PutItem'])
      .table(tables.statistics, ['UpdateItem'])
      .consume(this.conversions.queue, this.deliveries.queue)
      .sendTo(this.deliveries.queue)
      .publishTo(this.alertsByEmail)
      .secret(secretsKey);
    if (network !== undefined) processor.addToRolePolicy(networkAccess());
    const live = this.gradual.live(processor);
    // One source per queue, each with its own limit, so that a publisher that hangs takes no capacity from settlement.
    for (const source of ['conversions', 'deliveries'] as const) {
      new EventSourceMapping(this, `${this[source].node.id}Source`, {
        target: live,
        eventSourceArn: this[source].queue.queueArn,
        batchSize: 10,
        // A single postback is settled at once instead of waiting for a batch.
        maxBatchingWindow: Duration.seconds(0),
        maxConcurrency: this.stage.maximumConcurrency[source],
        reportBatchItemFailures: true,
      });
    }
    return processor;
  }

  private createTracker(): ServiceFunction<TrackerEnvironment> {
    const { tables } = this.data;
    const tracker = new ServiceFunction<TrackerEnvironment>(this, 'Tracker', {
      stage: this.stage,
      bundles: this.bundles,
      name: 'tracker',
      description: 'Records clicks and redirects to the offer',
      memoryMegabytes: 1024,
      timeout: Duration.seconds(10),
      environment: {
        ...this.common,
        SETTINGS_TABLE: tables.settings.tableName,
        CLICKS_TABLE: tables.clicks.tableName,
        CLICKS_PER_USER_AND_HOUR: String(this.stage.clicksPerUserAndHour),
        TRUSTED_PROXIES: this.stage.trustedProxies.join(','),
      },
    });
    new Access(tracker).table(tables.settings, ['GetItem']).table(tables.clicks, ['GetItem', 'PutItem', 'UpdateItem']);
    return tracker;
  }

  private get oidc() {
    const { oidc } = this.stage;
    return oidc && { OIDC_ISSUER: oidc.issuer, OIDC_AUDIENCE: oidc.audience, OIDC_ROLE_CLAIM: oidc.roleClaim };
  }

  private createAuthorizer(): ServiceFunction<AuthorizerEnvironment> {
    const { tables, adminToken } = this.data;
    const authorizer = new ServiceFunction<AuthorizerEnvironment>(this, 'Authorizer', {
      stage: this.stage,
      bundles: this.bundles,
      name: 'authorizer',
      description: 'Identifies who calls the admin API, and with which role',
      memoryMegabytes: 512,
      timeout: Duration.seconds(5),
      environment: { ...this.common, TOKENS_TABLE: tables.tokens.tableName, ADMIN_TOKEN_ID: adminToken.secretArn, ...this.oidc },
    });
    new Access(authorizer).table(tables.tokens, ['GetItem']).secret(adminToken);
    return authorizer;
  }

  private createAdmin(): ServiceFunction<AdminEnvironment> {
    const { tables, secretsKey } = this.data;
    const admin = new ServiceFunction<AdminEnvironment>(this, 'Admin', {
      stage: this.stage,
      bundles: this.bundles,
      name: 'admin',
      description: 'The admin API and its console',
      memoryMegabytes: 1024,
      // API Gateway gives up after 29 s.
      timeout: Duration.seconds(29),
      environment: {
        ...this.common,
        SETTINGS_TABLE: tables.settings.tableName,
        KEYS_TABLE: tables.keys.tableName,
        TOKENS_TABLE: tables.tokens.tableName,
        CLICKS_TABLE: tables.clicks.tableName,
        POSTBACKS_TABLE: tables.postbacks.tableName,
        CONVERSIONS_TABLE: tables.conversions.tableName,
        LEDGER_TABLE: tables.ledger.tableName,
        DELIVERIES_TABLE: tables.deliveries.tableName,
        ENDPOINTS_TABLE: tables.endpoints.tableName,
        STATISTICS_TABLE: tables.statistics.tableName,
        AUDIT_TABLE: tables.audit.tableName,
        CONVERSIONS_QUEUE_URL: this.conversions.queue.queueUrl,
        CONVERSIONS_DEAD_LETTER_QUEUE_URL: this.conversions.deadLetters.queueUrl,
        DELIVERIES_QUEUE_URL: this.deliveries.queue.queueUrl,
        DELIVERIES_DEAD_LETTER_QUEUE_URL: this.deliveries.deadLetters.queueUrl,
        SECRETS_KEY_ID: secretsKey.secretArn,
        ALERTS_TOPIC_ARN: this.alertsByEmail.topicArn,
        OUTBOUND_POLICY: 'public',
        CLICKS_PER_USER_AND_HOUR: String(this.stage.clicksPerUserAndHour),
        ...(this.publicAddress !== undefined && { PUBLIC_BASE_URL: this.publicAddress }),
      },
    });
    new Access(admin)
      .table(tables.settings, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'], ['by-kind', 'by-campaign'])
      .table(tables.keys, ['GetItem', 'PutItem', 'UpdateItem'], ['by-partner'])
      .table(tables.tokens, ['GetItem', 'PutItem', 'UpdateItem'], ['by-kind'])
      .table(tables.clicks, ['GetItem', 'PutItem', 'UpdateItem'], ['by-offer'])
      .table(tables.postbacks, ['GetItem', 'BatchGetItem', 'Query', 'PutItem'], ['by-partner', 'by-click'])
      .table(tables.conversions, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'], ['by-partner', 'by-publisher'])
      .table(tables.ledger, ['Query'])
      .table(tables.deliveries, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'], ['by-publisher', 'due'])
      .table(tables.endpoints, ['GetItem', 'PutItem'])
      .table(tables.statistics, ['Query', 'UpdateItem'])
      .table(tables.audit, ['PutItem', 'Query'])
      .sendTo(this.conversions.queue, this.deliveries.queue)
      .watch(this.conversions.queue, this.deliveries.queue)
      .redriveFrom(this.conversions.deadLetters, this.deliveries.deadLetters)
      .subscribeTo(this.alertsByEmail)
      .secret(secretsKey);
    return admin;
  }

  /**
   * The queue is a hint and the table the truth: the sweeper puts what is due in the table but not on its queue back there. In the rest of
   * its minute it compares what the postbacks of an earlier minute led to.
   */
  private createSweeper(): ServiceFunction<SweeperEnvironment> {
    const { tables } = this.data;
    const sweeper = new ServiceFunction<SweeperEnvironment>(this, 'Sweeper', {
      stage: this.stage,
      bundles: this.bundles,
      name: 'sweeper',
      description: 'Puts what is due or stuck back on its queue, and reconciles',
      memoryMegabytes: 512,
      timeout: Duration.seconds(50),
      environment: {
        ...this.common,
        SETTINGS_TABLE: tables.settings.tableName,
        POSTBACKS_TABLE: tables.postbacks.tableName,
        CONVERSIONS_TABLE: tables.conversions.tableName,
        LEDGER_TABLE: tables.ledger.tableName,
        DELIVERIES_TABLE: tables.deliveries.tableName,
        ENDPOINTS_TABLE: tables.endpoints.tableName,
        CONVERSIONS_QUEUE_URL: this.conversions.queue.queueUrl,
        DELIVERIES_QUEUE_URL: this.deliveries.queue.queueUrl,
      },
    });
    new Access(sweeper)
      .table(tables.settings, [], ['by-kind'])
      .table(tables.postbacks, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem'], ['by-partner'])
      .table(tables.conversions, ['BatchGetItem', 'UpdateItem'], ['due'])
      .table(tables.ledger, ['Query'])
      .table(tables.deliveries, ['Query', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'], ['due'])
      .table(tables.endpoints, ['GetItem'])
      .sendTo(this.conversions.queue, this.deliveries.queue);
    // No retries, neither of the call nor of a run that fails, which Lambda would repeat for six hours: the next minute's run does the same
    // work.
    const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };
    sweeper.configureAsyncInvoke(once);
    new Rule(this, 'EveryMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaFunction(sweeper, once)] });
    return sweeper;
  }
}
