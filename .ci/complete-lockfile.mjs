#!/usr/bin/env node
// Completes package-lock.json after `npm install`:
// - A registry may lack the packages for other platforms than ours. npm then leaves them out, and `npm ci` refuses the lockfile
//   as incomplete. Platform packages say in their names what they are for, so their entries can be written without having them.
//   Such an entry has no `integrity`: only a registry that has the package can tell it. `--integrity` asks for it.
// - npm warns about every package that asks for a newer Node.js than the one that runs `npm ci`. Here the package `node` brings
//   the right one for everything else, so the lockfile does not repeat what packages ask for.
// Usage: node .ci/complete-lockfile.mjs [--check | --integrity [beginning of the packages' names]]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const [mode, beginning = ''] = process.argv.slice(2);
const before = readFileSync('package-lock.json', 'utf8');
const lock = JSON.parse(before);
const { packages } = lock;
const added = [];
for (const [path, entry] of Object.entries(packages)) {
  if (path !== '') delete entry.engines;
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    const words = name.split(/[-/]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[~^]/, ''),
      ...(cpu.length > 0 && { cpu }),
      ...(entry.dev && { dev: true }),
      ...(words.includes('musl') && { libc: ['musl'] }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
    added.push(name);
  }
}
if (mode === '--integrity') askForIntegrity();
// In npm's own order, so that nothing moves to and fro.
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
const after = `${JSON.stringify(lock, null, 2)}\n`;
if (after !== before) {
  if (mode === '--check') throw new Error('package-lock.json is not complete: run node .ci/complete-lockfile.mjs');
  writeFileSync('package-lock.json', after);
  if (added.length > 0) process.stdout.write(`added to package-lock.json: ${added.join(', ')}\n`);
}

/** Whether the dependency is found from where it is asked for, as Node looks for it: here, or in any folder above. */
function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '' || !folder.includes('node_modules/')) return false;
  }
}

/** Asks the registry for the integrity of each platform package that has none, and says which ones it does not know. */
function askForIntegrity() {
  for (const [path, entry] of Object.entries(packages)) {
    const name = path.replace(/^.*node_modules\//, '');
    if (!entry.optional || entry.integrity || entry.inBundle || !name.startsWith(beginning)) continue;
    try {
      const integrity = execFileSync('npm', ['view', `${name}@${entry.version}`, 'dist.integrity'], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
      if (integrity !== '') entry.integrity = integrity;
    } catch {
      process.stdout.write(`${name}@${entry.version}: the registry does not know it\n`);
    }
  }
}
