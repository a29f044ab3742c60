import { Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Alias, type IFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';
import { functionOf, versionOf } from './cdk-interfaces.ts';

/**
 * Sends a tenth of the traffic to a new version for five minutes before it gets all of it, and takes all of it back when an alarm is
 * raised. Both versions run side by side for that time, so each must read the messages and rows of the other (docs/deploying.md).
 */
export class GradualDeployments extends Construct {
  private readonly enabled: boolean;
  private readonly guarded: boolean;
  private readonly aliases: Alias[] = [];

  constructor(scope: Construct, id: string, props: { readonly stage: StageConfig }) {
    super(scope, id);
    this.enabled = props.stage.gradualDeployment;
    this.guarded = props.stage.rollback === 'on alarm';
  }

  /** What receives the traffic: the function itself, or the alias that moves from version to version. */
  live(target: LambdaFunction): IFunction {
    if (!this.enabled) return target;
    const alias = new Alias(this, `${target.node.id}Live`, { aliasName: 'live', version: versionOf(target.currentVersion) });
    this.aliases.push(alias);
    return functionOf(alias);
  }

  /** Deploys every alias under the watch of these alarms, which must not depend on the aliases. */
  rollBackOn(alarms: readonly Alarm[]): void {
    if (!this.enabled) return;
    const application = new LambdaApplication(this, 'Application');
    for (const alias of this.aliases) {
      const group = new LambdaDeploymentGroup(this, `${alias.node.id}Deployment`, {
        application,
        alias,
        deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: this.guarded ? [...alarms] : [],
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: this.guarded },
      });
      Validations.of(group).acknowledge({
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
        reason: 'The policy that AWS made for exactly this: moving an alias between versions and reading alarms.',
      });
    }
  }
}
