#!/usr/bin/env node
// Completes package-lock.json after `npm install` from a registry that carries no packages for other platforms than ours.
// npm leaves out optional dependencies that it cannot fetch, and `npm ci` then refuses the lockfile as incomplete. Platform
// packages tell by their name what they are for, so their entries can be written without having them.
// Usage: node .ci/complete-lockfile.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { packages } = lock;
const added = [];
for (const [path, entry] of Object.entries(packages)) {
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
if (added.length > 0) {
  if (process.argv.includes('--check')) throw new Error(`package-lock.json lacks ${added.join(', ')}: run node .ci/complete-lockfile.mjs`);
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`added: ${added.join(', ')}\n`);
}

/** Whether the dependency is found from where it is asked for, as Node looks for it: here, or in any folder above. */
function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '' || !folder.includes('node_modules/')) return false;
  }
}
