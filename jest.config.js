import { join } from 'node:path';

// Each worker loads jest, and many tests start programs and threads: what V8 has made of their code is kept.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

const typescript = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
      module: { type: 'es6' },
      sourceMaps: 'inline',
      swcrc: false,
    },
  ],
};

/** One jest project per kind of test, so that `--selectProjects` runs one kind and `npm test` runs several. */
const project = (name, more = {}) => ({
  displayName: name,
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: typescript,
  testEnvironment: 'node',
  ...more,
});

const onLocalStack = {
  globalSetup: '<rootDir>/test/support/synthesise.ts',
  globalTeardown: '<rootDir>/test/support/shared-system.ts',
  testEnvironment: '<rootDir>/test/support/stack-environment.ts',
};

export default {
  projects: [
    project('unit'),
    project('laws'),
    project('infra'),
    project('integration', onLocalStack),
    project('faults', onLocalStack),
    project('e2e', onLocalStack),
  ],
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  testTimeout: 60_000,
};
