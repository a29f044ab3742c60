/**
 * Files that take longest begin first, so that no worker is left alone with one at the end. On a machine that has never run them, jest
 * itself goes by the size of files, and those that mostly wait are small. Named without their ending; the others follow by size.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';

const longest = [
  'console-care',
  'networks-built-in',
  'simulation',
  'console-jobs',
  'unreliable-services',
  'openapi',
  'money-races',
  'list-work',
  'laws',
  'open-values',
  'alerts',
  'statements',
  'hidden-keys',
  'kill-nine',
  'console-stories',
  'inbound-statuses',
  'local-runner',
  'presets-stories',
  'rotation',
  'reconciliations',
  'smoke',
  'below-500',
  'start-up',
  'restore',
  'stage-options',
  'answer-size',
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
