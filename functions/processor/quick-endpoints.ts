/** An endpoint is quick when it took the last delivery within this time, from the look at its health to the delivery's row. */
const quickMs = 1_000;
/** For so long after that delivery it counts as quick. */
const rememberedMs = 60_000;
const mostRemembered = 10_000;

/** The endpoints of publishers that this instance has just found quick. */
export interface QuickEndpoints {
  /**
   * Takes an endpoint, if it is quick, for one attempt. Until that attempt is noted it does not count as quick: an endpoint that begins to
   * hang keeps one caller waiting, and no second one.
   */
  take(endpoint: string): boolean;
  /** Notes an attempt. @param milliseconds how long it took; `undefined` when it did not succeed. */
  note(endpoint: string, milliseconds: number | undefined): void;
}

/** @param now epoch milliseconds. */
export function createQuickEndpoints(now: () => number): QuickEndpoints {
  const quickAt = new Map<string, number>();
  return {
    take(endpoint) {
      const at = quickAt.get(endpoint);
      quickAt.delete(endpoint);
      return at !== undefined && now() - at < rememberedMs;
    },
    note(endpoint, milliseconds) {
      quickAt.delete(endpoint);
      if (milliseconds === undefined || milliseconds > quickMs) return;
      quickAt.set(endpoint, now());
      const [longestAgo] = quickAt.keys();
      if (quickAt.size > mostRemembered && longestAgo !== undefined) quickAt.delete(longestAgo);
    },
  };
}
