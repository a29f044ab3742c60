import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';

export interface PostbackApiProps {
  readonly stage: StageConfig;
  readonly receiver: IFunction;
  readonly tracker: IFunction;
  readonly admin: IFunction;
  readonly authorizer: IFunction;
}

type Part = Exclude<keyof StageConfig['throttling'], 'all'>;

/**
 * Fields of an access log line. They include neither the path, which holds the partner's key (the route key has `{key}` in its place), nor
 * the query, which holds a user's data, nor an IP address.
 */
const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  responseBytes: '$context.responseLength',
  error: '$context.error.responseType',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
};

/** The HTTP API: which path leads to which function, who may call it and how often, and what is logged. */
export class PostbackApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly accessLogs: LogGroup;

  constructor(scope: Construct, id: string, props: PostbackApiProps) {
    super(scope, id);
    const { domain } = props.stage;
    const domainName =
      domain &&
      new DomainName(this, 'Domain', {
        domainName: domain.name,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
        securityPolicy: SecurityPolicy.TLS_1_2,
        ...(domain.mutualTls !== undefined && {
          mtls: {
            bucket: Bucket.fromBucketName(this, 'Truststore', domain.mutualTls.truststoreBucket),
            key: domain.mutualTls.truststoreKey,
            version: domain.mutualTls.truststoreVersion,
          },
        }),
      });
    this.api = new HttpApi(this, 'Api', {
      apiName: `postback-${props.stage.name}`,
      createDefaultStage: false,
      description: `Postback system (${props.stage.name})`,
      // With a domain of our own, the URL that API Gateway generates would be a way around it.
      disableExecuteApiEndpoint: domainName !== undefined,
    });
    this.accessLogs = new LogGroup(this, 'AccessLogs', { retention: props.stage.logRetentionDays, removalPolicy: RemovalPolicy.DESTROY });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.stage.throttling.all.rate, burstLimit: props.stage.throttling.all.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
      ...(domainName !== undefined && { domainMapping: { domainName } }),
    });
    this.addRoutes(props);
    if (domainName !== undefined) {
      new CfnOutput(Stack.of(this), 'DomainTarget', {
        value: domainName.regionalDomainName,
        description: 'Point the domain at this name, with a CNAME or an alias in Route 53',
      });
      new CfnOutput(Stack.of(this), 'DomainTargetZone', {
        value: domainName.regionalHostedZoneId,
        description: 'The hosted zone that an alias in Route 53 needs for that name',
      });
    }
  }

  /** The routes are for ANY method where the function itself answers wrong methods (405 with `Allow`). */
  private addRoutes(props: PostbackApiProps): void {
    const receiver = integration('Receiver', props.receiver);
    const admin = integration('Admin', props.admin);
    const authorizer = new HttpLambdaAuthorizer('Authorizer', props.authorizer, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.Authorization'],
      // Nothing is cached, so a revoked token stops working at once; the authorizer's read is cheap.
      resultsCacheTtl: Duration.seconds(0),
    });
    const add = (part: Part, method: HttpMethod, path: string, target: HttpLambdaIntegration, guard?: IHttpRouteAuthorizer) => {
      const routes = this.api.addRoutes({ path, methods: [method], integration: target, ...(guard && { authorizer: guard }) });
      for (const route of routes) {
        if (guard === undefined) acknowledgeOpen(route, part);
        this.throttle(route, `${method} ${path}`, props.stage.throttling[part]);
      }
    };
    // We answer paths that no route takes ourselves too, in the contract's format instead of the gateway's.
    const other = new HttpRoute(this, 'Other', { httpApi: this.api, routeKey: HttpRouteKey.DEFAULT, integration: receiver });
    acknowledgeOpen(other, 'console');
    this.throttle(other, HttpRouteKey.DEFAULT.key, props.stage.throttling.console);
    // Takes every path below it: the receiver ignores doubled and trailing slashes, which a route would not match (contract 1).
    add('postback', HttpMethod.ANY, '/postback/{proxy+}', receiver);
    add('postback', HttpMethod.ANY, '/api/analytics/postback', receiver);
    add('console', HttpMethod.GET, '/api/analytics/postback/test', receiver);
    add('console', HttpMethod.GET, '/health', receiver);
    add('track', HttpMethod.GET, '/track/{offer_id}', integration('Tracker', props.tracker));
    add('admin', HttpMethod.ANY, '/api/admin/{proxy+}', admin, authorizer);
    for (const path of ['/', '/docs', '/docs/{proxy+}', '/llms.txt', '/openapi.json']) add('console', HttpMethod.GET, path, admin);
    add('console', HttpMethod.GET, '/admin', admin);
    add('console', HttpMethod.GET, '/admin/{proxy+}', admin);
  }

  private throttle(route: HttpRoute, routeKey: string, limit: StageConfig['throttling'][Part]): void {
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('the stage has no CloudFormation resource');
    stage.addPropertyOverride(`RouteSettings.${routeKey.replaceAll('.', '\\.')}`, {
      ThrottlingRateLimit: limit.rate,
      ThrottlingBurstLimit: limit.burst,
    });
    // API Gateway refuses settings for a route that does not exist yet.
    stage.node.addDependency(route);
  }
}

/** Why each part of the API uses no AWS credentials. */
const openBecause: Readonly<Record<Part, string>> = {
  postback: 'The key in the URL is the credential: networks send nothing else. The receiver checks the key, signatures and IP addresses.',
  track: 'People follow this link from a web page.',
  admin: 'The admin API is never open.',
  console: "It shows nobody's data: a page that asks for a token, the documentation, and whether the system is up.",
};

function acknowledgeOpen(route: HttpRoute, part: Part): void {
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason: openBecause[part] });
}

/** One permission per function for the whole API: one per route would come near the size limit of a function's policy. */
function integration(id: string, target: IFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(id, target, { scopePermissionToRoute: false });
}
