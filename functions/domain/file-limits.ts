/** Rows of a partner's file that one import takes. */
export const mostImportedRows = 1_000;
/** Rows of a partner's file that one comparison takes. */
export const mostComparedRows = 2_000;
