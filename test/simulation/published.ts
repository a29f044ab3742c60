import { writePart } from '../support/faults/document.ts';
import type { Tally } from './tally.ts';

/** Writes what a run came to into docs/faults.md. */
export async function writeSimulated(tally: Tally, seed: number, seconds: number): Promise<void> {
  await writePart(
    'simulation',
    `## Simulation

\`npm run simulate -- --conversions n --seed n --publish\` plays episodes in one process on virtual time: the functions' own composition
roots over a DynamoDB and an SQS in memory, which tests hold to what the emulators answer. Every call to the outside passes a seeded
scheduler, and can go wrong. Every commit is looked at; each minute, whether recovery leads to all that is not settled; at the end, with
nothing going wrong any more, whether everything is settled, told, and worth what the oracle of the laws says. Episodes have up to
30% of their calls going wrong, clocks up to two seconds apart, publishers that fail, hang or are gone, people who settle, process again,
pause, rotate and erase.

Seed ${seed}, ${Math.round(seconds / 60)} minutes. ${tally.table()}`,
  );
}
