import * as z from 'zod';

/** Schemas that the answers of several record routes share. */

/** An amount in an answer. It is never a JSON number, which many parsers read as binary floating point. */
export const amountText = z.string().meta({ description: 'Decimal text', example: '4.00' });

/** An id as a filter or a path names it; an id that does not exist finds nothing. */
export const idText = z.string().min(1).max(200);

/** A text that may be missing. */
export const textOrNull = z.string().nullable();

export const timeText = z.string().meta({ description: 'ISO 8601, UTC', example: '2026-01-31T12:00:00.000Z' });

/** Why a person makes a change; it is shown wherever the change is. */
export const reasonText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(500)
  .meta({ description: 'Reason; kept with the change and in the audit log' });
