#!/usr/bin/env node
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PostbackStack } from '../lib/postback-stack.ts';
import { stageConfig } from '../lib/stage-config.ts';

const app = new App();
const stage = stageConfig(app.node.tryGetContext('stage') ?? 'dev', { rollback: app.node.tryGetContext('rollback') });

// The app has one stack, so that `cdk deploy` needs no list. Without an account in the configuration CDK takes that of the credentials;
// synthesis needs none.
new PostbackStack(app, `postback-${stage.name}`, {
  stage,
  env: { region: stage.region, ...(stage.account !== undefined && { account: stage.account }) },
  terminationProtection: stage.retainData,
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
// Finds what CloudFormation would refuse only during the deployment. A local run deploys nothing, so it synthesises without any check of
// its templates.
if (app.node.tryGetContext('@aws-cdk/core:validateAgainstDefaultRules') === true) {
  const { Preflight } = await import('cdk-preflight');
  Preflight.apply(app);
}

Tags.of(app).add('system', 'postback');
Tags.of(app).add('stage', stage.name);
