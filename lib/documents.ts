import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { renderMermaidSVG } from 'beautiful-mermaid';
import { Marked, type Tokens } from 'marked';
import * as z from 'zod';

const root = join(import.meta.dirname, '..');
/**
 * The folder of the pages served at `/docs`, which are for partners and publishers. Of the other pages only the one about the console is
 * served; those for operators and developers stay in the repository.
 */
const documentsFolder = join('docs', 'partners');
const consolePage = 'console';
const pictures = 'pictures';

/** The order of the pages in the menu; a page that is not named here comes last. */
const order = [
  'README',
  'quick-reference',
  'integration-guide',
  'examples',
  'codes',
  'keys',
  'network-presets',
  'publishers',
  consolePage,
  'glossary',
];

/** Contacts for support, filled in once by whoever deploys the system. Fields that are null are not shown. */
const supportSchema = z.strictObject({
  company: z.string().min(1).nullable(),
  email: z.email().nullable(),
  urgent: z.string().min(1).nullable(),
  hours: z.string().min(1).nullable(),
  answer_within: z.string().min(1).nullable(),
  status_page: z.url({ protocol: /^https$/ }).nullable(),
});
export type Support = z.output<typeof supportSchema>;

/** @throws Error naming the field that is wrong. */
export function readSupport(): Support {
  const file = join(documentsFolder, 'support.json');
  const read = supportSchema.safeParse(JSON.parse(readFileSync(join(root, file), 'utf8')));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

export interface Page {
  /** File name without `.md`; `README` is the start page. */
  readonly name: string;
  /** Path of the file, relative to the folder of the pages for partners and publishers. */
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

/** The pages, as they are in the repository. */
export function readPages(): readonly Page[] {
  const files = [...readdirSync(join(root, documentsFolder)).filter((file) => file.endsWith('.md')), `../${consolePage}.md`];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return files
    .map((file) => {
      const text = readFileSync(join(root, documentsFolder, file), 'utf8');
      const name = basename(file, '.md');
      return { name, file, title: /^# (.+)$/m.exec(text)?.[1] ?? name, text };
    })
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

const wordsPerMinute = 200;

/** The number of words of a page without its code, and the minutes that it takes to read them at 200 words a minute. */
export function lengthOf(text: string): { readonly words: number; readonly minutes: number } {
  const prose = text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, ' ').replaceAll(/<!--[\s\S]*?-->|[|#*>`-]+|\]\([^)]*\)/g, ' ');
  const words = prose.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return { words, minutes: Math.max(1, Math.round(words / wordsPerMinute)) };
}

/** A heading's anchor, as GitHub generates it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** One section of a page, for the search. */
interface SearchEntry {
  readonly id: number;
  readonly url: string;
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

/**
 * Renders the pages with their pictures, the search index, the frame of the API reference, the start page and `llms.txt`
 * into a folder that the admin function serves. Diagrams become pictures here, so that readers load no renderer.
 */
export function buildDocuments(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const pages = readPages();
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  for (const page of pages) {
    write(`${page.name === 'README' ? 'index' : page.name}.html`, framed(page.title, pages, page.name, htmlOf(page)));
    write(`${page.name}.md`, page.text);
  }
  cpSync(join(root, 'docs', pictures), join(directory, pictures), { recursive: true });
  write('api.html', framed('API reference', pages, 'api', apiFrame));
  write('home.html', home);
  write('search.json', JSON.stringify(pages.flatMap(sectionsOf).map((section, id): SearchEntry => ({ id, ...section }))));
  write('llms.txt', llmsText(pages));
}

function urlOf(name: string): string {
  return name === 'README' ? '/docs' : `/docs/${name}`;
}

function sectionsOf(page: Page): Omit<SearchEntry, 'id'>[] {
  const parts = withoutComments(page.text).split(/^(?=#{1,3} )/m);
  return parts.flatMap((part) => {
    const [, heading] = /^#{1,3} (.+)$/m.exec(part) ?? [];
    if (heading === undefined) return [];
    const text = part.slice(part.indexOf('\n') + 1).replaceAll(/[`|*]+|\]\([^)]*\)|^-+$/gm, ' ');
    const anchor = heading === page.title ? '' : `#${anchorOf(heading)}`;
    return [{ url: `${urlOf(page.name)}${anchor}`, page: page.title, heading, text: text.replaceAll(/\s+/g, ' ').trim() }];
  });
}

function withoutComments(text: string): string {
  return text.replaceAll(/<!--[\s\S]*?-->\n*/g, '');
}

function htmlOf(page: Page): string {
  const { minutes } = lengthOf(page.text);
  const marked = new Marked({ gfm: true });
  let diagrams = 0;
  marked.use({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const title = this.parser.parseInline(tokens);
        const anchor = anchorOf(text.replaceAll('`', ''));
        const length = text === page.title ? `<p class="length">${minutes} min read</p>` : '';
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${title}</a></h${depth}>${length}\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escapeHtml(servedLink(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        const { width, height } = sizeOf(href);
        return `<img src="${escapeHtml(`/docs/${href}`)}" alt="${escapeHtml(text)}" width="${width}" height="${height}" loading="lazy">`;
      },
      code({ text, lang }: Tokens.Code) {
        const [language = ''] = (lang ?? '').split(' ');
        if (language !== 'mermaid') return codeBlock(language, text);
        diagrams += 1;
        return diagramOf(text, `${page.name}-${diagrams}`);
      },
      table({ header, rows }: Tokens.Table) {
        const cells = (row: readonly Tokens.TableCell[], tag: 'th' | 'td') =>
          `<tr>${row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        // A screen reader would read the cells of an empty header row aloud, so the row is left out.
        const head = header.some(({ text }) => text !== '') ? `<thead>${cells(header, 'th')}</thead>` : '';
        return `<div class="table" tabindex="0">\n<table>${head}<tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(withoutComments(page.text), { async: false });
}

/** Width and height of a PNG in pixels, read from its header: with them the page does not jump when the picture loads. */
function sizeOf(picture: string): { readonly width: number; readonly height: number } {
  const bytes = readFileSync(join(root, 'docs', picture));
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Turns `keys.md#rotating` into `/docs/keys#rotating`. */
function servedLink(href: string): string {
  const [, name, anchor = ''] = /^(?:\.\.\/|partners\/)?([\w-]+)\.md(#.*)?$/.exec(href) ?? [];
  return name === undefined ? href : `${urlOf(name)}${anchor}`;
}

/** What the notation of our code blocks means; the caption is shown above each block. */
const captions: Readonly<Record<string, string>> = {
  http: 'Request',
  effect: 'What happens',
  given: 'Given',
  sign: 'Signature',
  text: '',
};

function codeBlock(language: string, text: string): string {
  const caption = captions[language] ?? language;
  const head = caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>`;
  return `<figure class="code code-${escapeHtml(language)}">${head}<pre tabindex="0"><code>${escapeHtml(text)}</code></pre></figure>\n`;
}

/**
 * Renders a diagram without inline styles, which our Content-Security-Policy forbids: the console's documents/main.css sets the colours.
 */
function diagramOf(source: string, name: string): string {
  const svg = renderMermaidSVG(source)
    .replaceAll(/<style>[\s\S]*?<\/style>/g, '')
    .replaceAll(/ style="[^"]*"/g, '')
    .replaceAll(/(id="|url\(#)/g, `$1${name}-`)
    .replace('<svg ', '<svg role="img" aria-label="Diagram" ');
  return `<figure class="diagram" tabindex="0">${svg}</figure>\n`;
}

const head = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/admin/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/admin/documents/main.css">
<script type="module" src="/admin/documents/main.js"></script>
</head>`;

function framed(title: string, pages: readonly Page[], current: string, body: string): string {
  const item = (name: string, text: string) =>
    `<li><a href="${urlOf(name)}"${name === current ? ' aria-current="page"' : ''}>${escapeHtml(text)}</a></li>`;
  const menu = [...pages.map((page) => item(page.name, page.name === 'README' ? 'Start here' : page.title)), item('api', 'API reference')];
  return `${head(`${title} · Postback documentation`)}
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="home" href="/">Postback system</a>
<form role="search" id="search"><label for="query">Search</label> <input id="query" type="search" autocomplete="off" placeholder="Search the documentation"></form>
</header>
<div id="results" role="region" aria-label="Search results" aria-live="polite" hidden></div>
<div class="columns">
<nav aria-label="Pages"><ul>${menu.join('')}</ul></nav>
<main id="content">
${body}</main>
</div>
</body>
</html>
`;
}

const apiFrame = `<h1>API reference</h1>
<p>Every endpoint, generated from <a href="/openapi.json">openapi.json</a>, which you can also feed to a client generator.</p>
<div id="reference"></div>
<noscript><p>This page needs JavaScript. The same is in <a href="/openapi.json">openapi.json</a>.</p></noscript>
`;

const home = `${head('Postback system')}
<body>
<main id="content" class="start">
<h1>Postback system</h1>
<ul>
<li><a href="/docs">Documentation</a> for partners who send postbacks and publishers who receive them</li>
<li><a href="/docs/api">API reference</a>, also as <a href="/openapi.json">openapi.json</a></li>
<li><a href="/admin">Console</a> for those who run the system; sign in with a token</li>
</ul>
</main>
</body>
</html>
`;

/** An index for language models: which pages there are, and where to read them as Markdown (llmstxt.org). */
function llmsText(pages: readonly Page[]): string {
  const links = pages.map(({ name, title, text }) => `- [${title}](/docs/${name}.md): ${firstSentence(text)}`);
  return `# Postback system

> Partners report conversions by HTTP postbacks. The system records them, shares the revenue, credits points to users and notifies publishers.

## Documentation

${links.join('\n')}

## API

- [OpenAPI description](/openapi.json): every endpoint with its schemas and examples
`;
}

function firstSentence(text: string): string {
  const paragraph = withoutComments(text)
    .split(/\n{2,}/)
    .find((part) => /^[A-Z]/.test(part));
  return (
    (paragraph ?? '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/\s+/g, ' ')
      .split(/(?<=\.) /)[0] ?? ''
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
