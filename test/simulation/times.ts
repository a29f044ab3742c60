export const minute = 60_000;
/** When an episode begins, in epoch milliseconds. */
export const start = Date.parse('2026-01-05T09:00:00.000Z');
/** How long partners send postbacks. */
export const loadMs = 30 * minute;
export const holdMs = 9 * minute;
