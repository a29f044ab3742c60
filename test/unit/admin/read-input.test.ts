import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { readBody, readParams } from '../../../functions/admin/read-input.ts';
import { AdminError } from '../../../functions/admin/route.ts';
import { nameText } from '../../../functions/admin/schemas/fields.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';

const refusalOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return `${error.status} ${error.code}: ${error.message}`;
  }
};
const read = (text: string) => refusalOf(() => readBody({ path: '/things', body: z.unknown() }, Buffer.from(text)));

describe('a body', () => {
  test.each([
    ['{', '400 invalid_body: body: is not valid JSON'],
    [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, '400 invalid_body: body: is nested more than 30 levels deep'],
    ['['.repeat(100_000), '400 invalid_body: body: is nested more than 30 levels deep'],
    ['{"name":{"a":["x","\\ud800"]}}', '400 invalid_body: name.a.1: holds half of a surrogate pair'],
    ['"\\udc00"', '400 invalid_body: body: holds half of a surrogate pair'],
    ['{"a":{"\\ud83d":1}}', '400 invalid_body: a: has a name that holds half of a surrogate pair'],
    ['{"map":{"__proto__":"x"}}', '400 invalid_body: map: has a name that cannot be used: __proto__'],
  ])('is refused where nobody could keep it: %.40s', (text, refusal) => {
    expect(read(text)).toBe(refusal);
  });

  test('is read as it was written if it can be stored', () => {
    const text = '{"constructor":"x","a":"[[[[\\"[{","b":[[["😀"]]],"é":null}';
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test('becomes a value or a refusal, whatever it is', () => {
    const anything = fc.oneof(fc.json(), anyCodePoints(), fc.json({ maxDepth: 40 }));
    fc.assert(fc.property(anything, (text) => void read(text)));
  });
});

describe('an id of a path', () => {
  test.each([
    [{ partner_id: 'acme' }, { partner_id: 'acme' }],
    [{ user_id: 'é'.repeat(512) }, { user_id: 'é'.repeat(512) }],
    [{ user_id: 'é'.repeat(513) }, '400 invalid_user_id: user_id: must not be longer than 1024 bytes'],
    [{ log_id: '\ud800' }, '400 invalid_log_id: log_id: holds half of a surrogate pair'],
    [{ offer_id: 'a b' }, expect.stringMatching(/^400 invalid_offer_id: offer_id: must be 1 to 64 letters/)],
    [{ partner_id: 'x'.repeat(65) }, expect.stringMatching(/^400 invalid_partner_id/)],
  ])('is one that something could have, or is refused by its name: %#', (params, expected) => {
    expect(refusalOf(() => readParams(params))).toEqual(expected);
  });
});

test.each(['a\u0000b', 'a\u202eb', '\u2066x', 'a\u200fb', 'a\nb', '\u2028'])(
  'a name hides nothing and turns nothing around: %j',
  (name) => {
    expect(nameText.safeParse(`x${name}x`).success).toBe(false);
  },
);

test.each(['Анна', '山田', 'אבג', 'Zoë 👩‍💻', 'a'])('a name may be of any language: %s', (name) => {
  expect(nameText.safeParse(name).success).toBe(true);
});
