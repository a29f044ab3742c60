import { availableParallelism } from 'node:os';
import { readPart, writePart } from '../support/faults/document.ts';
import type { Tally } from './tally.ts';

/** Writes the result of a run into docs/faults.md, beside that of the latest run with another seed. */
export async function writeSimulated(tally: Tally, seed: number, seconds: number): Promise<void> {
  const heading = `### Seed ${seed}\n`;
  const others = (await readPart('simulation')).split(/^(?=### Seed )/m).slice(1);
  const other = others.find((run) => !run.startsWith(heading)) ?? '';
  await writePart(
    'simulation',
    `## Simulation

\`npm run simulate -- --conversions n --seed n --publish\` plays episodes in one process on virtual time: the functions' own composition
roots over a DynamoDB and an SQS in memory, which tests hold to what the emulators answer. Every call to the outside passes a seeded
scheduler, and can go wrong. Every write is held to the laws of its row, and after every commit recovery must lead to all that is not
settled or not told; at the end, with nothing going wrong any more, everything must be settled, told, counted, and worth what the oracle of
the laws says. Episodes have up to 30% of their calls going wrong, clocks up to two seconds apart, publishers that fail, hang, are gone or
want few calls a second, minutes in which a queue is down or the log can hardly be read, partners that match by transactions, leave the
click to be guessed, sign, have take-backs with ids of their own, or are active too late, and people who, often two at once, settle, process
again, pause, rotate, revoke, erase, send again, and make, change and remove settings. What they ask for is counted: a run in which some of
it was never done fails, because it would say nothing about it.

${heading}
${Math.round(seconds / 60)} minutes on ${availableParallelism()} cores. ${tally.table()}

${other}`,
  );
}
