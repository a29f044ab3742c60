import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced code block: `language` is the first word after the fence, `file` the second, if there is one. */
export interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The text between one heading and the next. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Document {
  /** Path from the root of the project. */
  readonly path: string;
  readonly text: string;
}

export const root = join(import.meta.dirname, '..', '..', '..');

export function readDocument(path: string): Document {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** Every Markdown document in a folder, by name. */
export function documentsIn(folder: string): readonly Document[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => readDocument(`${folder}/${name}`));
}

/** @throws Error for a fence that is never closed, because everything after it would silently not count as text. */
export function sectionsOf({ path, text }: Document): readonly Section[] {
  const sections: { title: string; blocks: Block[] }[] = [{ title: path, blocks: [] }];
  let open: { fence: string; language: string; file: string | undefined; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, fence, language = '', file] = /^(`{3,})(\w*) ?([\w.-]+)?/.exec(line) ?? [];
    if (open !== undefined) {
      if (line.trimEnd() !== open.fence) open.lines.push(line);
      else {
        sections.at(-1)?.blocks.push({ language: open.language, file: open.file, text: open.lines.join('\n'), line: open.line });
        open = undefined;
      }
    } else if (fence !== undefined) open = { fence, language, file, line: index + 1, lines: [] };
    else if (/^#{1,6} /.test(line)) sections.push({ title: line.replace(/^#+ /, ''), blocks: [] });
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block is never closed`);
  return sections;
}

/** The block with the name of this file. */
export function fileBlock(document: Document, file: string): string {
  const block = sectionsOf(document)
    .flatMap(({ blocks }) => blocks)
    .find((candidate) => candidate.file === file);
  if (block === undefined) throw new Error(`${document.path} holds no block called ${file}`);
  return block.text;
}

/** Rows of the generated part of a document with this name, between `<!-- generated: name -->` and `<!-- end -->`. */
export const generatedPart = /<!-- generated: ([\w-]+) -->\n([\s\S]*?)<!-- end -->/g;
