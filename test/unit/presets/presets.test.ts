import { describe, expect, test } from '@jest/globals';
import { isListed } from '../../../functions/adapters/addresses.ts';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { presetOf, presets, signatureRecipeOf } from '../../../functions/domain/presets/presets.ts';

test('the networks of contract 1.8', () => {
  expect([...presets.keys()]).toEqual([
    'bitlabs',
    'ayet',
    'tapjoy',
    'pollfish',
    'adgate',
    'cpx',
    'torox',
    'lootably',
    'theoremreach',
    'inbrain',
    'subid_family',
    'generic_hmac',
  ]);
});

test('a partner without a preset, or with one nobody knows, has none', () => {
  expect(presetOf({})).toBeUndefined();
  expect(presetOf({ preset: 'toString' })).toBeUndefined();
  expect(signatureRecipeOf({})).toBe(signatureRecipeOf({ preset: 'generic_hmac' }));
  expect(signatureRecipeOf({ preset: 'adgate' })).toBeUndefined();
});

describe.each([...presets.values()])('$name', (preset) => {
  test('its addresses are addresses', () => {
    for (const range of preset.addresses ?? []) expect([range, isListed(range.split('/')[0] ?? '', [range])]).toEqual([range, true]);
  });

  test('its words and marks are in lower case, so that they can match', () => {
    const words = [
      ...Object.keys(preset.statusWords ?? {}),
      ...(preset.reversal?.flag?.values ?? []),
      ...(preset.test?.values ?? []),
      ...(preset.noEvent ?? []),
    ];
    expect(words).toEqual(words.map((word) => word.toLowerCase()));
  });

  test('no name of theirs means two things', () => {
    const names = Object.values(preset.parameters).flat();
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('comparing signatures', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', 'abc', false],
    ['é', 'e\u0301', false],
  ])('%j and %j', (a, b, same) => {
    expect(nodeCrypto.equal(a, b)).toBe(same);
  });
});
