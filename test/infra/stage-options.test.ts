import { describe, expect, test } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from '../../lib/data-stack.ts';
import { ServiceStack } from '../../lib/service-stack.ts';
import { checkedStage, type StageConfig, stageConfig } from '../../lib/stage-config.ts';

const domain = { name: 'postback.example.com', certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/abc' };

function service(change: Partial<StageConfig>): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = checkedStage({ ...stageConfig('dev'), ...change });
  const env = { region: stage.region };
  const data = new DataStack(app, 'data', { stage, env });
  return Template.fromStack(new ServiceStack(app, 'service', { stage, data, env }));
}

describe('a stage', () => {
  test('that is wrong is not synthesised, and every fault is named', () => {
    const wrong = { ...stageConfig('dev'), region: 'mars', settingsCacheSeconds: 61, domain: { ...domain, name: 'https://example.com' } };
    expect(() => checkedStage(wrong)).toThrow(/region[\s\S]*settingsCacheSeconds|settingsCacheSeconds[\s\S]*region/);
    expect(() => checkedStage(wrong)).toThrow(/a domain name in small letters/);
  });

  test('that has a setting nobody knows is wrong', () => {
    const misspelt = { ...stageConfig('dev'), retainDate: true };
    expect(() => checkedStage(misspelt)).toThrow(/retainDate/);
  });

  test('that does not exist names those that do', () => {
    expect(() => stageConfig('prod')).toThrow('there are: dev, production');
  });

  test('with a domain has no other address, and modern TLS', () => {
    const template = service({ domain });
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: domain.name,
      DomainNameConfigurations: [{ CertificateArn: domain.certificateArn, SecurityPolicy: 'TLS_1_2' }],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { PUBLIC_BASE_URL: 'https://postback.example.com' } },
    });
  });

  test('may ask callers for a certificate', () => {
    const mutualTls = { truststoreBucket: 'authorities', truststoreKey: 'partners.pem', truststoreVersion: '1' };
    service({ domain: { ...domain, mutualTls } }).hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      MutualTlsAuthentication: { TruststoreVersion: '1' },
    });
  });

  test('with an address for alarms tells it', () => {
    service({ alarmEmail: 'operations@example.com' }).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operations@example.com',
    });
  });

  test('with a static outbound address sends deliveries, and nothing else, through it', () => {
    const template = service({ outboundAddress: 'static' });
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 3);
    const inNetwork = Object.entries(template.findResources('AWS::Lambda::Function')).filter(
      ([, { Properties }]) => Properties.VpcConfig !== undefined,
    );
    expect(inNetwork.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['Processor']);
  });

  test('with everything on breaks no rule of the checks that guard a deployment', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const stage = checkedStage({ ...stageConfig('production'), outboundAddress: 'static', domain, alarmEmail: 'operations@example.com' });
    const env = { region: stage.region };
    const data = new DataStack(app, 'data', { stage, env });
    new ServiceStack(app, 'service', { stage, data, env });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
