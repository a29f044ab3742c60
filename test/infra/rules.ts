import type { AnyBody } from '../support/local-stack.ts';
import type { Templates } from './templates.ts';

/* Rules that a change can break without anybody noticing. Each returns its violations, so that a test can also show that it finds one. */

/** Actions that AWS cannot limit to resources: traces, and a function's network interfaces. */
const boundless =
  /^(xray:PutTelemetryRecords|xray:PutTraceSegments|ec2:(Assign|Unassign)PrivateIpAddresses|ec2:(Create|Delete|Describe)NetworkInterfaces?|ec2:DescribeSubnets)$/;

/** Statements that allow actions on every resource of a kind, except those for which AWS offers no other way. */
export function unboundedAllowances(templates: Templates): string[] {
  return templates
    .allowances()
    .filter(({ resources }) => JSON.stringify(resources).includes('*'))
    .flatMap(({ owner, actions }) => actions.filter((action) => !boundless.test(action)).map((action) => `${owner} may ${action} on *`));
}

/** What there must be an alarm for, by the beginning of the alarm's id. */
const wantedAlarms = [
  'OldestUnsettled',
  'OldestUndelivered',
  'DeadLettersConversions',
  'DeadLettersDeliveries',
  'Unavailable',
  'ServerErrors',
  'FunctionErrors',
  'FunctionThrottles',
  'TableThrottles',
  'IndexThrottlesPostbacks',
  'IndexThrottlesConversions',
  'IndexThrottlesDeliveries',
  'HeldRate',
  'SignatureFailures',
  'LedgerMismatch',
  'ReconciliationGaps',
];

/** Alarms that are missing, notify nobody, or do not say what they mean and where to read more. */
export function alarmFaults(templates: Templates, headings: ReadonlySet<string>): string[] {
  const alarms = templates.ofType('AWS::CloudWatch::Alarm');
  const missing = wantedAlarms.filter((name) => !alarms.some(({ id }) => id.startsWith(`Alarms${name}`))).map((name) => `no alarm ${name}`);
  const faulty = alarms.flatMap(({ id, Properties }) => {
    const text = String(Properties.AlarmDescription);
    const heading = /Runbook: \S+#([a-z-]+)$/.exec(text)?.[1];
    return [
      ...(Properties.AlarmActions?.length > 0 ? [] : [`${id} tells nobody`]),
      ...(text.startsWith('Impact: ') ? [] : [`${id} does not say what it means`]),
      ...(heading !== undefined && headings.has(heading) ? [] : [`${id} leads to no runbook`]),
    ];
  });
  return [...missing, ...faulty];
}

/** Variables of an access log line that could contain a key, an IP address or a person's data. */
export function accessLogLeaks(templates: Templates): string[] {
  return templates.ofType('AWS::ApiGatewayV2::Stage').flatMap(({ Properties }) => {
    const format = String(Properties.AccessLogSettings.Format);
    return format.match(/\$context\.(path|http|protocol|identity|requestOverride|customDomain|authorizer\.(?!error))[\w.]*/g) ?? [];
  });
}

/** Alarms and budgets publish to a topic. To a topic with a policy of its own, only those whom the policy names can publish. */
export function muteTopics(templates: Templates): string[] {
  const told = (service: string, from: readonly AnyBody[]) => from.map((topic) => ({ service, topic: JSON.stringify(topic) }));
  const needed = [
    ...templates.ofType('AWS::CloudWatch::Alarm').flatMap(({ Properties }) => told('cloudwatch.amazonaws.com', Properties.AlarmActions)),
    ...templates
      .ofType('AWS::Budgets::Budget')
      .flatMap(({ Properties }) => Properties.NotificationsWithSubscribers.flatMap(({ Subscribers }: AnyBody) => Subscribers))
      .flatMap(({ Address }) => told('budgets.amazonaws.com', [Address])),
  ];
  const policies = templates.ofType('AWS::SNS::TopicPolicy').map(({ Properties }) => Properties);
  const offences = needed.filter(({ service, topic }) => {
    const own = policies.filter(({ Topics }) => Topics.some((named: AnyBody) => JSON.stringify(named) === topic));
    const allows = own
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .some(
        ({ Effect, Action, Principal }: AnyBody) =>
          Effect === 'Allow' && Action === 'sns:Publish' && [Principal?.Service].flat().includes(service),
      );
    return own.length > 0 && !allows;
  });
  return [...new Set(offences.map(({ service, topic }) => `${service} may not publish to ${topic}`))];
}

