#!/usr/bin/env node
/**
 * Sends one postback through a running system and checks what comes of it: `ADMIN_TOKEN=… npm run smoke -- https://…`. The URL is the
 * output `Address` of a deployment, or what `npm start` prints. Exits with 1 when a step fails, and says where to look.
 */
import { smokeTest } from '../lib/operators/smoke-test.ts';

const [address] = process.argv.slice(2);
const { ADMIN_TOKEN: adminToken } = process.env;
if (address === undefined || !URL.canParse(address) || adminToken === undefined || adminToken === '') {
  console.error('ADMIN_TOKEN=<a token with the role admin> npm run smoke -- <base URL>');
  process.exit(2);
}
const steps = await smokeTest({
  address,
  adminToken,
  onStep: ({ name, milliseconds, fault }) => {
    console.log(`${fault === undefined ? 'ok    ' : 'FAILED'} ${String(milliseconds).padStart(6)} ms  ${name}`);
    if (fault !== undefined) console.log(`       ${fault}`);
  },
});
const failed = steps.filter(({ fault }) => fault !== undefined).length;
console.log(failed === 0 ? `All ${steps.length} steps worked.` : `${failed} of ${steps.length} steps failed.`);
process.exitCode = failed === 0 ? 0 : 1;
