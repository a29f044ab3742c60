import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from './results.ts';

const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'faults.md');

/** Replaces the part of docs/faults.md that one of the commands writes; the other parts stay. */
export type Part = 'simulation' | 'experiments' | 'mutations' | 'simulated-mutations';

const frame = `# Faults

What goes wrong on purpose, and what came of it. The tables are written by the commands they name; nothing here is written by hand.

Every experiment ends with the same questions to every row of every table: is each acknowledged postback a conversion, is each
conversion settled to exactly what its steps and terms are worth, does each user's ledger add up without a gap, is each delivery
delivered, waiting for its time, held, given up or without an address, and has the publisher received what counts as delivered?
The comparison itself is the reconciler, \`npm run reconcile\` (functions/domain/reconcile.ts).

"Own clock": the use cases with their own adapters over the simulation's store, on a clock that the experiment moves, each call to the
outside passing a gate where it can be killed, delayed or overtaken. The others run the synthesised bundles behind a proxy that makes
calls to DynamoDB and SQS fail, or \`npm start\` itself.

<!-- simulation -->
<!-- /simulation -->

<!-- experiments -->
<!-- /experiments -->

<!-- mutations -->
<!-- /mutations -->

<!-- simulated-mutations -->
<!-- /simulated-mutations -->
`;

export async function writePart(part: Part, text: string): Promise<void> {
  const current = await readFile(file, 'utf8').catch(() => frame);
  const [open, close] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const before = current.slice(0, current.indexOf(open) + open.length);
  await writeFile(file, `${before}\n${text.trim()}\n${current.slice(current.indexOf(close))}`);
}

/** What the latest run of its command wrote into a part. */
export async function readPart(part: Part): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(text.indexOf(`<!-- ${part} -->`), text.indexOf(`<!-- /${part} -->`));
}

/**
 * The table of experiments: the results of those that have just run, and the existing rows of the others.
 *
 * @param command the command that ran them.
 */
export async function experimentsTable(outcomes: readonly Outcome[], command: string, seconds: number): Promise<string> {
  const rows = [...(await keptRows(outcomes)), ...outcomes.map(rowOf)];
  const sum = (column: number) => rows.reduce((total, cells) => total + Number(cells[column]), 0);
  return `## Experiments

\`npm run test:faults\` runs them all; with the name of a test file behind \`--\` some of them. Each row is of the latest run of its
experiment: last \`${command}\` (${Math.round(seconds / 60)} minutes). In total: **${sum(2)} acknowledged, ${sum(3)} lost, ${sum(4)} paid twice**.

| experiment | runs | acknowledged | lost | paid twice | recovery |
|---|---:|---:|---:|---:|---:|
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
| **total** | ${sum(1)} | ${sum(2)} | ${sum(3)} | ${sum(4)} | |
`.replaceAll(' |  |', ' | |');
}

type Cells = readonly [name: string, ...string[]];

function rowOf({ experiment, runs, acknowledged, lost, paidTwice, recoveryMs, ownClock, note }: Outcome): Cells {
  const name = `${experiment}${note === undefined ? '' : ` (${note})`}`;
  const recovery = recoveryMs === undefined ? '' : `${duration(recoveryMs)}${ownClock ? ', own clock' : ''}`;
  return [name, String(runs), String(acknowledged), String(lost), String(paidTwice), recovery];
}

/** Rows of the experiments that have not run this time. */
async function keptRows(outcomes: readonly Outcome[]): Promise<readonly Cells[]> {
  const cells = [...(await readPart('experiments')).matchAll(/^\| (?!experiment \||\*\*)(.*) \|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
  return cells.flatMap(([name = '', ...rest]): Cells[] => {
    const ranAgain = outcomes.some(({ experiment }) => name === experiment || name.startsWith(`${experiment} (`));
    return ranAgain ? [] : [[name, ...rest]];
  });
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
