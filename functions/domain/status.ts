/** What a partner can say of a conversion (contract 1.5). `test` changes nothing. */
export const postbackStatuses = ['approved', 'pending', 'rejected', 'reversed', 'test'] as const;
export type PostbackStatus = (typeof postbackStatuses)[number];

/** What a conversion can be. `held` waits for a person: nothing is credited for it. */
export const conversionStatuses = ['approved', 'pending', 'rejected', 'reversed', 'held'] as const;
export type ConversionStatus = (typeof conversionStatuses)[number];

/** The statuses a publisher can be told of (contract section 3). */
export const forwardedStatuses = ['pending', 'approved', 'rejected', 'reversed'] as const;
export type ForwardedStatus = (typeof forwardedStatuses)[number];

/** What became of one inbound request (contract 1.7); `error` is any answer that is not a success. */
export const postbackResults = ['accepted', 'duplicate', 'held', 'logged', 'test', 'error'] as const;
export type PostbackResult = (typeof postbackResults)[number];
