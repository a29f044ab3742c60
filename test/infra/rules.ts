import type { Templates } from './templates.ts';

/*
 * Rules that a change can break without anybody noticing. Each answers its offences, so that a test can also show that it finds one.
 */

/** Actions for which AWS knows no resources: traces, and a function's interfaces in a network. */
const boundless =
  /^(xray:PutTelemetryRecords|xray:PutTraceSegments|ec2:(Assign|Unassign)PrivateIpAddresses|ec2:(Create|Delete|Describe)NetworkInterfaces?|ec2:DescribeSubnets)$/;

/** Actions on every resource of their kind, but those for which there is no other way. */
export function unboundedAllowances(templates: Templates): string[] {
  return templates
    .allowances()
    .filter(({ resources }) => JSON.stringify(resources).includes('*'))
    .flatMap(({ owner, actions }) => actions.filter((action) => !boundless.test(action)).map((action) => `${owner} may ${action} on *`));
}

/** What somebody must be told of, by the beginning of the alarm's id. */
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
  'HeldRate',
  'SignatureFailures',
  'LedgerMismatch',
];

/** Alarms that are missing, tell nobody, or do not say what they mean and where to read on. */
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

/** Variables of an access log line that could hold a key, an address or a person's data. */
export function accessLogLeaks(templates: Templates): string[] {
  return templates.ofType('AWS::ApiGatewayV2::Stage').flatMap(({ Properties }) => {
    const format = String(Properties.AccessLogSettings.Format);
    return format.match(/\$context\.(path|http|protocol|identity|requestOverride|customDomain|authorizer\.(?!error))[\w.]*/g) ?? [];
  });
}
