/** The most rows of a partner's file that one import accepts. */
export const mostImportedRows = 1_000;
/** The most rows of a partner's file that one comparison accepts. */
export const mostComparedRows = 2_000;
