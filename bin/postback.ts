#!/usr/bin/env node
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PostbackStack } from '../lib/postback-stack.ts';
import { stageConfig } from '../lib/stage-config.ts';

const app = new App();
const stage = stageConfig(app.node.tryGetContext('stage') ?? 'dev', { rollback: app.node.tryGetContext('rollback') });

// One stack, so that `cdk deploy` needs no list. Without an account it is that of the credentials, and synthesis needs none.
new PostbackStack(app, `postback-${stage.name}`, {
  stage,
  env: { region: stage.region, ...(stage.account !== undefined && { account: stage.account }) },
  terminationProtection: stage.retainData,
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
// What CloudFormation would refuse only while it deploys. A local run deploys nothing, and synthesises without any check of templates.
if (app.node.tryGetContext('@aws-cdk/core:validateAgainstDefaultRules') === true) {
  const { Preflight } = await import('cdk-preflight');
  Preflight.apply(app);
}

Tags.of(app).add('system', 'postback');
Tags.of(app).add('stage', stage.name);
