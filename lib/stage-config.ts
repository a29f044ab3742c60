import * as z from 'zod';

const throttle = z.object({
  /** Requests a second, sustained. */
  rate: z.int().positive(),
  /** Requests at once above that. */
  burst: z.int().positive(),
});

/** Everything that differs between deployments of the same code. */
const stageSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, 'a stage is named with small letters, digits and hyphens'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-west-1'),
  /** The account that this stage belongs to: credentials of another one then deploy nothing. @default - that of the credentials */
  account: z
    .string()
    .regex(/^\d{12}$/, 'an AWS account: twelve digits')
    .optional(),
  /** Whether tables and secrets refuse to be deleted with the stack and by hand. They are retained in any case. */
  retainData: z.boolean(),
  /** Days that function and access logs are kept; CloudWatch knows only these numbers. */
  logRetentionDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(60), z.literal(90), z.literal(180), z.literal(365)]),
  /** Where the runbooks can be read in a browser: alarms link to their headings. Absent: alarms name the heading in docs/runbooks.md. */
  runbooks: z.url().optional(),
  /** Where alarms are sent; absent: they are raised and nobody is told. */
  alarmEmail: z.email().optional(),
  /** Tells the alarms' topic when the account's costs of a month come to 80% of so many dollars, and when they are forecast to exceed it. */
  monthlyBudgetDollars: z.number().positive().optional(),
  /** Limits of the whole API and of its parts. They guard the bill; a partner's own limit is `ratePerKey`. */
  throttling: z.object({ all: throttle, postback: throttle, track: throttle, admin: throttle, console: throttle }),
  /** Postbacks a second from one key, and requests a second from one address with keys that do not exist (contract 1.9). */
  ratePerKey: z.int().positive(),
  ratePerUnknownAddress: z.int().positive(),
  /** Clicks of one user on one offer that are stored within an hour; what is over that reuses the last one (contract 1.9). */
  clicksPerUserAndHour: z.int().positive().default(60),
  /** Addresses and ranges of proxies before the API, such as a CDN: whose `X-Forwarded-For` is believed (contract 1.8). */
  trustedProxies: z.array(z.string().min(2).max(50)).max(200).default([]),
  /** Most invocations at once per queue. Two bounds: one keeps settlement going when deliveries hang, the other spares DynamoDB. */
  maximumConcurrency: z.object({ conversions: z.int().min(2).max(1000), deliveries: z.int().min(2).max(1000) }),
  /** Seconds that settings are served from memory; revoking a key must work within 60 (contract 1.3). */
  settingsCacheSeconds: z.int().min(0).max(60),
  /** A domain of our own for the API, with its certificate in the same region. Absent: the address that API Gateway gives. */
  domain: z
    .object({
      name: z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'a domain name in small letters'),
      certificateArn: z.string().startsWith('arn:'),
      /**
       * Callers must show a certificate signed by one of these authorities (a PEM file in S3). Whoever calls, publishers' users that
       * follow tracking links included: only for a domain of partners' own.
       */
      mutualTls: z
        .object({ truststoreBucket: z.string().min(3), truststoreKey: z.string().min(1), truststoreVersion: z.string().min(1) })
        .optional(),
    })
    .optional(),
  /** People sign in to the admin API with tokens of this OpenID Connect issuer too; the claim holds `admin` or `viewer`. */
  oidc: z.object({ issuer: z.url(), audience: z.string().min(1), roleClaim: z.string().min(1).default('role') }).optional(),
  /**
   * Where deliveries come from: `shared` is any address of AWS; `static` is one address that publishers can put on a list, for about
   * $70 a month (NAT gateway and endpoints).
   */
  outboundAddress: z.enum(['shared', 'static']),
  /** Whether a new version gets a tenth of the traffic first, and is rolled back by the alarms. */
  gradualDeployment: z.boolean(),
  /**
   * `off` for the one deployment that repairs what an alarm is raised for: with the alarm up, a gradual deployment would be refused.
   * Given with the command (`-c rollback=off`), not here.
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
 * The configuration of a stage, checked.
 *
 * @throws Error naming the stages there are, or every field that is wrong.
 */
export function stageConfig(name: unknown, { rollback }: { readonly rollback?: unknown } = {}): StageConfig {
  const stage = typeof name === 'string' ? stages[name] : undefined;
  if (stage === undefined) throw new Error(`no stage '${String(name)}'; there are: ${Object.keys(stages).join(', ')}`);
  if (rollback !== undefined && rollback !== 'off') throw new Error("rollback can only be 'off'");
  return checkedStage({ ...stage, ...(rollback === 'off' && { rollback }) });
}

/** @throws Error naming every field that is wrong, and only then: nothing of a wrong stage is synthesised. */
export function checkedStage(stage: z.input<typeof stageSchema>): StageConfig {
  const parsed = stageSchema.safeParse(stage);
  if (!parsed.success) throw new Error(`stage '${stage.name}' is wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
