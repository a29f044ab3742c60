import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime, SystemLogLevel, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Bundles, FunctionName } from '../bundles.ts';
import type { StageConfig } from '../stage-config.ts';

export interface ServiceFunctionProps<Environment> {
  readonly stage: StageConfig;
  readonly name: FunctionName;
  readonly bundles: Bundles;
  readonly description: string;
  readonly memoryMegabytes: number;
  readonly timeout: Duration;
  /** @default - the function is not in a VPC of ours */
  readonly vpc?: IVpc;
  /** The variables that `functions/<name>/env.ts` requires: without one of them this does not compile. */
  readonly environment: Environment & Readonly<Record<string, string>>;
}

/**
 * A function with the settings that all our functions share: Node 24 on arm64, one small ES module, JSON logs that expire, tracing, and a
 * role that grants nothing but logs and traces.
 */
export class ServiceFunction<Environment> extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ServiceFunctionProps<Environment>) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: props.stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      description: props.description,
      code: props.bundles.code(props.name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMegabytes,
      timeout: props.timeout,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: props.name,
      },
      role: writesLogsOnly(scope, `${id}Role`, logGroup),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Lambda's own three lines for each invocation would cost more than our logs.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(props.vpc !== undefined && { vpc: props.vpc }),
      tracing: Tracing.ACTIVE,
    });
  }
}

/** Takes the place of AWSLambdaBasicExecutionRole, which may create and write any log group of the account. */
function writesLogsOnly(scope: Construct, id: string, logGroup: LogGroup): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'These actions (sending traces and, in a VPC, network interfaces) cannot be limited to resources; a test allows no others.',
  });
  return role;
}
