import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/faults/mutations.ts';

const root = join(import.meta.dirname, '..', '..');

test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
  'the guard that the mutation check removes is in its file exactly once: %s',
  (_, { file, remove, put }) => {
    const pieces = readFileSync(join(root, file), 'utf8').split(remove);
    expect(pieces).toHaveLength(2);
    expect(put).not.toBe(remove);
  },
);
