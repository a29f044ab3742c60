import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { descriptionOf } from './openapi/describe.ts';
import { exampleOf, type Schemas } from './openapi/examples.ts';
import { operationIdOf, tagOf, tags } from './openapi/names.ts';
import { inboundPaths } from './openapi-inbound.ts';
import type { Route } from './route.ts';
import { pathParameters } from './router.ts';
import { apiError, gatewayError, retryAfter } from './schemas/errors.ts';

/** Describes the API (OpenAPI 3.1), generated from the schemas that validate its requests and answers (contract section 4). */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: ZodOpenApiPathsObject = { ...inboundPaths };
  for (const route of routes) {
    const path = `/api/admin${route.path.replaceAll('+}', '}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Postback system',
      version: '0.1.0',
      description: 'Receives postbacks from partners, shares the revenue, credits points and notifies publishers.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token with the role `viewer` (reads), `admin` (changes things), `publisher` or `partner` (sees only its own things)',
        },
      },
    },
    paths,
  });
  return withTags(withExamples(document));
}

type OpenApi = ReturnType<typeof createDocument>;
type Operation = NonNullable<NonNullable<OpenApi['paths']>[string]['get']>;
type Content = Extract<Operation['requestBody'], { content: unknown }>['content'];

/** Keeps only the tags that an operation uses. */
function withTags(document: OpenApi): OpenApi {
  const used = new Set(operationsOf(document).flatMap((operation) => operation.tags ?? []));
  return { ...document, tags: Object.entries(tags).flatMap(([name, description]) => (used.has(name) ? [{ name, description }] : [])) };
}

/** Adds an example to each JSON body of a request and of a successful answer. */
function withExamples(document: OpenApi): OpenApi {
  const schemas: Schemas = document.components?.schemas ?? {};
  for (const operation of operationsOf(document)) {
    const { requestBody } = operation;
    if (requestBody !== undefined && 'content' in requestBody) addExamples(requestBody.content, 'request');
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if (status.startsWith('2')) addExamples(response.content, 'answer');
    }
  }
  return document;

  function addExamples(content: Content = {}, of: 'request' | 'answer'): void {
    const json = content['application/json'];
    if (json !== undefined && 'schema' in json && json.schema !== undefined) json.example ??= exampleOf(json.schema, schemas, of);
  }
}

function operationsOf({ paths = {} }: OpenApi): readonly Operation[] {
  return Object.values(paths).flatMap(({ get, post, put, patch, delete: remove, head }) =>
    [get, post, put, patch, remove, head].filter((operation) => operation !== undefined),
  );
}

const idempotency = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().meta({
    description:
      'A repetition with the same key within a day answers what the first request did, and does nothing; what is shown once is left out',
  }),
});

function operationOf(route: Route): ZodOpenApiOperationObject {
  const names = pathParameters(route.path);
  const { query, body } = route;
  const optionalBody = body instanceof z.ZodOptional;
  return {
    tags: [tagOf(route.path)],
    operationId: operationIdOf(route),
    summary: route.summary,
    description: descriptionOf(route),
    security: [{ token: [] }],
    requestParams: {
      ...(names.length > 0 ? { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(route.method === 'POST' ? { header: idempotency } : {}),
    },
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !optionalBody,
            content: {
              'application/json': { schema: body instanceof z.ZodOptional ? body.unwrap() : body },
              ...(route.textBody === undefined ? {} : { [route.textBody]: { schema: { type: 'string' as const } } }),
            },
          },
        }),
    responses: responsesOf(route),
  };
}

const csvHeaders = {
  'x-next-cursor': { description: 'For CSV: `cursor` of the next page; absent on the last page', schema: { type: 'string' } },
  link: { description: 'For CSV: the URL of the next page (`rel="next"`)', schema: { type: 'string' } },
} as const;

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const answers = Object.entries(route.answers).map(([status, schema]) => {
    if (status === '204') return [status, { description: 'Done' }];
    const csv = route.list === undefined && route.csvOf === undefined ? {} : { 'text/csv': { schema: { type: 'string' } } };
    return [
      status,
      {
        description: route.summary,
        ...(route.list === undefined ? {} : { headers: csvHeaders }),
        content: { 'application/json': { schema }, ...csv },
      },
    ];
  });
  return Object.fromEntries([...answers, ...refusalsOf(route), ...failures]);
}

/** Refusals of the route itself, which have our error format. */
function refusalsOf(route: Route): [string, ZodOpenApiResponseObject][] {
  const content = { 'application/json': { schema: apiError } };
  const hasInput = route.body !== undefined || route.query !== undefined || pathParameters(route.path).length > 0;
  const notFound = route.refusals?.[404] ?? (pathParameters(route.path).length > 0 ? 'No resource has the id in the path' : undefined);
  const repeated = route.method === 'POST' ? 'The Idempotency-Key is in use, or belongs to another request' : undefined;
  const conflict = [route.refusals?.[409], repeated].filter((reason) => reason !== undefined).join('; ');
  return [
    ...(hasInput ? [refusal('400', 'The request is invalid; the message names the field')] : []),
    ...(route.role === 'admin' ? [refusal('403', 'The role of the token does not allow this')] : []),
    ...(notFound === undefined ? [] : [refusal('404', notFound)]),
    ...(conflict === '' ? [] : [refusal('409', conflict)]),
  ];

  function refusal(status: string, description: string): [string, ZodOpenApiResponseObject] {
    return [status, { description, content }];
  }
}

/** Errors that any request may get, from us or from the gateway in front of us. */
const either = { 'application/json': { schema: z.union([apiError, gatewayError]) } };
const failures: [string, ZodOpenApiResponseObject][] = [
  ['401', { description: 'No token, or an unknown or revoked one', content: either }],
  ['429', { description: 'Too many requests at once', content: { 'application/json': { schema: gatewayError } } }],
  ['500', { description: 'A failure on our side; it is safe to repeat the request', headers: retryAfter, content: either }],
  ['503', { description: 'Overloaded; it is safe to repeat the request', headers: retryAfter, content: either }],
];
