import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type BuildOptions, buildSync } from 'esbuild';
import { buildDocuments } from './documents.ts';

/** The folders below `functions/` that have a `handler.ts`. */
const functionNames = ['receiver', 'processor', 'tracker', 'admin', 'authorizer', 'sweeper'] as const;
export type FunctionName = (typeof functionNames)[number];

const root = join(import.meta.dirname, '..');

/**
 * Ways to find credentials that Lambda does not have: there they are always in the environment. The SDK loads each of these only when it
 * tries it, so leaving them out is safe and takes 120 KB off every bundle.
 */
export const credentialProvidersNotInLambda = ['sso', 'ini', 'process', 'web-identity', 'http', 'login'].map(
  (name) => `@aws-sdk/credential-provider-${name}`,
);

/**
 * The SDK loads these, too, only when it needs them: the credentials of an EC2 instance, and answers that are event streams, which none of
 * our requests has. Leaving them out takes another 27 KB off.
 */
const neverLoaded = ['@smithy/credential-provider-imds', '@smithy/core/event-streams'];

/** CommonJS dependencies call `require` for Node's own modules, which an ES module does not have. */
const requireForCommonJs = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * An ES module that imports `node:http` reads all its members, and one of them makes Node load its WebSocket client, which takes a sixth of
 * a function's start. This module reads single members, as CommonJS does.
 */
const lightNodeHttp = join(root, 'functions', 'runtime', 'node-http.ts');

/** How every function is bundled. */
export const bundleOptions = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  external: [...credentialProvidersNotInLambda, ...neverLoaded],
  alias: { 'node:http': lightNodeHttp },
  banner: { js: requireForCommonJs },
  logLevel: 'warning',
} satisfies BuildOptions;

const consoleFolder = join('functions', 'admin', 'console');

/** How the console is built. The admin function serves it from files beside its module; the page and the icon are copied unchanged. */
export const consoleOptions = {
  absWorkingDir: root,
  entryPoints: ['main.tsx', 'styles/main.css', 'documents/main.ts', 'documents/main.css', 'index.html', 'icon.svg'].map((name) =>
    join(consoleFolder, name),
  ),
  outbase: consoleFolder,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2024',
  loader: { '.html': 'copy', '.svg': 'copy' },
  logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Every function as one small ES module that includes AWS's SDK.
 *
 * One run of esbuild for all functions takes about as long as `NodejsFunction` takes for one, since that starts npx and a compiler for each
 * function. This saves seconds in every synthesis, and so in every local start, test run and deployment.
 */
export class Bundles {
  private readonly directory: string | undefined;

  constructor(scope: Construct) {
    if (!Stack.of(scope).bundlingRequired) return;
    this.directory = join(Stage.of(scope)?.outdir ?? '.', 'bundles');
    buildBundles(this.directory);
  }

  /** A function's code. When only templates are needed, its sources take the place of the bundle. */
  code(name: FunctionName): Code {
    return Code.fromAsset(this.directory === undefined ? join(root, 'functions', name) : join(this.directory, name));
  }
}

/**
 * Bundles every function, and puts the console and the documents beside the admin function, which serves them.
 *
 * @returns the files that went into the bundles, as paths relative to the project's folder.
 */
export function buildBundles(directory: string): string[] {
  const others = functionNames.filter((name) => name !== 'receiver');
  const functions = buildSync({
    ...bundleOptions,
    entryPoints: others.map((name) => ({ in: entryOf(name), out: `${name}/index` })),
    outdir: directory,
    metafile: true,
  });
  const pages = buildSync({ ...consoleOptions, outdir: join(directory, 'admin', 'console'), metafile: true });
  buildDocuments(join(directory, 'admin', 'documents'));
  return [functions, pages].flatMap(({ metafile }) => Object.keys(metafile.inputs)).concat(buildReceiver(join(directory, 'receiver')));
}

const networksFolder = join('functions', 'domain', 'networks', 'built-in');

/**
 * Bundles the receiver and puts the networks' documents beside its module. The receiver reads a document when a partner of that network
 * first sends a postback, so neither its size nor its start time grows with every network that is added.
 *
 * @returns the files that went into the bundle.
 */
export function buildReceiver(directory: string): string[] {
  const { metafile } = buildSync({
    ...bundleOptions,
    external: [...bundleOptions.external, './built-in/*.json'],
    entryPoints: [{ in: entryOf('receiver'), out: 'index' }],
    outdir: directory,
    metafile: true,
  });
  cpSync(join(root, networksFolder), join(directory, basename(networksFolder)), { recursive: true });
  return Object.keys(metafile.inputs);
}

function entryOf(name: FunctionName): string {
  return join('functions', name, 'handler.ts');
}
