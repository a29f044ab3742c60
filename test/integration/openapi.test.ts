import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { FaultProxy, internalError } from '../support/faults/fault-proxy.ts';
import { type AnyBody, type Campaign, LocalStack } from '../support/local-stack.ts';
import { addressOf, matches, operationsOf } from '../support/openapi/document.ts';
import { alterations } from './openapi/alterations.ts';
import { Caller } from './openapi/caller.ts';
import { contract, lists, withoutNames } from './openapi/contract.ts';
import { drivePostbacks, driveService, driveTracking } from './openapi/drive-inbound.ts';
import { driveClicks, driveConversions, driveDeliveries, driveOperations, driveReceived, driveTrying } from './openapi/drive-records.ts';
import { driveMistakes, driveReusedKey, driveStoreAway, driveStrangers, driveUnknownIds, driveViewer } from './openapi/drive-refusals.ts';
import {
  driveAlerts,
  driveNetworks,
  driveOffers,
  drivePartners,
  drivePublishers,
  driveRules,
  driveTokens,
} from './openapi/drive-settings.ts';
import { routesOf } from './openapi/routes.ts';
import { type Exempt, untruthsOf } from './openapi/untruths.ts';

/** Compares the document with the running system: each operation is really called, and each answer is compared with its description. */

let dynamodb: FaultProxy;
let sqs: FaultProxy;
let stack: LocalStack;
let campaign: Campaign;
let api: Caller;
let document: AnyBody;
let operations: ReturnType<typeof operationsOf>;
beforeAll(async () => {
  stack = await LocalStack.startOwn({
    intercept: async (endpoints) => {
      dynamodb = await FaultProxy.start(endpoints.dynamodb);
      sqs = await FaultProxy.start(endpoints.sqs);
      return { dynamodb: dynamodb.url, sqs: sqs.url };
    },
  });
  api = new Caller(stack);
  campaign = await stack.campaign();
  document = (await stack.request('/openapi.json')).body;
  operations = operationsOf(document);
});
afterAll(async () => {
  await stack?.stop();
  await Promise.all([dynamodb?.stop(), sqs?.stop()]);
});

/** What the document says about the gateway, which belongs to AWS, and answers that nobody can cause on purpose. */
const exempt: Exempt = ({ operation, status, type }) => {
  const ofGatewayOnly = status === '500' || (status === '429' && operation.includes(' /api/admin/'));
  const insteadOfOlderAnswer = operation.endsWith(' /api/analytics/postback') && type === 'application/json';
  // This needs a partner that is deleted while the request is running.
  const raced = operation === 'POST /api/admin/postback-receiver/generate-quick' && status === '404';
  // SNS refuses an email address only after about two hundred of them.
  const needsManyEmails = operation.includes(' /api/admin/alerts') && status === '409';
  // The answer only contains what the authorizer has said, so it needs no store.
  const needsNoStore = operation === 'GET /api/admin/me' && status === '503';
  return ofGatewayOnly || insteadOfOlderAnswer || raced || needsManyEmails || needsNoStore;
};

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect({ valid, errors, version: validator.version }).toEqual({ valid: true, version: '3.1' });
});

test('no two operations have the same name', () => {
  const names = [...operations.values()].map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
});

