import { FilledSystem, searches } from './filled-system.ts';
import { median } from './numbers.ts';
import type { Amounts } from './stored-records.ts';

/** One list of the admin API, requested from a system with few records and from one with many. */
interface ListTime {
  readonly what: string;
  readonly fewMilliseconds: number;
  readonly manyMilliseconds: number;
  readonly growth: number;
}

export interface Lists {
  readonly few: Amounts;
  readonly many: Amounts;
  readonly times: readonly ListTime[];
  /** The list, searches apart, that grows most. */
  readonly worst: ListTime;
  /** The slowest search. */
  readonly search: ListTime;
}

const few: Amounts = { conversions: 100, logs: 500 };
const many: Amounts = { conversions: 10_000, logs: 50_000 };
const warmUps = 3;
/** The growth from which a list is measured again, and how many times as often, because a busy moment of the machine is no growth. */
const doubtful = 1.15;
const moreRounds = 3;

/** Both systems run side by side and are measured in turn, so that a busy moment of the machine affects both. */
export async function measureLists(rounds = 20): Promise<Lists> {
  const systems: FilledSystem[] = [];
  try {
    for (const amounts of [few, many]) systems.push(await FilledSystem.start(amounts));
    const [small, large] = systems;
    if (small === undefined || large === undefined) throw new Error('there are no systems');
    const times: ListTime[] = [];
    for (const what of Object.keys(small.lists)) {
      const time = await compare(what, small, large, rounds);
      times.push(time.growth > doubtful ? await compare(what, small, large, moreRounds * rounds) : time);
    }
    const [worst] = times.filter(({ what }) => !searches.has(what)).toSorted((a, b) => b.growth - a.growth);
    const [search] = times.filter(({ what }) => searches.has(what)).toSorted((a, b) => b.manyMilliseconds - a.manyMilliseconds);
    if (worst === undefined || search === undefined) throw new Error('nothing was measured');
    return { few, many, times, worst, search };
  } finally {
    for (const system of systems) await system.stack.stop();
  }
}

async function compare(what: string, small: FilledSystem, large: FilledSystem, rounds: number): Promise<ListTime> {
  const times: { readonly small: number[]; readonly large: number[] } = { small: [], large: [] };
  for (let round = -warmUps; round < rounds; round += 1) {
    // Each is first as often as it is second.
    const first = round % 2 === 0 ? await small.time(what) : undefined;
    const ofLarge = await large.time(what);
    const ofSmall = first ?? (await small.time(what));
    if (ofSmall.rows !== ofLarge.rows) throw new Error(`${what} answered ${ofSmall.rows} rows of few and ${ofLarge.rows} of many`);
    if (round < 0) continue;
    times.small.push(ofSmall.milliseconds);
    times.large.push(ofLarge.milliseconds);
  }
  const [fewMilliseconds, manyMilliseconds] = [median(times.small), median(times.large)];
  return { what, fewMilliseconds, manyMilliseconds, growth: manyMilliseconds / fewMilliseconds };
}
