import * as z from 'zod';
import { type Condition, operators } from '../../domain/conditions.ts';

const mostNested = 4;
const mostComparisons = 50;
const decimal = /^-?\d{1,18}(?:\.\d{1,18})?$/;

/** Numbers and booleans count as their text, as they do in a postback: `true` and `"true"` are the same for `country_mismatch`. */
const text = z.union([z.string().max(500), z.number(), z.boolean()], 'must be a text, a number or a boolean').transform(String);

const comparison = z
  .strictObject({
    field: z
      .string()
      .regex(/^[A-Za-z_][\w.-]{0,99}$/, 'must be the name of a field')
      .meta({ example: 'country' }),
    op: z.enum(operators),
    value: z
      .union([text, z.array(text).max(500)])
      .optional()
      .meta({ description: 'A list for `in` and `not_in`; nothing for `absent` and `present`', example: ['DE', 'AT'] }),
  })
  .superRefine(({ op, value }, context) => {
    const complain = (message: string): void => context.addIssue({ code: 'custom', path: ['value'], message });
    if (op === 'absent' || op === 'present') {
      if (value !== undefined) complain(`must not be sent with ${op}`);
    } else if (value === undefined) complain('is required');
    else if (op !== 'in' && op !== 'not_in') {
      if (typeof value !== 'string') complain(`must be one value: ${op} takes no list`);
      else if (/^[gl]te?$/.test(op) && !decimal.test(value)) complain(`must be a number: ${op} compares amounts`);
    }
  });

const nested: z.ZodType<Condition> = z
  .lazy(() =>
    z.union(
      [comparison, z.strictObject({ all: z.array(nested).max(50) }), z.strictObject({ any: z.array(nested).max(50) })],
      `must be {field, op, value}, {all: […]} or {any: […]}, where op is one of ${operators.join(', ')}`,
    ),
  )
  .meta({
    id: 'Condition',
    description: '`{field, op, value}`, or `{all: […]}`, or `{any: […]}`',
    example: { all: [{ field: 'country', op: 'in', value: ['DE', 'AT'] }] },
  });

/** A condition of contract 2.1, with limits on depth and length that nobody needs to exceed. */
export const condition = nested.superRefine((sent, context) => {
  if (depthOf(sent) > mostNested) context.addIssue({ code: 'custom', message: `must not be nested more than ${mostNested} deep` });
  if (countOf(sent) > mostComparisons)
    context.addIssue({ code: 'custom', message: `must not hold more than ${mostComparisons} comparisons` });
});

function partsOf(sent: Condition): readonly Condition[] {
  return 'all' in sent ? sent.all : 'any' in sent ? sent.any : [];
}

function depthOf(sent: Condition): number {
  return 1 + Math.max(0, ...partsOf(sent).map(depthOf));
}

function countOf(sent: Condition): number {
  return 'field' in sent ? 1 : partsOf(sent).reduce((sum, part) => sum + countOf(part), 0);
}
