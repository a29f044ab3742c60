import * as z from 'zod';

/** Errors of the admin API and of the tracking link. Errors of postbacks also have a log id. */
export const apiError = z
  .object({
    status: z.literal('error'),
    code: z.string().meta({ description: 'Stable, for programs', example: 'invalid_body' }),
    message: z.string().meta({ description: 'For people; names the wrong field', example: 'payout: must be a plain decimal' }),
  })
  .meta({ id: 'Error' });

/** Errors of API Gateway itself: a request without a token, too many requests at once, a function that ended without an answer. */
export const gatewayError = z
  .object({ message: z.string().meta({ example: 'Unauthorized' }) })
  .meta({ id: 'GatewayError', description: 'Answer of the gateway in front of the API' });

export const retryAfter = {
  'retry-after': { description: 'Seconds to wait before you repeat the request; the gateway omits it', schema: { type: 'string' } },
} as const;
