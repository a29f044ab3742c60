import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { verifySignature } from '../../../functions/domain/networks/verify.ts';
import { dialectOf } from '../../../functions/domain/postback/dialect.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { interpret } from '../../../functions/domain/postback/interpret.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { anyDialect, anyPreset, anyRequest, anyWord } from './arbitrary-requests.ts';
import { readingOf, requestOf } from './requests.ts';

/** `FUZZ_RUNS=100000` runs it for longer; a failure prints the seed with which to repeat it. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 500);

describe('whatever is sent', () => {
  test('reading and verifying never throw, and what is read can be stored', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, anyPreset, anyDialect, anyWord, async (sent, network, partner, event) => {
        const gathering = gatherParameters(sent, inflate);
        const check = {
          network,
          request: sent,
          parameters: gathering.parameters,
          secrets: ['SECRET'],
        };
        expect(verifySignature(check, nodeCrypto, 0).outcome).not.toBe('valid');
        const reading = interpret(gathering.parameters, dialectOf(partner, network), event);
        const kept = JSON.stringify(reading);
        expect(kept.isWellFormed()).toBe(true);
        if (!reading.read) return;
        expect(reading.postback.payout?.gte(0) ?? true).toBe(true);
        expect(reading.postback.clickId === undefined || reading.postback.clickId.trim() !== '').toBe(true);
      }),
      { numRuns: 2 * runs },
    );
  });

  test('a refusal gives the reason in printable characters', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, anyPreset, anyDialect, async (sent, network, partner) => {
        const reading = await readingOf(sent, { ...partner, ...(network === undefined ? {} : { preset: network }) });
        if (!reading.read) expect(reading.refusal.message).toMatch(/^[\x20-\x7e]{10,400}$/);
      }),
      { numRuns: runs },
    );
  });
});

describe('whatever the order of its parameters', () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom('click_id', 'payout', 'status', 'note'), fc.string()), fc.string()), {
    selector: ([name]) => name,
    maxLength: 8,
  });
  const shuffled = pairs.chain((sent) => fc.tuple(fc.constant(sent), fc.shuffledSubarray(sent, { minLength: sent.length })));
  const encoded = (sent: readonly (readonly [string, string])[]) =>
    new URLSearchParams(sent.map(([name, value]): [string, string] => [name, value])).toString();

  test('a postback is the same postback, as a GET and as a POST', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, anyPreset, async ([sent, other], network) => {
        const dialect = network === undefined ? {} : { preset: network };
        const [asGet, inAnotherOrder, asPost] = await Promise.all([
          readingOf(requestOf({ query: encoded(sent) }), dialect),
          readingOf(requestOf({ query: encoded(other) }), dialect),
          readingOf(requestOf({ body: encoded(other), type: 'application/x-www-form-urlencoded' }), dialect),
        ]);
        if (!asGet.read) return expect([inAnotherOrder.read, asPost.read]).toEqual([false, false]);
        for (const reading of [inAnotherOrder, asPost]) expect(reading.read && reading.postback.identity).toBe(asGet.postback.identity);
      }),
      { numRuns: runs },
    );
  });
});
