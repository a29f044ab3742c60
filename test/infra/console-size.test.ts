import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { consoleOptions } from '../../lib/bundles.ts';

/** The largest compressed size, in KB. */
const most = 120;

test(`the whole console is at most ${most} KB compressed: its page, script, styles and icon`, () => {
  const { outputFiles } = buildSync({ ...consoleOptions, outdir: '/console', write: false });
  const sizes = outputFiles
    .map(({ path, contents }) => ({ name: relative('/console', path), kilobytes: gzipSync(contents).length / 1_024 }))
    .filter(({ name }) => !name.startsWith('documents'));
  expect(sizes.map(({ name }) => name).toSorted()).toEqual(['icon.svg', 'index.html', 'main.js', 'styles/main.css']);
  const sum = sizes.reduce((total, { kilobytes }) => total + kilobytes, 0);
  console.log(`The console is ${sum.toFixed(1)} KB compressed`);
  expect(sum).toBeLessThanOrEqual(most);
});
