import { describe, expect, test } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Preflight } from 'cdk-preflight';
import { PostbackStack } from '../../lib/postback-stack.ts';
import { checkedStage, type StageConfig, stageConfig } from '../../lib/stage-config.ts';

const domain = { name: 'postback.example.com', certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/abc' };

const everything = {
  ...stageConfig('production'),
  account: '123456789012',
  outboundAddress: 'static' as const,
  domain: { ...domain, mutualTls: { truststoreBucket: 'authorities', truststoreKey: 'partners.pem', truststoreVersion: '1' } },
  oidc: { issuer: 'https://login.example.com', audience: 'postback', roleClaim: 'role' },
  alarmEmail: 'operations@example.com',
  monthlyBudgetDollars: 500,
};

/** Synthesises without bundles, and without notes of where each construct was created. */
const plainly = { context: { 'aws:cdk:bundling-stacks': [] }, stackTraces: false, treeMetadata: false };
const services = new Map<string, Template>();

/** The template of a stage with these changes; each is synthesised once. The test below checks AWS's own rules for all of them together. */
function service(change: Partial<StageConfig>): Template {
  const key = JSON.stringify(change);
  const template = services.get(key) ?? synthesised(change);
  services.set(key, template);
  return template;
}

function synthesised(change: Partial<StageConfig>): Template {
  const app = new App({ ...plainly, builtinCloudFormationValidation: false });
  const stage = checkedStage({ ...stageConfig('dev'), ...change });
  const env = { region: stage.region };
  return Template.fromStack(new PostbackStack(app, 'service', { stage, env }));
}

describe('a stage', () => {
  test('that is wrong is not synthesised, and every fault is named', () => {
    const wrong = { ...stageConfig('dev'), region: 'mars', settingsCacheSeconds: 61, domain: { ...domain, name: 'https://example.com' } };
    expect(() => checkedStage(wrong)).toThrow(/region[\s\S]*settingsCacheSeconds|settingsCacheSeconds[\s\S]*region/);
    expect(() => checkedStage(wrong)).toThrow(/a domain name in lower case/);
  });

  test('with an issuer of tokens whose keys anybody on the way could replace is wrong', () => {
    const oidc = { ...everything.oidc, issuer: 'http://login.example.com' };
    expect(() => checkedStage({ ...stageConfig('dev'), oidc })).toThrow(/oidc/);
    expect(checkedStage({ ...stageConfig('dev'), oidc: everything.oidc }).oidc).toEqual(everything.oidc);
  });

  test('with an unknown setting is wrong', () => {
    const misspelt = { ...stageConfig('dev'), retainDate: true };
    expect(() => checkedStage(misspelt)).toThrow(/retainDate/);
  });

  test('that does not exist is refused with the names of those that do', () => {
    expect(() => stageConfig('prod')).toThrow('there are: dev, production');
  });

  test('with a domain has no other URL, and uses modern TLS', () => {
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

  test('with an email address for alarms sends them there', () => {
    service({ alarmEmail: 'operations@example.com' }).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operations@example.com',
    });
  });

  test('with a static outbound IP address sends deliveries, and nothing else, from it', () => {
    const template = service({ outboundAddress: 'static' });
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 3);
    const inNetwork = Object.entries(template.findResources('AWS::Lambda::Function')).filter(
      ([, { Properties }]) => Properties.VpcConfig !== undefined,
    );
    expect(inNetwork.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['Processor']);
  });

  test('that is repaired while an alarm is active is deployed without regard to alarms, by the command and not by the configuration', () => {
    const alarms = (rollback: 'on alarm' | 'off') =>
      Object.values(service({ gradualDeployment: true, rollback }).findResources('AWS::CodeDeploy::DeploymentGroup')).map(
        ({ Properties }) => Properties.AlarmConfiguration?.Alarms?.length ?? 0,
      );
    expect(alarms('on alarm')).toEqual([3, 3, 3, 3]);
    expect(alarms('off')).toEqual([0, 0, 0, 0]);
    expect(stageConfig('production', { rollback: 'off' }).rollback).toBe('off');
    expect(() => stageConfig('production', { rollback: 'on' })).toThrow("rollback can only be 'off'");
  });

  test('with a budget sends its notices where the alarms go', () => {
    service({ monthlyBudgetDollars: 200 }).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: 200, Unit: 'USD' }, TimeUnit: 'MONTHLY' },
    });
  });

  test('with a domain says where the domain must lead', () => {
    const template = service({ domain });
    template.hasOutput('DomainTarget', {});
    template.hasOutput('DomainTargetZone', {});
  });

  test('with a static outbound IP address logs refused packets, not all', () => {
    service({ outboundAddress: 'static' }).hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'REJECT' });
  });

  test('with everything on breaks no rule of the checks that guard a deployment', () => {
    const app = new App(plainly);
    const stage = checkedStage(everything);
    const env = { region: stage.region };
    new PostbackStack(app, 'service', { stage, env });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    Preflight.apply(app);
    expect(() => app.synth()).not.toThrow();
  });
});
