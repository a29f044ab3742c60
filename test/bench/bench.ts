/**
 * `npm run bench`: measures everything that docs/performance.md promises, prints it and writes it there. `npm run bench -- --against REV`
 * also runs that revision beside this one, and compares them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAgainst } from './against.ts';
import { measureBack } from './back.ts';
import { compareBundles } from './bundles.ts';
import { measureFlatness } from './flatness.ts';
import { measureIsolation } from './isolation.ts';
import { measureLists } from './lists.ts';
import { reportOf, rowsOf } from './report.ts';
import { measureBareServer, measureThroughput } from './throughput.ts';
import { measureUnits } from './units.ts';

const document = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');
const marks = ['<!-- measured -->', '<!-- /measured -->'] as const;

const { against: revision } = parseArgs({ options: { against: { type: 'string' } } }).values;
const from = performance.now();
const step = async <T>(what: string, measure: () => Promise<T>): Promise<T> => {
  const began = performance.now();
  process.stderr.write(`${what} …`);
  const result = await measure();
  process.stderr.write(` ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
  return result;
};

const bundles = await step('bundles', () => compareBundles());
const units = await step('units, in batches of ten', () => measureUnits(10, 200));
const alone = await step('units, one by one', () => measureUnits(1, 50));
const flatness = await step('flatness', measureFlatness);
const against = revision === undefined ? undefined : await step(`against ${revision}`, () => measureAgainst(revision));
const throughput = against?.ours ?? (await step('throughput', () => measureThroughput()));
const bare = await step('a bare server', () => measureBareServer());
const isolation = await step('isolation', measureIsolation);
const lists = await step('lists', () => measureLists());
const back = await step('Back in the console', () => measureBack());
const figures = {
  units,
  alone,
  bundles,
  flatness,
  throughput,
  against,
  bare,
  isolation,
  lists,
  back,
  seconds: (performance.now() - from) / 1_000,
};

const rows = rowsOf(figures);
const width = (column: 'what' | 'measured' | 'bar') => Math.max(...rows.map((row) => row[column].length));
for (const { what, measured, bar, met, floor } of rows) {
  const verdict = met === undefined ? '      ' : met ? 'met   ' : 'MISSED';
  console.log(`${what.padEnd(width('what'))}  ${measured.padEnd(width('measured'))}  ${bar.padEnd(width('bar'))}  ${verdict}  ${floor}`);
}

const text = await readFile(document, 'utf8');
const [before = '', rest = ''] = text.split(marks[0]);
const after = rest.split(marks[1])[1] ?? '';
await writeFile(document, `${before}${marks[0]}\n\n${reportOf(figures)}\n\n${marks[1]}${after}`);
if (rows.some(({ met }) => met === false)) process.exitCode = 1;
