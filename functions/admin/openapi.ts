import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { inboundPaths } from './openapi-inbound.ts';
import type { Route } from './route.ts';
import { pathParameters } from './router.ts';

const apiError = z
  .object({
    status: z.literal('error'),
    code: z.string().meta({ description: 'Stable: made for programs', example: 'invalid_body' }),
    message: z.string().meta({ description: 'For people; names the field', example: 'payout: must be a plain decimal' }),
  })
  .meta({ id: 'Error' });

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
  const hasInput = route.body !== undefined || route.query !== undefined;
  const failures = [
    ...(hasInput ? [['400', 'The request is wrong: the message names the field']] : []),
    ['401', 'No token, or one that is unknown or revoked'],
    ...(route.role === 'admin' ? [['403', 'The role of the token is too small']] : []),
    ...(pathParameters(route.path).length > 0 || route.body !== undefined
      ? [['404', 'Something that the request names does not exist']]
      : []),
    ...(route.method === 'POST' || route.method === 'DELETE' ? [['409', 'It contradicts what is there']] : []),
    ['503', 'This failed on our side: safe to try again'],
  ].map(([status, description]) => [status, { description, content: { 'application/json': { schema: apiError } } }]);
  return Object.fromEntries([...failures, ...answers]);
}
