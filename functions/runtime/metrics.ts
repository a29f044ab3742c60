/**
 * The metrics of the system: names, units and dimensions, shared by the functions that emit them and by the alarms and the
 * dashboard that read them. They are embedded in log lines (CloudWatch's embedded metric format), so they cost no request.
 */

/** CloudWatch's namespace for all of them. */
export const metricsNamespace = 'Postback';

/** What a metric is split by. Every metric is split by stage. Each combination of values is billed as a metric of its own. */
type Dimension = 'Stage' | 'Result' | 'Code' | 'Partner';

interface MetricDefinition {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds' | 'None';
  /** Sets of dimensions by which the metric can be looked up. */
  readonly by: readonly (readonly Dimension[])[];
  readonly means: string;
}

export const metrics = {
  Postbacks: {
    unit: 'Count',
    by: [
      ['Stage', 'Result'],
      ['Stage', 'Code'],
    ],
    means: 'Postbacks answered, by result and by code',
  },
  HeldShare: {
    unit: 'None',
    by: [['Stage', 'Partner']],
    means: '1 for a postback that was held, 0 for any other: its average is the held rate',
  },
  SignatureFailures: { unit: 'Count', by: [['Stage'], ['Stage', 'Partner']], means: 'Postbacks with a missing or wrong signature' },
  SettleLatency: { unit: 'Milliseconds', by: [['Stage']], means: 'From the receipt of a postback to its entry in the ledger' },
  Delivered: { unit: 'Count', by: [['Stage']], means: 'Attempts to notify a publisher that succeeded' },
  AttemptsFailed: { unit: 'Count', by: [['Stage']], means: 'Attempts to notify a publisher that failed' },
  LedgerMismatches: {
    unit: 'Count',
    by: [['Stage']],
    means: 'Accounts whose newest balance is not the one before it plus the points of the entry',
  },
  ReconciliationGaps: {
    unit: 'Count',
    by: [['Stage']],
    means: 'Disagreements between log, conversions, ledger and deliveries over the postbacks of a minute, a quarter of an hour later',
  },
  OldestUnsettledAge: { unit: 'Seconds', by: [['Stage']], means: 'Age of the oldest recorded change that is not in the ledger' },
  OldestUndeliveredAge: {
    unit: 'Seconds',
    by: [['Stage']],
    means: 'Age of the oldest delivery that has neither succeeded nor been given up, held ones included',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
export type MetricName = keyof typeof metrics;

export type MetricValues = Readonly<Partial<Record<MetricName, number | readonly number[]>>>;
export type Dimensions = Readonly<Partial<Record<Dimension, string | undefined>>>;

/** The members that make a JSON log line carry metrics. */
export interface Embedded {
  readonly [member: string]: unknown;
}

/** CloudWatch accepts no more values of one metric in one line. */
const mostValues = 100;

/**
 * The members of a log line that carries these values.
 *
 * @param dimensions the dimensions that are known; a set that contains an unknown one is left out.
 * @param now epoch milliseconds.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embed(values: MetricValues, dimensions: Dimensions, now: number): Embedded {
  const directives = Object.entries(values).flatMap(([name, value]) => {
    if (!isMetric(name) || (typeof value === 'object' && value.length === 0)) return [];
    const { unit, by } = metrics[name];
    const known = by.filter((set) => set.every((dimension) => dimensions[dimension] !== undefined));
    return known.length === 0 ? [] : [{ Namespace: metricsNamespace, Dimensions: known, Metrics: [{ Name: name, Unit: unit }] }];
  });
  if (directives.length === 0) return {};
  const numbers = Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value.slice(0, mostValues) : value]);
  return { ...Object.fromEntries(numbers), ...dimensions, _aws: { Timestamp: now, CloudWatchMetrics: directives } };
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(metrics, name);
}
