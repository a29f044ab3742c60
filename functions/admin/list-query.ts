import { encodeTime } from 'ulid';
import * as z from 'zod';
import type { Position } from '../adapters/dynamo/listing.ts';
import { budgets, fits } from '../domain/byte-budget.ts';

const mostPerPage = 200;

const limit = z
  .string()
  .regex(/^\d{1,6}$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int().min(1).max(mostPerPage, `must be at most ${mostPerPage}`))
  .default(50)
  .meta({
    description: `Number of entries: 1 to ${mostPerPage}`,
    override: ({ jsonSchema }) => {
      // It is sent as text and read as a number.
      delete jsonSchema.pattern;
      Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: mostPerPage, default: 50 });
    },
  });

const cursor = z
  .string()
  .max(4_000)
  .transform((text, context): Position => {
    const position = decodeCursor(text);
    if (position !== undefined) return position;
    context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
    return z.NEVER;
  })
  .meta({ description: '`next_cursor` of the previous page' });

/** The parameter of every route that also answers CSV; spread it into a `z.strictObject`. */
export const formatQuery = {
  format: z.enum(['json', 'csv']).optional().meta({ description: '`csv` for CSV; `Accept: text/csv` does the same' }),
};

/** Parameters that every list accepts (contract section 4); spread them into a `z.strictObject`. */
export const pageQuery = {
  limit,
  cursor: cursor.optional(),
  ...formatQuery,
};

/**
 * Time bounds for lists whose ids contain their time; spread them beside {@link pageQuery}. They become the first and the last ULID of the
 * time, both included.
 */
export const timeQuery = {
  from: timeBound('from').optional(),
  to: timeBound('to').optional(),
};

/** A page of a list as an answer; `name` is the plural of contract section 4. */
export function listAnswer(
  name: string,
  items: readonly unknown[],
  next: Position | undefined,
): { status: 200; body: Record<string, unknown> } {
  return { status: 200, body: { [name]: items, next_cursor: next === undefined ? null : encodeCursor(next) } };
}

/** The schema of an answer of {@link listAnswer}. */
export function listOf<Item extends z.ZodType>(name: string, item: Item): z.ZodObject {
  return z.object({ [name]: z.array(item), next_cursor: z.string().nullable().meta({ description: 'Null on the last page' }) });
}

const lowest = '0'.repeat(16);
const highest = 'Z'.repeat(16);

/** Turns ISO 8601 text into the first or last ULID of that time; a date alone means its whole day in UTC. */
function timeBound(side: 'from' | 'to') {
  return z
    .union(
      [
        z.iso.date(),
        z.iso.datetime({ offset: true }),
        z.iso.datetime({ offset: true, precision: -1 }),
        z.iso.datetime({ local: true }),
        // An offset's `+` that was not percent-encoded arrives as a space.
        z.string().regex(/^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:\d\d$/),
      ],
      'must be a date or time in ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z',
    )
    .transform((sent, context) => {
      const text = sent.replace(' ', '+');
      const isDate = !text.includes('T');
      const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(text);
      const at = Date.parse(isDate ? `${text}T00:00:00Z` : hasZone ? text : `${text}Z`);
      if (Number.isNaN(at)) {
        context.addIssue({ code: 'custom', message: 'is not a valid time' });
        return z.NEVER;
      }
      const time = Math.max(0, side === 'to' && isDate ? at + 86_400_000 - 1 : at);
      return encodeTime(time, 10) + (side === 'from' ? lowest : highest);
    })
    .meta({
      description: `${side === 'from' ? 'Not before' : 'Not after'} this date or time (ISO 8601, UTC unless it has an offset)`,
      example: '2026-01-31',
    });
}

/** A sort key: never empty, and never longer than the store accepts. */
const key = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed() && fits(text, budgets.sortKey));
const position = z.tuple([key, z.int().min(0)]);
const bound = z.tuple([z.string(), z.string()]);

export function encodeCursor({ key, seen }: Position): string {
  return encoded([key, seen]);
}

function decodeCursor(text: string): Position | undefined {
  const [key, seen] = position.safeParse(decoded(text)).data ?? [];
  return key === undefined || seen === undefined ? undefined : { key, seen };
}

/** Binds a cursor to its list, so that no other list accepts it. @param list the path of the list's route. */
export function bindCursor(list: string, cursor: string): string {
  return encoded([list, cursor]);
}

/** The cursor for this list. A cursor of another list, or a text that is no cursor, becomes one that no list can read. */
export function unbindCursor(list: string, text: string): string {
  const [from, cursor] = bound.safeParse(decoded(text)).data ?? [];
  return from === list && cursor !== undefined ? cursor : 'none';
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Decodes only what we have encoded: Node's decoder alone would ignore added characters and a truncated end. */
function decoded(text: string): unknown {
  try {
    const bytes = Buffer.from(text, 'base64url');
    return bytes.toString('base64url') === text ? JSON.parse(bytes.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}
