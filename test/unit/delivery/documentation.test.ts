import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { deliveryMacros } from '../../../functions/domain/delivery/fields.ts';
import { failureCodes } from '../../../functions/domain/delivery/outcome.ts';

const written = readFileSync('docs/forwarding.md', 'utf8').toLowerCase();

test.each(Object.keys(failureCodes))('docs/forwarding.md explains the code %s', (code) => {
  expect(written).toContain(`\`${code}\``);
});

/** The document writes them as `sub_id1` .. `sub_id5`. */
const inARange = /[2-4]$/;

test.each([...deliveryMacros.keys()].filter((name) => !inARange.test(name)))('docs/forwarding.md lists the macro %s', (name) => {
  expect(written).toContain(`\`${name}\``);
});
