import { createHash } from 'node:crypto';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Operation, operationsOf, pointerTo } from '../../support/openapi/document.ts';

/** A request that was sent and its answer, as the caller saw it. */
export interface Exchange {
  /** `GET /api/admin/partners` */
  readonly operation: string;
  readonly query: readonly string[];
  /** The JSON that was sent; absent: none. */
  readonly sent?: unknown;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** An answer that is described but cannot be caused here. */
export type Exempt = (answer: { readonly operation: string; readonly status: string; readonly type: string }) => boolean;

/**
 * Compares a document with what really happened: the document must describe every answer, down to each property, and everything that it
 * describes must have happened. Returns the differences; the list is empty if the document is true.
 */
export function untruthsOf(document: AnySchemaObject, exchanges: readonly Exchange[], exempt: Exempt): string[] {
  const operations = operationsOf(document);
  const schemas = new Schemas(document);
  const seen = new Set<string>();
  const wrong = exchanges.flatMap((exchange) => {
    const described = operations.get(exchange.operation);
    if (described === undefined) return [`${exchange.operation} is not described`];
    return [...answerProblems(schemas, described, exchange, seen), ...requestProblems(schemas, described, exchange)];
  });
  const missing = [...operations].flatMap(([operation, { responses }]) =>
    Object.entries(responses).flatMap(([status, { content = { '': undefined } }]) =>
      Object.keys(content)
        .filter((type) => !seen.has(`${operation} ${status} ${type}`) && !exempt({ operation, status, type }))
        .map((type) => `${operation} was never answered with ${status} ${type}`.trimEnd()),
    ),
  );
  return [...new Set([...wrong, ...missing])];
}

function answerProblems(schemas: Schemas, described: Operation, exchange: Exchange, seen: Set<string>): string[] {
  const { operation, status, headers, body } = exchange;
  const about = `${operation} ${status}`;
  const response = described.responses[String(status)];
  if (response === undefined) return [`${about} is not described: ${body.slice(0, 200)}`];
  const withoutHeader = Object.entries(response.headers ?? {})
    .filter(([name, { required }]) => required && headers.get(name) === null)
    .map(([name]) => `${about} came without the header ${name}`);
  if (response.content === undefined) {
    seen.add(`${about} `);
    return body === '' ? withoutHeader : [...withoutHeader, `${about} has a body, which is not described`];
  }
  const sent = headers.get('content-type')?.split(';')[0] ?? '';
  const type = [sent, '*/*'].find((known) => Object.hasOwn(response.content ?? {}, known));
  if (type === undefined) return [...withoutHeader, `${about} came as ${sent}, which is not described`];
  seen.add(`${about} ${type}`);
  const pointer = pointerTo(operation, 'responses', String(status), 'content', type, 'schema');
  return [
    ...withoutHeader,
    ...schemas.problems(pointer, response.content[type]?.schema, type === 'application/json' ? JSON.parse(body) : body, `${about} ${type}`),
  ];
}

/** The document must allow everything that was accepted. */
function requestProblems(schemas: Schemas, described: Operation, { operation, status, query, sent }: Exchange): string[] {
  if (status >= 300) return [];
  const known = described.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  // A partner may send anything; all of it is kept.
  const unknown = operation.includes(' /api/admin/') ? query.filter((name) => !known.includes(name)) : [];
  const type = 'application/json';
  const body =
    sent === undefined
      ? []
      : described.requestBody?.content[type] === undefined
        ? [`${operation} took a body, which is not described`]
        : schemas.problems(
            pointerTo(operation, 'requestBody', 'content', type, 'schema'),
            described.requestBody.content[type].schema,
            sent,
            `${operation} request`,
          );
  return [...unknown.map((name) => `${operation} took the parameter ${name}, which is not described`), ...body];
}

/**
 * The validators of all documents so far, by everything that they are made of: a document that says one thing differently shares all those
 * that do not depend on it.
 */
const compiled = new Map<string, ValidateFunction>();

/** The document's schemas, compiled when they are first needed. Equal ones, such as those of refusals, are compiled once. */
class Schemas {
  private readonly document: AnySchemaObject;
  private readonly validator: Ajv2020;
  private readonly contents = new Map<unknown, string>();

  constructor(document: AnySchemaObject) {
    this.document = document;
    // Formats have a pattern beside them, and the pattern is checked.
    const formats = { date: true, 'date-time': true, uri: true, email: true } as const;
    this.validator = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      allErrors: true,
      validateSchema: false,
      formats,
      // This would take longer than it saves, because few values are compared with each schema.
      code: { optimize: false },
      // For the same reason: a schema to which many refer is compiled once, instead of into each of them.
      inlineRefs: false,
    });
    this.validator.addVocabulary(['example', ...Object.keys(document)]);
    this.validator.addSchema(document, 'document');
  }

  /** @param schema the schema to which the pointer leads. */
  problems(pointer: string, schema: unknown, value: unknown, about: string): string[] {
    const content = this.contents.get(schema) ?? this.contentOf(schema);
    this.contents.set(schema, content);
    const validate = compiled.get(content) ?? this.validator.compile({ $ref: `document${pointer}` });
    compiled.set(content, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${about} ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  /** A digest of the schema and of everything to which it refers. */
  private contentOf(schema: unknown): string {
    const parts = new Set([JSON.stringify(schema)]);
    // What is added on the way is visited too.
    for (const part of parts)
      for (const [, name = ''] of part.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
        parts.add(`${name}: ${JSON.stringify(this.document['components'].schemas[name])}`);
    return createHash('sha256')
      .update([...parts].join('\n'))
      .digest('hex');
  }
}
