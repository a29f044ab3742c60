import { expect, test } from '@jest/globals';
import { visible } from '../../../functions/admin/console/core/visible.ts';

test('characters that turn the direction of reading or are invisible are written out', () => {
  expect(visible('invoice\u202Egnp.exe\u0000')).toBe(String.raw`invoice\u202Egnp.exe\u0000`);
});

test('other text stays as it is, in any script', () => {
  const text = 'Größe 10\n\tשלום 你好 🎉 <b>';
  expect(visible(text)).toBe(text);
});
