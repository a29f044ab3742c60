import Big from 'big.js';
import * as z from 'zod';
import { budgets, fits } from '../../domain/byte-budget.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from '../../domain/ids.ts';
import { currencyOf } from '../../domain/postback/currency.ts';
import { unseenLetters } from '../../domain/unseen-letters.ts';

/** Schemas of fields that callers send. Fields of answers have plain schemas, which only describe what is shown. */

/** Ids that a caller may choose. They become parts of keys, URLs and macros, so no other characters are allowed. */
export const settingId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'must be 1 to 64 letters, digits, dots, hyphens or underscores, and begin with a letter or digit',
  );

export const partnerId = settingId.pipe(z.custom<PartnerId>()).meta({ example: 'acme' });
export const offerId = settingId.pipe(z.custom<OfferId>()).meta({ example: 'survey-100' });
export const publisherId = settingId.pipe(z.custom<PublisherId>()).meta({ example: 'rewards-app' });
export const placementId = settingId.pipe(z.custom<PlacementId>()).meta({ example: 'main-wall' });

/** An id in a path that another party chose, such as a user's or a log entry's. It becomes part of keys in the store. */
export const pathId = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => text.isWellFormed(), 'holds half of a surrogate pair')
  .refine((text) => fits(text, budgets.sortKey), `must not be longer than ${budgets.sortKey} bytes`);

/** A name that people read. It holds no characters that hide or reorder the text around it. */
export const nameText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200)
  .regex(new RegExp(`^[^${unseenLetters}]*$`, 'u'), 'must not hold characters that cannot be seen or change the direction of writing');

/** Text without control characters. */
export const plainText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const plainDecimal = /^\d{1,12}(?:\.\d{1,6})?$/;

/** An amount: decimal text, or a JSON number that a binary number represents exactly as written. Never negative, at most six decimals. */
export const amount = z
  .union([z.string(), z.number()], 'must be a decimal, as text or as a number')
  .transform((sent, context): Big => {
    const text = typeof sent === 'number' ? numberText(sent) : sent.trim();
    if (text !== undefined && plainDecimal.test(text)) return new Big(text);
    context.addIssue({
      code: 'custom',
      message:
        text === undefined
          ? 'has too many digits for a JSON number: send it as text'
          : 'must be a plain decimal of at most 12 digits and 6 decimals, such as 5.00, and not negative',
    });
    return z.NEVER;
  })
  .meta({ description: 'Decimal text, or a number', example: '5.00' });

/** A number with more digits than these may have been changed by the program that wrote or read it. */
const mostExactDigits = 15;

function numberText(value: number): string | undefined {
  const text = String(value);
  return text.replace(/\D/g, '').replace(/^0+/, '').length > mostExactDigits ? undefined : text;
}

export const percent = amount
  .refine((value) => value.lte(100), 'must be 0 to 100')
  .meta({ description: 'Percent, 0 to 100: 80 is 80%', example: '80' });

/** At most 90 days (contract 2.1). */
export const holdHours = amount
  .refine((hours) => hours.lte(2_160), 'must be 0 to 2160')
  .meta({ description: 'Hours for which an approval waits before it is paid, 0 to 2160; fractions are allowed', example: '72' });

export const currency = z
  .string()
  .transform((sent, context) => {
    const code = currencyOf(sent.trim());
    if (code !== undefined) return code;
    context.addIssue({ code: 'custom', message: 'must be an ISO 4217 code such as USD' });
    return z.NEVER;
  })
  .meta({ example: 'USD' });

export const timezone = z
  .string()
  .max(64)
  .transform((sent, context) => {
    const name = zoneOf(sent);
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: 'must be an IANA time zone such as Europe/Berlin' });
    return z.NEVER;
  })
  .meta({ example: 'Europe/Berlin' });

/** The name in its usual capitals, since `europe/berlin` is no other zone than `Europe/Berlin`. `Intl` throws for an unknown name. */
function zoneOf(sent: string): string | undefined {
  if (!/^[A-Za-z]/.test(sent)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: sent }).resolvedOptions();
    // Some zones have two names, of which `Intl` prefers one. The name that was sent is as good.
    return timeZone.toLowerCase() === sent.toLowerCase() ? timeZone : sent;
  } catch {
    return undefined;
  }
}

export const active = z.enum(['active', 'inactive']);
export const postbackMethod = z.enum(['GET', 'POST']);

/** The value after a change: a field that was not sent keeps its value, and null clears it. */
export function chosen<T>(sent: NoInfer<T> | null | undefined, current: T, cleared: NoInfer<T>): T {
  if (sent === undefined) return current;
  return sent === null ? cleared : sent;
}
