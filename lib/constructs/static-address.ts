import { CfnOutput, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  NatProvider,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';

/** A network whose outgoing traffic has one IP address that stays the same, so that publishers can allow it. */
export class StaticAddress extends Construct {
  readonly vpc: Vpc;

  constructor(scope: Construct, id: string, props: { readonly stage: StageConfig }) {
    super(scope, id);
    const address = new CfnEIP(this, 'Address');
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.40.0.0/20'),
      maxAzs: 2,
      natGateways: 1,
      // One IP address means one gateway. Should its zone fail, deliveries wait in their queue, and nothing else stops.
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [address.attrAllocationId] }),
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        { name: 'functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
      ],
      flowLogs: {
        refused: {
          // Accepted traffic would be every packet of every attempt: gigabytes that nobody reads.
          trafficType: FlowLogTrafficType.REJECT,
          destination: FlowLogDestination.toCloudWatchLogs(
            new LogGroup(this, 'FlowLogs', { retention: props.stage.logRetentionDays, removalPolicy: RemovalPolicy.DESTROY }),
          ),
        },
      },
      // The processor's calls to AWS do not pass the NAT gateway, which is charged by the gigabyte.
      gatewayEndpoints: { dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    });
    const endpoints = [
      this.vpc.addInterfaceEndpoint('Sqs', { service: InterfaceVpcEndpointAwsService.SQS }),
      this.vpc.addInterfaceEndpoint('Secrets', { service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER }),
    ];
    for (const endpoint of endpoints) {
      Validations.of(endpoint).acknowledge({
        id: 'AwsSolutions-EC23',
        reason: "The rule cannot read the network's own address range, which is all that may reach the endpoint.",
      });
    }
    new CfnOutput(this, 'OutboundAddress', { value: address.ref, description: 'The IP address that deliveries come from' });
  }
}

/** What a function needs to run in the network. AWS offers no resource restriction for these actions. */
export function networkAccess(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}