describe('the document describes', () => {
  const described = () => [...operations.keys()];

  test('every endpoint of the contract and no other', () => {
    expect(described().map(withoutNames).sort()).toEqual(contract);
  });

  test('pages and CSV of every list of the contract', () => {
    const paged = [...operations].filter(
      ([, { parameters, responses }]) =>
        ['limit', 'cursor', 'format'].every((name) => parameters.some((parameter) => parameter.name === name)) &&
        Object.hasOwn(responses['200']?.content ?? {}, 'text/csv'),
    );
    expect(paged.map(([name]) => withoutNames(name)).sort()).toEqual([...lists].sort());
  });

  test('everything that the synthesised API routes, except the pages, and protected where the document says so', async () => {
    const { guards, unused } = await routesOf(described());
    // `$default` answers 404 to what the document does not describe.
    expect(unused).toEqual(['GET /', 'GET /docs', 'GET /docs/{proxy+}', 'GET /llms.txt', 'GET /admin', 'GET /admin/{proxy+}', '$default']);
    const { securitySchemes } = document.components;
    expect(securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' } });
    for (const [name, { security }] of operations) expect([name, guards.get(name)]).toEqual([name, security.length > 0]);
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('every path that accepts %s', async (method) => {
    for (const address of new Set(described().map((name) => addressOf(name)))) {
      const methods = described().flatMap((name) => (matches(name, address) ? [name.split(' ')[0]] : []));
      if (methods.includes(method)) continue;
      const headers = { authorization: `Bearer ${stack.system.adminToken}` };
      const answer = await stack.request(address, { method, headers });
      // Outside of the admin API, paths that accept only GET have a route only for GET.
      const expected = methods.join() === 'GET' && !address.startsWith('/api/admin/') ? 404 : 405;
      expect([address, method, answer.status]).toEqual([address, method, expected]);
      if (expected === 405) expect([address, answer.headers.get('allow')?.split(', ').sort()]).toEqual([address, methods.sort()]);
    }
  });
});

describe('what is really answered to', () => {
  test('networks', () => driveNetworks(api));
  test('partners and their keys', () => drivePartners(api));
  test('offers', () => driveOffers(api));
  test('publishers and placements', () => drivePublishers(api));
  test('rules', () => driveRules(api));
  test('alerts', () => driveAlerts(api));
  test('tokens and the audit', () => driveTokens(api));
  test('clicks', () => driveClicks(api, campaign));
  test('the log of postbacks', () => driveReceived(api, campaign));
  test('conversions and points', () => driveConversions(api, campaign));
  test('deliveries', () => driveDeliveries(api, campaign));
  test('trying and importing', () => driveTrying(api, campaign));
  test('statistics and queues', () => driveOperations(api, sqs));
  test('tracking links', () => driveTracking(api, campaign));
  test('monitors', () => driveService(api));
  test('partners, at each path', () => drivePostbacks(api));
  test('somebody without a token', () => driveStrangers(api, operations));
  test('viewers', () => driveViewer(api, operations));
  test('mistakes', () => driveMistakes(api, operations));
  test('a key of another request', () => driveReusedKey(api, operations));
  test('ids that do not exist', () => driveUnknownIds(api, operations));
  test('anybody while the store is not available', async () => {
    dynamodb.decide(() => internalError);
    await driveStoreAway(api, operations);
    dynamodb.heal();
  });

  test('is what the document says, down to each property, and covers everything in the document', () => {
    expect(untruthsOf(document, api.exchanges, exempt)).toEqual([]);
  });

  test('comes from every operation of the document and from no other', () => {
    const driven = new Set(api.exchanges.map(({ operation }) => operation));
    expect([...driven].sort()).toEqual([...operations.keys()].sort());
  });

  test('contains everything that has a schema of its own', () => {
    const altered = structuredClone(document);
    // No value equals the schema's name, so every value that is compared with this schema is wrong.
    for (const [name, schema] of Object.entries<AnyBody>(altered.components.schemas)) schema.const = name;
    const untruths = untruthsOf(altered, api.exchanges, exempt).join('\n');
    const unseen = Object.keys(document.components.schemas).filter((name) => !untruths.includes(`{"allowedValue":"${name}"}`));
    expect(unseen).toEqual([]);
  });
});

describe('the comparison notices a document that', () => {
  test.each(alterations)('$what', ({ alter, notices }) => {
    const altered = structuredClone(document);
    alter(altered);
    expect(untruthsOf(altered, api.exchanges, exempt)).toContainEqual(expect.stringMatching(notices));
  });
});