/** Functions that are invoked asynchronously and do not define how often they are tried: Lambda would try three times within six hours. */
export function unsaidRetries(templates: Templates): string[] {
  const said = new Set(
    templates
      .ofType('AWS::Lambda::EventInvokeConfig')
      .filter(({ Properties }) => Properties.MaximumRetryAttempts !== undefined && Properties.MaximumEventAgeInSeconds !== undefined)
      .map(({ Properties }) => Properties.FunctionName.Ref),
  );
  return templates
    .ofType('AWS::Events::Rule')
    .flatMap(({ id, Properties }) => Properties.Targets.map(({ Arn }: AnyBody) => ({ id, target: Arn['Fn::GetAtt']?.[0] })))
    .filter(({ target }) => !said.has(target))
    .map(({ id, target }) => `${id} invokes ${target}`);
}

/** Queues to which a function may send and from which it is invoked, as `Function: Queue`. */
export function selfFeedingQueues(templates: Templates): string[] {
  const senders = templates
    .allowances()
    .filter(({ actions }) => actions.includes('sqs:SendMessage'))
    .flatMap(({ owner, resources }) => resources.map((resource) => `${owner} ${JSON.stringify(resource)}`));
  const readers = templates
    .allowances()
    .filter(({ actions }) => actions.includes('sqs:ReceiveMessage') && !actions.includes('sqs:StartMessageMoveTask'))
    .flatMap(({ owner, resources }) => resources.map((resource) => ({ owner, resource: JSON.stringify(resource) })));
  return readers
    .filter(({ owner, resource }) => senders.includes(`${owner} ${resource}`))
    .map(({ owner, resource }) => `${owner.replace(/Role.*/, '')}: ${/"(\w+?)Queue/.exec(resource)?.[1]}`);
}

/** Integrations, authorizers and schedules that have no permission to invoke their function. */
export function missingPermissions(templates: Templates): string[] {
  const permitted = new Set(
    templates.ofType('AWS::Lambda::Permission').map(({ Properties }) => `${Properties.Principal} ${functionIn(Properties.FunctionName)}`),
  );
  const needed = [
    ...templates.ofType('AWS::ApiGatewayV2::Integration').map(({ Properties }) => ['apigateway.amazonaws.com', Properties.IntegrationUri]),
    ...templates.ofType('AWS::ApiGatewayV2::Authorizer').map(({ Properties }) => ['apigateway.amazonaws.com', Properties.AuthorizerUri]),
    ...templates.ofType('AWS::Events::Rule').map(({ Properties }) => ['events.amazonaws.com', Properties.Targets[0].Arn]),
  ];
  return needed.map(([service, target]) => `${service} ${functionIn(target)}`).filter((name) => !permitted.has(name));
}

/** The function or alias to which a reference leads. */
function functionIn(reference: unknown): string | undefined {
  return /"(?:Fn::GetAtt":\["|Ref":")((?:Gradual)?(?:Receiver|Processor|Tracker|Admin|Authorizer|Sweeper)\w*)"/.exec(
    JSON.stringify(reference),
  )?.[1];
}

/** Statements of roles that cannot be expressed as a set of allowed (action, resource) pairs. */
export function allowancesThatDeny(templates: Templates): string[] {
  return templates
    .ofType('AWS::IAM::Policy')
    .flatMap(({ id, Properties }) =>
      Properties.PolicyDocument.Statement.filter(
        ({ Effect, Condition, NotAction, NotResource }: AnyBody) =>
          Effect !== 'Allow' || Condition !== undefined || NotAction !== undefined || NotResource !== undefined,
      ).map((statement: AnyBody) => `${id}: ${JSON.stringify(statement)}`),
    );
}
