import { type Consumption, readUnits, sqsRequests, writeUnits } from './consumption.ts';
import { type Legs, MeasuredSystem } from './measured-system.ts';
import { priceList } from './price-list.ts';

/** Upper bounds for one approved postback: its receipt, its settlement, and one delivery that succeeds. */
export const bars = {
  writeUnits: 13.5,
  receiveWriteUnits: 6,
  readUnits: 2,
  sqsRequests: 2.5,
  calls: 5,
  dollarsPerMillion: 11.6,
  dollarsPerMillionAlone: 14,
  clickWriteUnits: 2,
} as const;

/** Per postback. */
export interface Leg {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly sqsRequests: number;
  /** The functions' requests to DynamoDB and SQS. */
  readonly calls: number;
  /** Invocations of Lambda. */
  readonly invocations: number;
}

export interface Units extends Leg {
  readonly legs: Readonly<Record<'receive' | 'settle' | 'forward', Leg>>;
  readonly measured: Legs;
  /**
   * Read units for the health of publishers' endpoints. An instance reads it once a second, however much it delivers, so these units belong
   * to no postback.
   */
  readonly healthReadUnits: number;
  /** Read units for reconciling one postback, and for a minute without postbacks. */
  readonly reconciling: { readonly readUnits: number; readonly quietMinute: number };
  /** Write units for a click that a tracking link stores. */
  readonly clickWriteUnits: number;
}

const warmUp = 10;

/** Measures with the settings already in memory, as they are for almost every postback. */
export async function measureUnits(batchSize: number, postbacks: number): Promise<Units> {
  const system = await MeasuredSystem.start();
  const since = Date.now();
  try {
    const campaign = await system.stack.campaign();
    const clicks = await system.clicks(campaign, warmUp + postbacks);
    await system.run(campaign, clicks.slice(0, warmUp), batchSize);
    const measured = await system.run(campaign, clicks.slice(warmUp), batchSize);
    const { minutes, readUnits: units, quietMinute } = await system.reconcile(since);
    const reconciling = { readUnits: (units - minutes * quietMinute) / clicks.length, quietMinute };
    return { ...unitsOf(measured), reconciling, clickWriteUnits: await system.follow(campaign, 20) };
  } finally {
    await system.stop();
  }
}

function unitsOf(measuredLegs: Legs): Omit<Units, 'reconciling' | 'clickWriteUnits'> {
  // Each batch that a queue's poller receives is one invocation.
  const leg = (consumption: Consumption, invocations = (consumption.sqs['ReceiveMessage'] ?? 0) / measuredLegs.postbacks): Leg => ({
    writeUnits: writeUnits(consumption) / measuredLegs.postbacks,
    readUnits: readUnits(ofPostbacks(consumption)) / measuredLegs.postbacks,
    sqsRequests: sqsRequests(consumption) / measuredLegs.postbacks,
    calls: consumption.calls / measuredLegs.postbacks,
    invocations,
  });
  const legs = {
    receive: leg(withoutUpkeep(measuredLegs.receive), 1),
    settle: leg(measuredLegs.settle),
    forward: leg(measuredLegs.forward),
  };
  const sum = (name: keyof Leg) => legs.receive[name] + legs.settle[name] + legs.forward[name];
  return {
    legs,
    writeUnits: sum('writeUnits'),
    readUnits: sum('readUnits'),
    sqsRequests: sum('sqsRequests'),
    calls: sum('calls'),
    invocations: sum('invocations'),
    measured: measuredLegs,
    healthReadUnits: readUnits(measuredLegs.forward) - readUnits(ofPostbacks(measuredLegs.forward)),
  };
}

/**
 * What an instance of the receiver writes by the clock instead of per postback: once a minute when a key was used, and every ten seconds
 * how often a busy key was used. Among forty postbacks, each such write would add a fortieth of a unit, or none.
 */
function withoutUpkeep(receive: Consumption): Consumption {
  const isUpkeep = ({ operation, table }: Consumption['dynamodb'][number]) =>
    operation === 'UpdateItem' && (table === 'keys' || table === 'statistics');
  return { ...receive, dynamodb: receive.dynamodb.filter((one) => !isUpkeep(one)) };
}

function ofPostbacks(consumption: Consumption): Consumption {
  return { ...consumption, dynamodb: consumption.dynamodb.filter(({ table }) => table !== 'endpoints') };
}

export interface Cost {
  readonly parts: readonly { readonly what: string; readonly quantity: string; readonly dollars: number }[];
  readonly dollars: number;
}

/**
 * What we assume for Lambda: billed milliseconds per postback in each function, in the processor for both of its legs, and bytes of log per
 * postback. These are generous assumptions, because the local machine is not a Lambda.
 */
const assumed = {
  receiver: { milliseconds: 20, gigabytes: 1 },
  processor: { milliseconds: 30, gigabytes: 0.5 },
  logBytes: 1_200,
};

/** Dollars for a million postbacks. */
export function costOf({ writeUnits: writes, readUnits: reads, sqsRequests: requests, invocations }: Leg): Cost {
  const million = 1e6;
  const { dynamodb, sqs, httpApi, lambda, logs } = priceList;
  const { receiver, processor } = assumed;
  const gigabyteSeconds = (receiver.milliseconds * receiver.gigabytes + processor.milliseconds * processor.gigabytes) / 1_000;
  const part = (what: string, quantity: number, price: number, unit: string) => ({
    what,
    quantity: `${quantity.toFixed(3).replace(/\.?0+$/, '')} ${unit}`,
    dollars: quantity * price * million,
  });
  const parts = [
    part('DynamoDB, writes', writes, dynamodb.writeUnits, 'units'),
    part('DynamoDB, reads', reads, dynamodb.readUnits, 'units'),
    part('SQS', requests, sqs.requests, 'requests'),
    part('HTTP API', 1, httpApi.requests, 'request'),
    part('Lambda, invocations', invocations, lambda.requests, 'invocations'),
    part('Lambda, time', gigabyteSeconds, lambda.arm64GigabyteSecond, 'GB-seconds'),
    part('Logs and metrics', assumed.logBytes, logs.gigabyte / 1e9, 'bytes'),
  ];
  return { parts, dollars: parts.reduce((sum, { dollars }) => sum + dollars, 0) };
}
