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

/** Statuses that a request with this method cannot get: those for other methods, and those for bodies that it does not have. */
const notOf: Readonly<Record<Method, readonly number[]>> = { get: [405, 413, 415], post: [405] };
/** Statuses that the gateway also returns without calling us. */
const gatewayStatuses = [429, 503];

/** Answers of a postback URL by status, with the codes of each. */
const postbackResponses: Responses = (method) => ({
  '200': {
    description: 'The postback is stored and will be settled and forwarded. The body differs for networks that expect another one',
    content: { 'application/json': { schema: postbackSuccess }, '*/*': { schema: { type: 'string' } } },
  },
  ...refusals(method, (description, ofGateway) => ({
    description,
    content: { 'application/json': { schema: ofGateway ? z.union([postbackError, gatewayError]) : postbackError } },
  })),
});

/** The older URL answers in plain text. */
const olderResponses: Responses = (method) => ({
  '200': {
    description: '`OK`, or what the network expects',
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
    ['500', { description: 'The gateway failed; send the request again', content: { 'application/json': { schema: gatewayError } } }],
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

const key = z.string().length(32).meta({ description: "The partner's key" });
const event = z.string().meta({ description: 'The event; overrides the parameter', example: 'terminate' });

interface Described {
  /** A noun for the operations' ids: `Postback` makes `sendPostback`. */
  readonly noun: string;
  readonly summary: string;
  readonly description: string;
}

function operations(
  { noun, summary, description }: Described,
  path: z.ZodObject | undefined,
  extra: z.ZodRawShape,
  responses: Responses,
): Record<Method | 'head', ZodOpenApiOperationObject> {
  const shared = {
    tags: ['postbacks'],
    summary,
    description: `${description}\n\nMethods other than GET, POST and HEAD are answered 405 with \`Allow\`.`,
    security: [],
    requestParams: { query: postbackParameters.extend(extra), ...(path === undefined ? {} : { path }) },
  };
  return {
    get: { ...shared, operationId: `send${noun}`, responses: responses('get') },
    post: { ...shared, operationId: `post${noun}`, requestBody, responses: responses('post') },
    head: {
      ...shared,
      operationId: `check${noun}`,
      summary: 'Check that the URL answers',
      description: 'For monitors that insist on HEAD. Nothing is recorded.',
      responses: { '200': { description: 'The URL answers' } },
    },
  };
}

const errorContent = { 'application/json': { schema: apiError } };

/** The paths outside the admin API: those that partners, users and monitors call (contract section 1). */
export const inboundPaths: ZodOpenApiPathsObject = {
  '/postback/{key}': operations(
    {
      noun: 'Postback',
      summary: 'Report a conversion',
      description:
        'The partner reports what a click has earned. Parameters go into the query, or into the body as JSON, a form or multipart fields. Sending the same postback again is always safe.',
    },
    z.object({ key }),
    {},
    postbackResponses,
  ),
  '/postback/{key}/{event}': operations(
    {
      noun: 'EventPostback',
      summary: 'Report a conversion of an event',
      description: 'Like `/postback/{key}`, with the event in the path.',
    },
    z.object({ key, event }),
    {},
    postbackResponses,
  ),
  '/api/analytics/postback': operations(
    {
      noun: 'LegacyPostback',
      summary: 'Report a conversion at the older URL',
      description: 'Like `/postback/{key}`, but the key is a parameter or the header `X-Postback-Key`, and the answer is plain text.',
    },
    undefined,
    { key: z.string().optional().meta({ description: 'The key, unless it is in the header' }) },
    olderResponses,
  ),
  '/api/analytics/postback/test': {
    get: {
      tags: ['postbacks'],
      operationId: 'getPostbackStatus',
      summary: 'Check that postbacks are accepted',
      description: 'Lists the methods and parameters that are accepted.',
      security: [],
      responses: { '200': { description: 'Postbacks are accepted', content: { 'application/json': { schema: statusAnswer } } } },
    },
  },
  '/track/{offer_id}': {
    get: {
      tags: ['tracking'],
      operationId: 'followTrackingLink',
      summary: 'Record a click and redirect to the offer',
      description:
        'Users follow this link from a publisher to an offer. The click is stored before they are redirected. For an inactive offer no click is stored, and they are redirected to its `fallback_url`, if it has one.',
      security: [],
      requestParams: { path: z.object({ offer_id: z.string() }), query: trackingQuery },
      responses: {
        '302': {
          description: 'The click has been stored, or the inactive offer has a `fallback_url`',
          headers: {
            location: { description: 'The target URL, or the fallback URL, with its macros replaced', schema: { type: 'string' } },
          },
        },
        '400': { description: 'A parameter is missing or too long', content: errorContent },
        '404': { description: 'No such active offer, placement or publisher', content: errorContent },
        '503': {
          description: 'The click could not be stored; follow the link again',
          headers: retryAfter,
          content: { 'application/json': { schema: z.union([apiError, gatewayError]) } },
        },
      },
    },
  },
  '/health': {
    get: {
      tags: ['service'],
      operationId: 'checkHealth',
      summary: 'Health check',
      description: 'For load balancers and monitors.',
      security: [],
      responses: {
        '200': { description: 'The system is up', content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } } },
      },
    },
  },
  '/openapi.json': {
    get: {
      tags: ['service'],
      operationId: 'getOpenapi',
      summary: 'Get this document',
      description: 'Describes every endpoint, request and answer of the system.',
      security: [],
      responses: { '200': { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } } },
    },
  },
};
