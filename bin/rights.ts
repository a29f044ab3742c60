#!/usr/bin/env node
/**
 * Prints what each function's role grants, and whether anything that ran on this machine with exactly this code has used it:
 * `npm run rights`, after the tests. Exits with 1 when a right is granted but nothing used it, or when one was needed but is not granted.
 */
import { synthesise } from '../lib/local/assembly.ts';
import { Deployment } from '../lib/local/deployment.ts';
import { reportRights } from '../lib/local/refusals/used-rights.ts';
import { readAssembly } from '../lib/local/template.ts';

const directory = await synthesise('dev');
const deployment = new Deployment(await readAssembly(directory), { queueEndpoint: 'http://127.0.0.1', tablePrefix: '' });
const report = await reportRights(directory, deployment.functions());
for (const { function: name, right, use } of report.toSorted((a, b) => a.function.localeCompare(b.function))) {
  const resource = right.resource.split(':').slice(5).join(':');
  console.log(`${use.padEnd(8)}${name.padEnd(12)}${right.action.padEnd(32)}${resource}`);
}
const count = (use: string) => report.filter((entry) => entry.use === use).length;
console.log(`${count('used')} rights used, ${count('unused')} granted but unused, ${count('missing')} needed but not granted`);
process.exitCode = count('unused') + count('missing') === 0 ? 0 : 1;
