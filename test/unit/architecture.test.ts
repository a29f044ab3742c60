import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '..', '..');
const shared = ['domain', 'adapters', 'runtime'];

interface Import {
  readonly file: string;
  /** The imported module: a path from the root for our own files, or the package's name as written. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const sources = ['bin', 'lib', 'functions', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts')),
);
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const imports: readonly Import[] = sources.flatMap((file) =>
  [...textOf(file).matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, type, from, dynamic]) => {
      const specifier = from ?? dynamic ?? '';
      const target = specifier.startsWith('.') ? relative(root, resolve(root, file, '..', specifier)) : specifier;
      return { file, target, typeOnly: type !== undefined };
    },
  ),
);

const within = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
/** The function or shared folder below `functions/` that a path is in. */
const partOf = (path: string) => (within('functions')(path) ? path.split('/')[1] : undefined);
/** Imports that break a rule, in a form that is readable in the failure. */
const offences = (isOffence: (candidate: Import) => boolean) =>
  imports.filter(isOffence).map(({ file, target, typeOnly }) => `${file} imports ${typeOnly ? 'type ' : ''}${target}`);

describe('imports', () => {
  test('are found by these tests', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test('the domain imports itself and the decimal library only', () => {
    expect(offences(({ file, target }) => partOf(file) === 'domain' && partOf(target) !== 'domain' && target !== 'big.js')).toEqual([]);
  });

  test('of adapters and runtime lead to no function', () => {
    expect(
      offences(({ file, target }) => {
        const part = partOf(target);
        return shared.includes(partOf(file) ?? '') && part !== undefined && !shared.includes(part);
      }),
    ).toEqual([]);
  });

  test('functions never import one another', () => {
    expect(
      offences(({ file, target }) => {
        const [from, to] = [partOf(file), partOf(target)];
        return from !== undefined && to !== undefined && from !== to && !shared.includes(to) && !shared.includes(from);
      }),
    ).toEqual([]);
  });

  test('only dependencies.ts joins adapters into a function', () => {
    expect(
      offences(({ file, target, typeOnly }) => {
        const part = partOf(file);
        const isUseCase = part !== undefined && !shared.includes(part) && !file.endsWith('/dependencies.ts');
        return isUseCase && partOf(target) === 'adapters' && !typeOnly;
      }),
    ).toEqual([]);
  });

  test('of functions never lead to the deployment', () => {
    const forbidden = (target: string) =>
      within('lib')(target) || within('bin')(target) || target.startsWith('aws-cdk') || target === 'constructs';
    expect(offences(({ file, target }) => within('functions')(file) && forbidden(target))).toEqual([]);
  });

  test('of lib take only the environment types and the metric names from functions', () => {
    const allowed = ({ target, typeOnly }: Import) =>
      (typeOnly && /^functions\/[^/]+\/env\.ts$/.test(target)) || target === 'functions/runtime/metrics.ts';
    expect(offences((candidate) => within('lib')(candidate.file) && within('functions')(candidate.target) && !allowed(candidate))).toEqual(
      [],
    );
  });

  test('of the app lead neither to the local run nor to the commands of operators', () => {
    const isBeside = (path: string) => within('lib/local')(path) || within('lib/operators')(path);
    expect(offences(({ file, target }) => within('lib')(file) && !isBeside(file) && isBeside(target))).toEqual([]);
  });

  test('nothing but tests imports from test', () => {
    expect(offences(({ file, target }) => !within('test')(file) && within('test')(target))).toEqual([]);
  });
});

describe('the domain', () => {
  const files = sources.filter((file) => partOf(file) === 'domain');

  test.each([
    ['reads a clock', /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\bperformance\b/],
    ['draws random numbers', /\bMath\.random\b|\bcrypto\.(?:random|getRandom)/],
    ['reads the environment', /\bprocess\b/],
    ['waits', /\bset(?:Timeout|Interval|Immediate)\b/],
    ['talks to the network', /\bfetch\(/],
  ])('nowhere %s', (_, pattern) => {
    const withoutComments = (file: string) => textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
    expect(files.filter((file) => pattern.test(withoutComments(file)))).toEqual([]);
  });
});

describe('files', () => {
  test('are named in kebab-case', () => {
    expect(sources.filter((file) => !/^[a-z0-9-]+(\.test|\.d)?\.ts$/.test(file.split('/').at(-1) ?? ''))).toEqual([]);
  });

  test('contain no notes about work left for later', () => {
    const marks = new RegExp(['TO', 'DO|FIX', 'ME'].join(''));
    expect(sources.filter((file) => marks.test(textOf(file)))).toEqual([]);
  });

  test('use no enum, no namespace and no type assertion outside tests', () => {
    const forbidden = /^\s*(?:export )?(?:const )?(?:enum|namespace) |[\w)\]}] as (?!const\b)[A-Za-z{[]/m;
    const code = (file: string) =>
      textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'|`[^`]*`|^import[^;]*;|^export \{[^;]*;/gm, '');
    expect(sources.filter((file) => !within('test')(file) && forbidden.test(code(file)))).toEqual([]);
  });
});
