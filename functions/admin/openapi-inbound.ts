import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { apiError, gatewayError, retryAfter } from './schemas/errors.ts';
import {
  codesByStatus,
  postbackBody,
  postbackError,
  postbackParameters,
  postbackSuccess,
  statusAnswer,
  trackingQuery,
} from './schemas/inbound.ts';

type Method = 'get' | 'post';
type Responses = (method: Method) => ZodOpenApiResponsesObject;

/** Refusals that a request of this method cannot get: of other methods, and of bodies that it does not have. */
const notOf: Readonly<Record<Method, readonly number[]>> = { get: [405, 413, 415], post: [405] };
/** Statuses that the gateway answers too, without asking us. */
const gatewayStatuses = [429, 503];

/** Answers of a postback address by status, with the codes of each. */
const postbackResponses: Responses = (method) => ({
  '200': {
    description:
      "It is durable, and will be settled and forwarded. Where the partner's network wants to read something else, the body is that",
    content: { 'application/json': { schema: postbackSuccess }, '*/*': { schema: { type: 'string' } } },
  },
  ...refusals(method, (description, ofGateway) => ({
    description,
    content: { 'application/json': { schema: ofGateway ? z.union([postbackError, gatewayError]) : postbackError } },
  })),
});

/** The older address answers plain text. */
const olderResponses: Responses = (method) => ({
  '200': {
    description: '`OK`, or what the network wants to read',
    content: { 'text/plain': { schema: { type: 'string', example: 'OK' } } },
  },
  ...refusals(method, (description, ofGateway) => ({
    description: `\`ERROR: <message>\`. ${description}`,
    content: {
      'text/plain': { schema: { type: 'string', pattern: '^ERROR: ', example: 'ERROR: click_id required' } },
      ...(ofGateway ? { 'application/json': { schema: gatewayError } } : {}),
    },
  })),
});

function refusals(
  method: Method,
  responseOf: (description: string, ofGateway: boolean) => ZodOpenApiResponseObject,
): Record<string, ZodOpenApiResponseObject> {
  const ours = [...codesByStatus()].filter(([status]) => !notOf[method].includes(status));
  return Object.fromEntries([
    ...ours.map(([status, description]) => {
      const ofGateway = gatewayStatuses.includes(status);
      return [String(status), { ...responseOf(description, ofGateway), ...(ofGateway ? { headers: retryAfter } : {}) }];
    }),
    ['500', { description: 'Of the gateway: send it again', content: { 'application/json': { schema: gatewayError } } }],
  ]);
}

const requestBody = {
  required: false,
  content: {
    'application/json': { schema: postbackBody },
    'application/x-www-form-urlencoded': { schema: postbackBody },
    'multipart/form-data': { schema: postbackBody },
  },
};

const key = z.string().length(32).meta({ description: 'The key of the partner' });
const event = z.string().meta({ description: 'The event; wins over the parameter', example: 'terminate' });

function operations(
  id: string,
  summary: string,
  path: z.ZodObject | undefined,
  extra: z.ZodRawShape,
  responses: Responses,
): Record<Method | 'head', ZodOpenApiOperationObject> {
  const shared = {
    tags: ['postbacks'],
    summary,
    description: 'Methods other than GET, POST and HEAD are answered 405 with `Allow`',
    security: [],
    requestParams: { query: postbackParameters.extend(extra), ...(path === undefined ? {} : { path }) },
  };
  return {
    get: { ...shared, operationId: `get_${id}`, responses: responses('get') },
    post: { ...shared, operationId: `post_${id}`, requestBody, responses: responses('post') },
    head: {
      ...shared,
      operationId: `head_${id}`,
      summary: 'Whether the address is there; records nothing',
      responses: { '200': { description: 'It is' } },
    },
  };
}

const errorContent = { 'application/json': { schema: apiError } };

/** What is not the admin API: what partners, users and monitors call (contract section 1). */
export const inboundPaths: ZodOpenApiPathsObject = {
  '/postback/{key}': operations('postback', 'A conversion, as the partner says', z.object({ key }), {}, postbackResponses),
  '/postback/{key}/{event}': operations(
    'postback_event',
    'The same, with the event in the path',
    z.object({ key, event }),
    {},
    postbackResponses,
  ),
  '/api/analytics/postback': operations(
    'older_postback',
    'The older address: the key is a parameter, or the header X-Postback-Key; answers plain text',
    undefined,
    { key: z.string().optional().meta({ description: 'The key, unless the header has it' }) },
    olderResponses,
  ),
  '/api/analytics/postback/test': {
    get: {
      tags: ['postbacks'],
      operationId: 'postback_status',
      summary: 'Whether postbacks are taken',
      security: [],
      responses: { '200': { description: 'They are', content: { 'application/json': { schema: statusAnswer } } } },
    },
  },
  '/track/{offer_id}': {
    get: {
      tags: ['tracking'],
      operationId: 'track',
      summary: "Records a click and redirects to the offer's target",
      security: [],
      requestParams: { path: z.object({ offer_id: z.string() }), query: trackingQuery },
      responses: {
        '302': {
          description: 'The click is stored',
          headers: { location: { description: 'The target with its macros filled', schema: { type: 'string' } } },
        },
        '400': { description: 'A parameter is missing or too long', content: errorContent },
        '404': { description: 'There is no such active offer, placement or publisher', content: errorContent },
        '503': {
          description: 'The click could not be stored: follow the link again',
          headers: retryAfter,
          content: { 'application/json': { schema: z.union([apiError, gatewayError]) } },
        },
      },
    },
  },
  '/health': {
    get: {
      tags: ['service'],
      operationId: 'health',
      summary: 'Whether it runs',
      security: [],
      responses: { '200': { description: 'It does', content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } } } },
    },
  },
  '/openapi.json': {
    get: {
      tags: ['service'],
      operationId: 'openapi',
      summary: 'This document',
      security: [],
      responses: { '200': { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } } },
    },
  },
};
