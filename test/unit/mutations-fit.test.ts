import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/faults/mutations.ts';

const root = join(import.meta.dirname, '..', '..');

test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
  'what the mutation check takes away is there, once: %s',
  (_, { file, remove, put }) => {
    const pieces = readFileSync(join(root, file), 'utf8').split(remove);
    expect(pieces).toHaveLength(2);
    expect(put).not.toBe(remove);
  },
);
