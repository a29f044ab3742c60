import { readUnits, sqsRequests, writeUnits } from './consumption.ts';
import { type Legs, MeasuredSystem } from './measured-system.ts';
import { storeHistory } from './stored-history.ts';

/** The consumption per postback, with so many conversions stored. */
interface Work {
  readonly stored: number;
  readonly units: number;
  readonly requests: number;
  readonly milliseconds: number;
}

export interface Flatness {
  readonly few: Work;
  readonly many: Work;
  /** The growth of units or that of requests, whichever is larger. */
  readonly growth: number;
}

const few = 100;
const many = 100_000;
const measured = 100;

/** Measures the same hundred postbacks, of one user and ninety-nine others, before and after a long history is stored. */
export async function measureFlatness(): Promise<Flatness> {
  const system = await MeasuredSystem.start();
  try {
    const campaign = await system.stack.campaign();
    const clicks = await system.clicks(campaign, 2 * measured + 10);
    await storeHistory(system.stack.system, campaign, few);
    await system.run(campaign, clicks.splice(0, 10));
    const before = await work(few, () => system.run(campaign, clicks.splice(0, measured)));
    await storeHistory(system.stack.system, campaign, many - few);
    const after = await work(many, () => system.run(campaign, clicks.splice(0, measured)));
    return { few: before, many: after, growth: Math.max(after.units / before.units, after.requests / before.requests) };
  } finally {
    await system.stop();
  }
}

async function work(stored: number, run: () => Promise<Legs>): Promise<Work> {
  const from = performance.now();
  const { postbacks, receive, settle, forward } = await run();
  const milliseconds = (performance.now() - from) / postbacks;
  const legs = [receive, settle, forward];
  const sum = (of: (leg: Legs['receive']) => number) => legs.reduce((total, leg) => total + of(leg), 0) / postbacks;
  return {
    stored,
    milliseconds,
    units: sum((leg) => writeUnits(leg) + readUnits(leg)),
    requests: sum((leg) => leg.dynamodb.length + sqsRequests(leg)),
  };
}
