import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import type { DeliveryFields } from '../../../functions/domain/delivery/fields.ts';
import type { OpenPostback } from '../../../functions/domain/delivery/postbacks.ts';
import { buildRequest, type OutboundRequest } from '../../../functions/domain/delivery/request.ts';
import { messageTemplate, type OutboundSigning, signingProblem } from '../../../functions/domain/delivery/sign.ts';

const secret = 's3cret';

interface Recipe extends Partial<OpenPostback> {
  readonly sign: OutboundSigning;
}

const sign = (algorithm: OutboundSigning['algorithm'], message: string, encoding: OutboundSigning['encoding'] = 'hex') => ({
  algorithm,
  encoding,
  message,
  secret,
});
const base = 'https://pub.example/cb';

/** Offerwalls whose scripts verify our deliveries without changes. The recipes are theirs, with our macros. */
const recipes: Readonly<Record<string, Recipe>> = {
  timewall: {
    url: `${base}?userID={user_id}&transactionID={transaction_id}&revenue={payout}&type={status:approved=credit reversed=chargeback}&hash={signature}`,
    sign: sign('sha256', '{user_id}{payout}{secret}'),
  },
  lootably: {
    url: `${base}?userID={user_id}&ip={ip}&revenue={payout}&currencyReward={points}&hash={signature}`,
    sign: sign('sha256', '{user_id}{ip?}{payout}{points}{secret}'),
  },
  tapjoy: {
    url: `${base}?snuid={user_id}&currency={points|int}&id={delivery_id}&verifier={signature}`,
    sign: sign('md5', '{delivery_id}:{user_id}:{points|int}:{secret}'),
  },
  cpx: {
    url: `${base}?trans_id={transaction_id}&status={status:approved=1 reversed=2}&hash={signature}`,
    sign: sign('md5', '{transaction_id}-{secret}'),
  },
  pubscale: {
    url: `${base}?user_id={user_id}&value={points}&token={delivery_id}&signature={signature}`,
    sign: sign('md5', '{secret}.{user_id}.{int:points}.{delivery_id}'),
  },
  bitlabs: { url: `${base}?uid={user_id}&tx={delivery_id}&val={points}&hash={signature}`, sign: sign('hmac-sha1', '{url_before:hash}') },
  theoremreach: {
    url: `${base}?user_id={user_id}&tx_id={delivery_id}&reward={points}&hash={signature}`,
    sign: sign('hmac-sha1', '{url_before:hash}', 'base64url'),
  },
  pollfish: {
    url: `${base}?tx_id={delivery_id}&request_uuid={user_id}&cpa={payout|cents}&status={status}&signature={signature}`,
    sign: sign('hmac-sha1', '{sorted_values::}', 'base64'),
  },
  ayet: {
    url: `${base}?external_identifier={user_id}&amount={points}&transaction_id={delivery_id}`,
    headers: [{ name: 'X-Ayetstudios-Security-Hash', value: '{signature}', secret: false }],
    sign: sign('hmac-sha256', '{sorted_query}'),
  },
  unity_ads: { url: `${base}?sid={user_id}&oid={delivery_id}&hmac={signature}`, sign: sign('hmac-md5', '{sorted_query:,}') },
  adgem_v3: {
    url: base,
    method: 'POST',
    headers: [{ name: 'Signature', value: '{signature}', secret: false }],
    sign: sign('hmac-sha256', '{body}'),
  },
  kiwiwall: { url: base, method: 'POST', content_type: 'form', sign: sign('md5', '{user_id}:{points}:{secret}') },
};

const fields: DeliveryFields = {
  user_id: 'user 1/ü&=+~',
  transaction_id: 'T-1',
  payout: '-4.05',
  points: '405.50',
  currency: 'USD',
  status: 'approved',
  ip: '203.0.113.1',
  delivery_id: 'D-1',
};

function requestOf(recipe: Recipe, of: DeliveryFields = fields): OutboundRequest {
  const postback: OpenPostback = { opened: true, url: base, method: 'GET', content_type: 'json', status: 'active', ...recipe };
  const request = buildRequest(postback, { fields: of }, nodeCrypto);
  if (request === 'invalid_request') throw new Error(request);
  return request;
}

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? describe : describe.skip)("a publisher's own script, written for a wall, accepts our deliveries", () => {
  const check = (all: readonly { recipe: string; request: OutboundRequest }[]): { recipe: string; good: boolean }[] =>
    JSON.parse(
      execFileSync('python3', [join(import.meta.dirname, 'independent-signatures.py')], {
        encoding: 'utf8',
        input: JSON.stringify(
          all.map(({ recipe, request: { url, body = '', headers } }) => ({
            recipe,
            url,
            body,
            headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
          })),
        ),
      }),
    );

  test.each(Object.entries(recipes))('%s', (recipe, of) => {
    expect(check([{ recipe, request: requestOf(of) }])).toEqual([{ recipe, good: true }]);
  });

  test('whatever the values are', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((value) => value.isWellFormed() && !value.includes('\u0000'));
    const samples = fc.sample(fc.record({ user_id: text, transaction_id: text, delivery_id: text }), { numRuns: 40, seed: 15 });
    const all = samples.flatMap((some) =>
      Object.entries(recipes).map(([recipe, of]) => ({ recipe, request: requestOf(of, { ...fields, ...some }) })),
    );
    expect(check(all).filter(({ good }) => !good)).toEqual([]);
  });
});

test('a changed value changes the signature', () => {
  for (const [name, recipe] of Object.entries(recipes)) {
    const of = (user_id: string, transaction_id: string) =>
      JSON.stringify(requestOf(recipe, { ...fields, user_id, transaction_id, points: user_id }));
    const signatureIn = (text: string) => text.match(/[0-9a-f]{32,64}|[\w%+/-]{27,40}(?==|%3D|"|&)/g)?.join();
    expect([name, signatureIn(of('1', 'a'))]).not.toEqual([name, signatureIn(of('2', 'b'))]);
  }
});

test('a signature that covers the body is not in the body; any other is', () => {
  const post = (message: string) => JSON.parse(requestOf({ method: 'POST', sign: sign('hmac-sha256', message) }).body ?? '');
  expect(post('{body}').signature).toBeNull();
  expect(post('{user_id}').signature).toMatch(/^[0-9a-f]{64}$/);
  expect(post('{method}{target}{url}{raw:user_id}').signature).toMatch(/^[0-9a-f]{64}$/);
});

test('a plain digest without the secret is refused, because it protects nothing', () => {
  expect(signingProblem(sign('md5', '{user_id}'))).toContain('{secret}');
  expect(signingProblem(sign('md5', '{user_id}{secret}'))).toBeUndefined();
  expect(signingProblem(sign('hmac-md5', '{user_id}'))).toBeUndefined();
});

test('the template of a message contains its macros and no other placeholders', () => {
  expect(messageTemplate('{secret}.{user_id}.{int:points}.{raw:sub1}.{reason?}{url_before:hash}{sorted_values::}')).toBe(
    '.{user_id}.{points}.{sub1}.{reason}',
  );
});
