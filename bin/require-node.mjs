// `npm start` and the tests load this before everything else. It is plain JavaScript, so that an older Node.js can read it and say what is
// missing, instead of failing on the first `.ts` file.
import { existsSync } from 'node:fs';
import process from 'node:process';

const needed = 24;

/**
 * @param {string} version version of the Node.js that runs this
 * @param {boolean} installed whether `npm ci` has run
 * @returns {string | undefined} what is missing, with the command that installs it
 */
export function whatIsMissing(version, installed) {
  if (!installed) return 'The dependencies are not installed. Run: npm ci';
  if (Number.parseInt(version, 10) >= needed) return undefined;
  return `This needs Node.js ${needed} but is running on Node.js ${version}. npm ci installs Node.js ${needed} into node_modules unless it runs with --ignore-scripts. Run: npm rebuild node --ignore-scripts=false`;
}

const missing = whatIsMissing(process.versions.node, existsSync(new URL('../node_modules/zod', import.meta.url)));
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}
