import type { PlainReport } from './episode-worker.ts';
import { type FaultKind, faultKinds } from './faults.ts';
import type { Work } from './world.ts';

const otherKinds: Readonly<Record<string, string>> = {
  'timed out': 'an invocation takes longer than the function may, and is ended',
  'everything dies': 'every instance of every function dies at once',
};

function isKind(kind: string): kind is FaultKind {
  return kind in faultKinds;
}

/** The result of all episodes of a run together. */
export class Tally {
  conversions = 0;
  episodes = 0;
  private acknowledged = 0;
  private commits = 0;
  private told = 0;
  private asked = 0;
  private dead = 0;
  private readonly work = new Map<string, Work>();
  private readonly kinds = new Map<string, { times: number; awaits: Set<string> }>();

  get faults(): number {
    return [...this.kinds.values()].reduce((sum, { times }) => sum + times, 0);
  }

  /** What people asked for and nobody ever did, so that this run says nothing about it. */
  get undone(): readonly string[] {
    return [...this.work].flatMap(([what, { done }]) => (done === 0 ? [what] : []));
  }

  add(report: PlainReport): void {
    this.conversions += report.conversions;
    this.episodes += 1;
    this.acknowledged += report.acknowledged;
    this.commits += report.commits;
    this.told += report.told;
    this.asked += report.asked;
    this.dead += report.dead;
    for (const [what, { asked, done }] of report.work) {
      const known = this.work.get(what) ?? { asked: 0, done: 0 };
      this.work.set(what, { asked: known.asked + asked, done: known.done + done });
    }
    for (const { kind, times, awaits } of report.faults) {
      const known = this.kinds.get(kind) ?? { times: 0, awaits: new Set<string>() };
      known.times += times;
      for (const one of awaits) known.awaits.add(one);
      this.kinds.set(kind, known);
    }
  }

  /** The result in words, for the person who runs it and for the published page. */
  table(): string {
    const rows = [...this.kinds]
      .sort(([, a], [, b]) => b.times - a.times)
      .map(([kind, { times, awaits }]) => `| ${isKind(kind) ? faultKinds[kind] : otherKinds[kind]} | ${times} | ${awaits.size} |`);
    const works = [...this.work]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([what, { asked, done }]) => `| \`${what}\` | ${asked} | ${done} |`);
    return `${this.conversions} conversions in ${this.episodes} episodes: ${this.acknowledged} postbacks acknowledged, ${this.commits} commits, ${this.told} requests taken by publishers, ${this.dead} deliveries given up after all attempts. The oracle agrees about what ${this.asked} clicks earned. Nothing acknowledged was lost, paid twice, early or over its cap.

| what went wrong | times | at distinct awaits |
|---|---|---|
${rows.join('\n')}

| what people asked for | times | done |
|---|---|---|
${works.join('\n')}
`;
  }
}
