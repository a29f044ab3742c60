import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from '@jest/globals';
import { judge, type OracleOptions, type Verdict } from './oracle.ts';
import { runSeed } from './random.ts';
import type { Outcome } from './results.ts';

/** `FAULTS=full` runs every experiment at its full size; otherwise a short form of each runs. */
export const isFull = process.env['FAULTS'] === 'full';

/** Returns the number for the full form or the one for the short form. */
export function size(full: number, short: number): number {
  return isFull ? full : short;
}

/** The expectations of an experiment, collected while it runs. */
export class Ledger {
  readonly acknowledged = new Set<string>();
  readonly points = new Map<string, string>();

  /** The partner got the answer that this click's postback is accepted. */
  acknowledge(click: string): void {
    this.acknowledged.add(click);
  }

  /** This click's conversion must have these points in the end. */
  expect(click: string, points: string): void {
    this.points.set(click, points);
  }
}

export interface Conclusion {
  readonly experiment: string;
  readonly runs: number;
  readonly recoveryMs?: number;
  readonly ownClock?: boolean;
  readonly note?: string;
}

/** Asks the oracle, reports its findings, and fails unless everything is as it should be. */
export async function conclude(conclusion: Conclusion, options: OracleOptions): Promise<Verdict> {
  const verdict = await judge(options);
  report({
    ...conclusion,
    acknowledged: verdict.acknowledged,
    lost: verdict.lost.length,
    paidTwice: verdict.paidTwice.length,
    seed: runSeed,
  });
  const { gaps, lost, paidTwice, wrong, notReceived } = verdict;
  expect({ gaps: gaps.slice(0, 10), lost, paidTwice, wrong, notReceived }).toEqual({
    gaps: [],
    lost: [],
    paidTwice: [],
    wrong: [],
    notReceived: [],
  });
  return verdict;
}

/** Adds a line to the report of `npm run test:faults`. */
function report(outcome: Outcome): void {
  const file = process.env['FAULTS_REPORT'];
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(outcome)}\n`);
}
