import { appendFileSync, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Right, rightName } from './rights.ts';

const noteSchema = z.object({ function: z.string(), use: z.enum(['used', 'missing']), action: z.string(), resource: z.string() });
type RightNote = z.output<typeof noteSchema>;

/**
 * The file that records which rights were used and which were missing in every run of an assembly. It is in the assembly's folder, so it
 * belongs to exactly this code and is deleted with it.
 */
function fileOf(assembly: string): string {
  return join(assembly, 'rights.jsonl');
}

/** A line is short enough to be appended whole, even while other processes append. */
export function noteRight(assembly: string, name: string, use: RightNote['use'], right: Right): void {
  appendFileSync(fileOf(assembly), `${JSON.stringify({ function: name, use, ...right })}\n`);
}

async function readNotes(assembly: string): Promise<RightNote[]> {
  if (!existsSync(fileOf(assembly))) return [];
  const lines = (await readFile(fileOf(assembly), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => noteSchema.parse(JSON.parse(line)));
}

/** Rights that Lambda itself needs to run the function: none of our calls shows their use. */
const ofThePlatform = /^(logs|xray|ec2):/;

interface RightReport {
  readonly function: string;
  readonly right: Right;
  /** `missing`: a call needed it, but it is not granted. */
  readonly use: 'used' | 'unused' | 'missing';
}

/** Every right that is granted, with whether anything used it, and every right that was missing. */
export async function reportRights(
  assembly: string,
  functions: readonly { readonly name: string; readonly rights: readonly Right[] }[],
): Promise<RightReport[]> {
  return compareRights(functions, await readNotes(assembly));
}

export function compareRights(
  functions: readonly { readonly name: string; readonly rights: readonly Right[] }[],
  notes: readonly RightNote[],
): RightReport[] {
  const name = (of: string, right: Right): string => `${of} ${rightName(right)}`;
  const used = new Set(notes.filter(({ use }) => use === 'used').map((note) => name(note.function, note)));
  const granted = functions.flatMap(({ name: of, rights }) =>
    rights
      .filter(({ action }) => !ofThePlatform.test(action))
      .map((right): RightReport => ({ function: of, right, use: used.has(name(of, right)) ? 'used' : 'unused' })),
  );
  const known = new Set(granted.map(({ function: of, right }) => name(of, right)));
  const missing = new Map(
    notes
      .filter((note) => !known.has(name(note.function, note)))
      .map(({ function: of, action, resource }): [string, RightReport] => {
        const right = { action, resource };
        return [name(of, right), { function: of, right, use: 'missing' }];
      }),
  );
  return [...granted, ...missing.values()];
}
