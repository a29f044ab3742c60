import fc from 'fast-check';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { postbackStatuses } from '../../../functions/domain/status.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';
import { requestOf } from './requests.ts';

/** Names and values that are more likely than noise to hit something. */
export const anyWord = fc.oneof(
  fc.constantFrom(
    'click_id',
    'subid',
    'payout',
    'status',
    'event',
    'currency',
    'hash',
    'sig',
    'uid',
    'raw',
    'user_id',
    'debug',
    '__proto__',
    'constructor',
    '',
    '{click_id}',
    '%%click_id%%',
    '%ff',
    '%',
    '+',
    '-1',
    '1e9',
    '5.00',
    'USD',
    'TEST-1',
    'CLK-1',
    '\u0000',
    '\ud800',
    'approved',
    '2',
    '{"a":[1]}',
    '&',
    '=',
  ),
  anyCodePoints(),
  fc.string(),
);
const form = fc
  .array(fc.tuple(anyWord, anyWord), { maxLength: 12 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  form.map((text) => new TextEncoder().encode(text)),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc.dictionary(anyWord, fc.jsonValue()).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  fc
    .tuple(anyWord, anyWord)
    .map(([name, value]) => new TextEncoder().encode(`--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`)),
);
const type = fc.constantFrom(
  '',
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
  ';;',
  'é',
);
/** Any bytes in query, body and headers. */
export const anyRequest = fc
  .record({ query: fc.oneof(form, anyCodePoints()), body: bytes, type, signature: anyWord, post: fc.boolean() })
  .map(({ query, body, type: contentType, signature, post }) =>
    requestOf({
      query,
      body,
      type: contentType,
      method: post ? 'POST' : 'GET',
      headers: { 'x-signature': signature, 'x-timestamp': signature, 'x-ayetstudios-security-hash': signature },
    }),
  );
/** Any network, or none. */
export const anyPreset = fc.constantFrom(undefined, ...builtInNetworks.values());
/** Any settings that affect what a postback means. */
export const anyDialect = fc.record({
  parameter_mapping: fc.dictionary(anyWord, anyWord, { maxKeys: 3 }),
  parameter_defaults: fc.dictionary(anyWord, anyWord, { maxKeys: 3 }),
  status_mapping: fc.dictionary(anyWord, fc.constantFrom(...postbackStatuses), { maxKeys: 3 }),
});
