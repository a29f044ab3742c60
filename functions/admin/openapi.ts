import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { inboundPaths } from './openapi-inbound.ts';
import type { Route } from './route.ts';
import { pathParameters } from './router.ts';
import { apiError, gatewayError, retryAfter } from './schemas/errors.ts';

/** The API described (OpenAPI 3.1), generated from the schemas that validate its requests and answers (contract 1.9). */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: ZodOpenApiPathsObject = { ...inboundPaths };
  for (const route of routes) {
    const path = `/api/admin${route.path.replaceAll('+}', '}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Postback system',
      version: '0.1.0',
      description: 'Receives postbacks of partners, shares the revenue, credits points and notifies publishers.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'postbacks', description: 'What partners call' },
      { name: 'tracking', description: 'What users follow' },
      { name: 'admin', description: 'Setting up, looking and correcting' },
      { name: 'service', description: 'What monitors and tools call' },
    ],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token with the role `viewer` (looks) or `admin` (changes)' },
      },
    },
    paths,
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const names = pathParameters(route.path);
  const { query, body } = route;
  const optionalBody = body instanceof z.ZodOptional;
  return {
    tags: ['admin'],
    operationId: operationIdOf(route),
    summary: route.summary,
    security: [{ token: [] }],
    requestParams: {
      ...(names.length > 0 ? { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
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

/** Such as `get_partners_partner_id_keys`: unique because method and path are. */
function operationIdOf({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}`;
}

const csvHeaders = {
  'x-next-cursor': { description: 'For CSV: `cursor` of the next page; absent at the end', schema: { type: 'string' } },
  link: { description: 'For CSV: the address of the next page (`rel="next"`)', schema: { type: 'string' } },
} as const;

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const answers = Object.entries(route.answers).map(([status, schema]) => {
    if (status === '204') return [status, { description: 'Done' }];
    const csv = route.list === undefined ? {} : { 'text/csv': { schema: { type: 'string' } } };
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

/** What the route itself refuses, with an error of ours. */
function refusalsOf(route: Route): [string, ZodOpenApiResponseObject][] {
  const content = { 'application/json': { schema: apiError } };
  const hasInput = route.body !== undefined || route.query !== undefined || pathParameters(route.path).length > 0;
  const notFound =
    route.refusals?.[404] ?? (pathParameters(route.path).length > 0 ? 'There is nothing with the id of the path' : undefined);
  const conflict = route.refusals?.[409];
  return [
    ...(hasInput ? [refusal('400', 'The request is wrong: the message names the field')] : []),
    ...(route.role === 'admin' ? [refusal('403', 'The role of the token is too small')] : []),
    ...(notFound === undefined ? [] : [refusal('404', notFound)]),
    ...(conflict === undefined ? [] : [refusal('409', conflict)]),
  ];

  function refusal(status: string, description: string): [string, ZodOpenApiResponseObject] {
    return [status, { description, content }];
  }
}

/** What may come of any request: of us, or of the gateway before or instead of us. */
const either = { 'application/json': { schema: z.union([apiError, gatewayError]) } };
const failures: [string, ZodOpenApiResponseObject][] = [
  ['401', { description: 'No token, or one that is unknown or revoked', content: either }],
  ['429', { description: 'Too many requests at once', content: { 'application/json': { schema: gatewayError } } }],
  ['500', { description: 'A fault on our side: nothing was changed, or it is safe to try again', headers: retryAfter, content: either }],
  ['503', { description: 'Overloaded: safe to try again', headers: retryAfter, content: either }],
];
