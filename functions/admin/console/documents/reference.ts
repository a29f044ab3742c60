import * as z from 'zod/mini';
import { element } from './element.ts';

const schema = z.looseObject({
  $ref: z.optional(z.string()),
  type: z.optional(z.union([z.string(), z.array(z.string())])),
  description: z.optional(z.string()),
});
const content = z.optional(z.record(z.string(), z.looseObject({ schema: z.optional(z.unknown()), example: z.optional(z.unknown()) })));
const operation = z.object({
  tags: z.array(z.string()),
  operationId: z.string(),
  summary: z.string(),
  description: z.optional(z.string()),
  security: z.array(z.unknown()),
  parameters: z.optional(
    z.array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.optional(z.boolean()),
        description: z.optional(z.string()),
        schema: z.optional(schema),
      }),
    ),
  ),
  requestBody: z.optional(z.object({ content })),
  responses: z.record(z.string(), z.object({ description: z.string(), content })),
});
const documentSchema = z.object({
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});
type Operation = z.output<typeof operation> & { readonly method: string; readonly path: string };

/** Draws the API reference from `openapi.json`, on the page that has a place for it. */
export async function showReference(): Promise<void> {
  const place = document.querySelector<HTMLElement>('#reference');
  if (place === null) return;
  const { tags, paths } = documentSchema.parse(await (await fetch('/openapi.json')).json());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => ({ ...described, method: method.toUpperCase(), path })),
  );
  const sections = tags.map(({ name, description }) =>
    element('section', {}, [
      element('h2', { id: name }, [titleOf(name)]),
      element('p', {}, [description]),
      ...operations.filter((each) => each.tags.includes(name)).map(entryOf),
    ]),
  );
  place.replaceChildren(
    element(
      'ul',
      { class: 'tags' },
      tags.map(({ name }) => element('li', {}, [element('a', { href: `#${name}` }, [titleOf(name)])])),
    ),
    ...sections,
  );
  document.querySelector(location.hash === '' ? ':root' : location.hash)?.scrollIntoView();
}

function titleOf(tag: string): string {
  return `${tag.charAt(0).toUpperCase()}${tag.slice(1)}`.replaceAll('-', ' ');
}

function entryOf(described: Operation): HTMLElement {
  const { method, path, operationId, summary, description = '', parameters = [], requestBody, responses } = described;
  const body = requestBody?.content?.['application/json'];
  return element('details', { id: operationId, class: 'operation' }, [
    element('summary', {}, [
      element('span', { class: `method ${method.toLowerCase()}` }, [method]),
      ' ',
      element('code', {}, [path]),
      ' ',
      summary,
    ]),
    ...description.split('\n\n').map((paragraph) => element('p', {}, withCode(paragraph))),
    ...(parameters.length === 0
      ? []
      : [
          element('h4', {}, ['Parameters']),
          tableOf(parameters.map((each) => [each.name, each.required === true ? `${each.in}, required` : each.in, each.description ?? ''])),
        ]),
    ...(body?.example === undefined ? [] : [element('h4', {}, ['Example request']), jsonOf(body.example)]),
    element('h4', {}, ['Answers']),
    tableOf(Object.entries(responses).map(([status, answer]) => [status, answer.description])),
    ...Object.entries(responses).flatMap(([status, answer]) => {
      const example = answer.content?.['application/json']?.example;
      return example === undefined ? [] : [element('h4', {}, [`Example ${status}`]), jsonOf(example)];
    }),
  ]);
}

function tableOf(rows: readonly (readonly string[])[]): HTMLElement {
  const lines = rows.map((cells) =>
    element(
      'tr',
      {},
      cells.map((cell, index) => element('td', {}, index === 0 ? [element('code', {}, [cell])] : withCode(cell))),
    ),
  );
  return element('div', { class: 'table', tabindex: '0' }, [element('table', {}, [element('tbody', {}, lines)])]);
}

function jsonOf(value: unknown): HTMLElement {
  return element('pre', { tabindex: '0' }, [element('code', {}, [JSON.stringify(value, null, 2)])]);
}

/** Shows what is between backticks as code. */
function withCode(text: string): (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, [part]) : part));
}
