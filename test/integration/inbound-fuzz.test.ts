import { expect, test } from '@jest/globals';
import { shootAtSystem } from '../fuzz/system.ts';

test('the whole system on its emulators withstands what is shot at it, and pays nobody it should not', async () => {
  await expect(shootAtSystem({ seed: 20_261_124, runs: 120 })).resolves.toBeUndefined();
}, 120_000);
