// Before all schemas: those of the functions' modules are compiled when they are first used, by the library's own compiler.
import 'zod/compile';
import * as z from 'zod/mini';
import type { Report } from './episode.ts';
import { playEpisode } from './episode.ts';
import { shortest } from './shrink.ts';
import { readDeployment } from './tables.ts';
import { Violation } from './watch.ts';
import { type Action, type Plan, planOf } from './workload.ts';
import type { Work } from './world.ts';

/** The work that a worker is given. */
interface Given {
  readonly seed: number;
  readonly episode: number;
  readonly clicks: number;
  readonly trace: boolean;
  /** Whether a failure is reduced to the shortest story that still fails. */
  readonly shrink: boolean;
}

/** A report in a form that a message can contain. */
export type PlainReport = Omit<Report, 'faults' | 'work'> & {
  readonly faults: readonly { readonly kind: string; readonly times: number; readonly awaits: readonly string[] }[];
  readonly work: readonly (readonly [what: string, work: Work])[];
};

export type Told =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'played'; readonly episode: number; readonly report: PlainReport }
  | {
      readonly kind: 'failed';
      readonly episode: number;
      readonly violation: string;
      /** The number of the episode's conversions by then. */
      readonly conversions: number;
      readonly of: number;
      readonly story: readonly string[];
    };

// Each instance of the admin API makes schemas of its own, which are used too rarely to be worth it.
z.config({ postProcessor: undefined });

const deployment = await readDeployment();
const send = (told: Told): void => void process.send?.(told);

/** Plays a plan; returns the violation, or `undefined` when nothing is wrong. */
async function violationOf(plan: Plan): Promise<Violation | undefined> {
  try {
    await playEpisode(plan, deployment);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}

/**
 * Thousands of errors are thrown on purpose, and their stacks cost more than the errors. Stacks are only kept for an episode that is played
 * again with a trace.
 */
const linesOfStack = Error.stackTraceLimit;

async function play({ seed, episode, clicks, trace, shrink }: Given): Promise<void> {
  Error.stackTraceLimit = trace ? linesOfStack : 0;
  const plan = planOf(seed * 100_003 + episode, clicks);
  try {
    const report = await playEpisode(plan, deployment, trace ? (text) => send({ kind: 'line', text }) : undefined);
    const faults = [...report.faults].map(([kind, { times, awaits }]) => ({ kind, times, awaits: [...awaits] }));
    send({ kind: 'played', episode, report: { ...report, faults, work: [...report.work] } });
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    const { message: violation, conversions } = error;
    if (shrink) send({ kind: 'line', text: `seed ${seed}, episode ${episode}: ${violation}\nlooking for the shortest story that fails` });
    const story = shrink ? await storyOf(plan, violation) : [];
    send({ kind: 'failed', episode, violation, conversions, of: plan.actions.length, story });
  }
}

/** Reduces the story to as few lines as still lead to a violation of this kind; one that fails for another reason is another story. */
async function storyOf(plan: Plan, violation: string): Promise<readonly string[]> {
  const kind = kindOf(violation);
  const shrunk = await shortest(plan, async (shorter) => kindOf((await violationOf(shorter))?.message ?? '') === kind);
  return [...shrunk.actions.map(lineOf), `comes to: ${(await violationOf(shrunk))?.message}`];
}

/** The kind of a violation: its text without ids, numbers and quoted content. */
function kindOf(violation: string): string {
  return violation
    .split('\n', 1)
    .join('')
    .replace(/[[{].*/, '')
    .replaceAll(/\S*\d\S*/g, '#');
}

function lineOf(action: Action): string {
  const { at, kind, number: _, ...rest } = action;
  const said = 'telling' in rest ? { click: rest.click.name, offer: rest.click.offer, ...rest.telling } : rest;
  return `${new Date(at).toISOString().slice(11, 23)} ${kind} ${JSON.stringify(said)}`;
}

process.on('message', (given: Given) => void play(given));
