import { execFile } from 'node:child_process';
import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');

/** A browser of the Chromium family. */
export interface Browser {
  readonly executablePath: string;
  /** Environment variables that it needs beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where to look for a browser; a test passes other places. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  isProgram(path: string): Promise<boolean>;
}

const programNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
];

const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  environment: process.env,
  isProgram: async (path) => {
    try {
      await access(path, constants.X_OK);
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  },
};

/**
 * The browser for the tests: the one that `CHROMIUM` names, else Chromium, Chrome or Edge from the PATH or the usual places, else the
 * Chromium that `npm ci` has installed (x64 Linux).
 *
 * @throws Error that says how to get a browser, when there is none.
 */
export async function findBrowser(machine: Machine = thisMachine): Promise<Browser> {
  const named = machine.environment['CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (await machine.isProgram(named)) return { executablePath: named };
    throw new Error(`CHROMIUM=${named} is not a program. Set it to the path of Chromium, Chrome or Edge, or unset it.`);
  }
  for (const path of [...onThePath(machine), ...usualPlaces(machine)]) {
    if (await machine.isProgram(path)) return { executablePath: path };
  }
  if (machine.platform === 'linux' && machine.arch === 'x64') return shippedBrowser();
  throw new Error(
    'The browser tests found no Chromium, Chrome or Edge. Install one of them, or set CHROMIUM to the path of one that is installed.',
  );
}

function onThePath({ environment, platform }: Machine): string[] {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const ending = platform === 'win32' ? '.exe' : '';
  return folders.flatMap((folder) => programNames.map((name) => join(folder, `${name}${ending}`)));
}

function usualPlaces({ environment, platform }: Machine): string[] {
  switch (platform) {
    case 'darwin':
      return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
        ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
      );
    case 'win32':
      return ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) => {
        const folder = environment[variable];
        if (folder === undefined) return [];
        return [join('Google', 'Chrome'), 'Chromium', join('Microsoft', 'Edge')].flatMap((product) =>
          ['chrome.exe', 'msedge.exe'].map((program) => join(folder, product, 'Application', program)),
        );
      });
    default:
      return ['/snap/bin/chromium', '/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge'];
  }
}

/**
 * Unpacks the Chromium of `@sparticuz/chromium` with its libraries and fonts, once. The package itself would unpack into the folder for
 * temporary files, which other projects share, and would unpack the libraries that a bare machine lacks only on Lambda.
 */
async function shippedBrowser(): Promise<Browser> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const { version } = createRequire(import.meta.url)(join(dirname(entry), '..', 'package.json')) as { version: string };
  const folder = join(root, 'node_modules', '.cache', `chromium-${version}`);
  const browser = {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
  if (await thisMachine.isProgram(browser.executablePath)) return browser;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', "import chromium from '@sparticuz/chromium'; await chromium.executablePath();"],
    { cwd: root, env: { PATH: process.env['PATH'], TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
  );
  await writeFile(join(draft, 'fonts.conf'), fontConfiguration(folder));
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another process was faster and has unpacked the same browser.
    await rm(draft, { recursive: true, force: true });
    if (!(await thisMachine.isProgram(browser.executablePath))) throw error;
  }
  return browser;
}

function fontConfiguration(folder: string): string {
  const folders = [join(folder, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders}<cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>\n`;
}
