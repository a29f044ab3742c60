/**
 * Files that take longest begin first, so that no worker is left alone with one at the end. On a machine that has never run them, jest
 * itself goes by the size of files, and those that mostly wait are small. Named without their ending; the others follow by size.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';

const longest = [
  'kill-nine',
  'console-care',
  'networks-built-in',
  'console-jobs',
  'openapi',
  'unreliable-services',
  'list-work',
  'money-races',
  'statements',
  'hidden-keys',
  'console-stories',
  'smoke',
  'laws',
  'simulation',
  'open-values',
  'stage-options',
];

export default class LongestFirst {
  sort(tests) {
    const place = ({ path }) => {
      const at = longest.indexOf(basename(path, '.test.ts'));
      return at === -1 ? longest.length : at;
    };
    const sizes = new Map(tests.map((test) => [test, statSync(test.path).size]));
    return tests.toSorted((a, b) => place(a) - place(b) || sizes.get(b) - sizes.get(a));
  }

  cacheResults() {}
}
