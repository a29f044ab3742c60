#!/usr/bin/env node
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from '../lib/data-stack.ts';
import { ServiceStack } from '../lib/service-stack.ts';
import { stageConfig } from '../lib/stage-config.ts';

const app = new App();
const stage = stageConfig(app.node.tryGetContext('stage') ?? 'dev');
// No account: it is the one whose credentials deploy, and synthesis needs none.
const env = { region: stage.region };

const data = new DataStack(app, `postback-${stage.name}-data`, { stage, env, terminationProtection: stage.retainData });
new ServiceStack(app, `postback-${stage.name}-service`, { stage, data, env });

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

Tags.of(app).add('system', 'postback');
Tags.of(app).add('stage', stage.name);
