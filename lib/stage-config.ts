import * as z from 'zod';

const throttle = z.object({
  /** Sustained requests per second. */
  rate: z.int().positive(),
  /** Requests that may come at once above the rate. */
  burst: z.int().positive(),
});

/** Everything that differs between deployments of the same code. */
const stageSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, 'a stage name has only lower-case letters, digits and hyphens'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-west-1'),
  /** The account that this stage belongs to: with credentials of another account nothing is deployed. @default - that of the credentials */
  account: z
    .string()
    .regex(/^\d{12}$/, 'an AWS account: twelve digits')
    .optional(),
  /** Whether AWS refuses to delete tables and secrets, with the stack or by hand. They are retained in any case. */
  retainData: z.boolean(),
  /** Days for which function logs and access logs are kept; CloudWatch accepts only these numbers. */
  logRetentionDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(60), z.literal(90), z.literal(180), z.literal(365)]),
  /**
   * URL under which the runbooks can be read in a browser: alarms link to its headings. Absent: alarms name the heading in
   * docs/runbooks.md.
   */
  runbooks: z.url().optional(),
  /** Where alarms are sent. Absent: they are raised, but nobody is notified. */
  alarmEmail: z.email().optional(),
  /**
   * Budget in US dollars: the alarms' topic is notified when the account's costs of a month reach 80% of it, and when they are forecast to
   * exceed it.
   */
  monthlyBudgetDollars: z.number().positive().optional(),
  /** Limits for the whole API and for its parts. They guard the bill; the limit of one partner is `ratePerKey`. */
  throttling: z.object({ all: throttle, postback: throttle, track: throttle, admin: throttle, console: throttle }),
  /** Postbacks per second from one key, and requests per second from one IP address with keys that do not exist (contract 1.9). */
  ratePerKey: z.int().positive(),
  ratePerUnknownAddress: z.int().positive(),
  /** Clicks of one user on one offer that are stored within an hour; further clicks reuse the last one (contract 1.9). */
  clicksPerUserAndHour: z.int().positive().default(60),
  /** IP addresses and ranges of proxies in front of the API, such as a CDN. Only their `X-Forwarded-For` is believed (contract 1.8). */
  trustedProxies: z.array(z.string().min(2).max(50)).max(200).default([]),
  /**
   * Most invocations at once, per queue. The limit for deliveries keeps settlement going when deliveries hang; the other protects DynamoDB.
   */
  maximumConcurrency: z.object({ conversions: z.int().min(2).max(1000), deliveries: z.int().min(2).max(1000) }),
  /** Seconds for which settings are served from memory; revoking a key must take effect within 60 (contract 1.3). */
  settingsCacheSeconds: z.int().min(0).max(60),
  /** A domain of our own for the API, with its certificate in the same region. Absent: the API has the host that API Gateway gives it. */
  domain: z
    .object({
      name: z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'a domain name in lower case'),
      certificateArn: z.string().startsWith('arn:'),
      /**
       * Callers must show a certificate that one of these authorities has signed (a PEM file in S3). That applies to every caller,
       * including the publishers' users who follow tracking links, so it suits only a domain that partners alone use.
       */
      mutualTls: z
        .object({ truststoreBucket: z.string().min(3), truststoreKey: z.string().min(1), truststoreVersion: z.string().min(1) })
        .optional(),
    })
    .optional(),
  /** An OpenID Connect issuer whose tokens people can also use for the admin API; the claim holds `admin` or `viewer`. */
  oidc: z
    .object({ issuer: z.url({ protocol: /^https$/ }), audience: z.string().min(1), roleClaim: z.string().min(1).default('role') })
    .optional(),
  /**
   * The source IP address of deliveries: `shared` is any of AWS's; `static` is one that publishers can allow, for about $70 a month (NAT
   * gateway and endpoints).
   */
  outboundAddress: z.enum(['shared', 'static']),
  /** Whether a new version gets a tenth of the traffic first, and is rolled back when an alarm is raised. */
  gradualDeployment: z.boolean(),
  /**
   * `off` is for the one deployment that repairs what raised an alarm: while the alarm is raised, a gradual deployment would be refused. It
   * is set on the command line (`-c rollback=off`), not here.
   */
  rollback: z.enum(['on alarm', 'off']).default('on alarm'),
});

export type StageConfig = z.output<typeof stageSchema>;

const stages: Record<string, z.input<typeof stageSchema>> = {
  dev: {
    name: 'dev',
    region: 'eu-west-1',
    retainData: false,
    logRetentionDays: 14,
    throttling: {
      all: { rate: 500, burst: 1000 },
      postback: { rate: 500, burst: 1000 },
      track: { rate: 200, burst: 400 },
      admin: { rate: 50, burst: 100 },
      console: { rate: 50, burst: 100 },
    },
    ratePerKey: 1000,
    ratePerUnknownAddress: 20,
    maximumConcurrency: { conversions: 5, deliveries: 25 },
    settingsCacheSeconds: 10,
    outboundAddress: 'shared',
    gradualDeployment: false,
  },
  production: {
    name: 'production',
    region: 'eu-west-1',
    retainData: true,
    logRetentionDays: 90,
    throttling: {
      all: { rate: 10_000, burst: 5000 },
      postback: { rate: 10_000, burst: 5000 },
      track: { rate: 5000, burst: 2500 },
      admin: { rate: 100, burst: 200 },
      console: { rate: 100, burst: 200 },
    },
    ratePerKey: 1000,
    ratePerUnknownAddress: 20,
    maximumConcurrency: { conversions: 100, deliveries: 200 },
    settingsCacheSeconds: 30,
    outboundAddress: 'shared',
    gradualDeployment: true,
  },
};

/**
 * The validated configuration of a stage.
 *
 * @throws Error naming the stages that exist, or every field that is wrong.
 */
export function stageConfig(name: unknown, { rollback }: { readonly rollback?: unknown } = {}): StageConfig {
  const stage = typeof name === 'string' ? stages[name] : undefined;
  if (stage === undefined) throw new Error(`no stage '${String(name)}'; there are: ${Object.keys(stages).join(', ')}`);
  if (rollback !== undefined && rollback !== 'off') throw new Error("rollback can only be 'off'");
  return checkedStage({ ...stage, ...(rollback === 'off' && { rollback }) });
}

/** @throws Error naming every field that is wrong, so that nothing of a wrong stage is synthesised. */
export function checkedStage(stage: z.input<typeof stageSchema>): StageConfig {
  const parsed = stageSchema.safeParse(stage);
  if (!parsed.success) throw new Error(`stage '${stage.name}' is wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
