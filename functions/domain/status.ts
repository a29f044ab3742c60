/** The statuses that a partner can report for a conversion (contract 1.5). `test` changes nothing. */
export const postbackStatuses = ['approved', 'pending', 'rejected', 'reversed', 'test'] as const;
export type PostbackStatus = (typeof postbackStatuses)[number];

/** The statuses that a conversion can have. `held` waits for a person, and nothing is credited for it. */
export const conversionStatuses = ['approved', 'pending', 'rejected', 'reversed', 'held'] as const;
export type ConversionStatus = (typeof conversionStatuses)[number];

/** The statuses that a publisher can be notified of (contract section 3). */
export const forwardedStatuses = ['pending', 'approved', 'rejected', 'reversed'] as const;
export type ForwardedStatus = (typeof forwardedStatuses)[number];

/** The results of one inbound request (contract 1.7); `error` is any answer that is not a success. */
export const postbackResults = ['accepted', 'duplicate', 'held', 'logged', 'test', 'error'] as const;
export type PostbackResult = (typeof postbackResults)[number];
