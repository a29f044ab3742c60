import type { Report } from './episode.ts';
import { playEpisode } from './episode.ts';
import { shortest } from './shrink.ts';
import { readDeployment } from './tables.ts';
import { type Action, type Plan, planOf } from './workload.ts';

/** What a worker is given to play. */
interface Given {
  readonly seed: number;
  readonly episode: number;
  readonly clicks: number;
  readonly trace: boolean;
}

/** A report without what a message cannot hold. */
export type PlainReport = Omit<Report, 'faults'> & {
  readonly faults: readonly { readonly kind: string; readonly times: number; readonly awaits: readonly string[] }[];
};

export type Told =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'played'; readonly episode: number; readonly report: PlainReport }
  | {
      readonly kind: 'failed';
      readonly episode: number;
      readonly violation: string;
      readonly of: number;
      readonly story: readonly string[];
    };

const deployment = await readDeployment();
const send = (told: Told): void => void process.send?.(told);

/** What a plan comes to; `undefined`: nothing is wrong. */
async function violationOf(plan: Plan): Promise<string | undefined> {
  try {
    await playEpisode(plan, deployment);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function play({ seed, episode, clicks, trace }: Given): Promise<void> {
  const plan = planOf(seed * 100_003 + episode, clicks);
  try {
    const report = await playEpisode(plan, deployment, trace ? (text) => send({ kind: 'line', text }) : undefined);
    const faults = [...report.faults].map(([kind, { times, awaits }]) => ({ kind, times, awaits: [...awaits] }));
    send({ kind: 'played', episode, report: { ...report, faults } });
  } catch (error) {
    const violation = error instanceof Error ? error.message : String(error);
    const shrunk = await shortest(plan, async (shorter) => (await violationOf(shorter)) !== undefined);
    const story = [...shrunk.actions.map(lineOf), `comes to: ${await violationOf(shrunk)}`];
    send({ kind: 'failed', episode, violation, of: plan.actions.length, story });
  }
}

function lineOf(action: Action): string {
  const { at, kind, number: _, ...rest } = action;
  const said = 'telling' in rest ? { click: rest.click.name, offer: rest.click.offer, ...rest.telling } : rest;
  return `${new Date(at).toISOString().slice(11, 23)} ${kind} ${JSON.stringify(said)}`;
}

process.on('message', (given: Given) => void play(given));
