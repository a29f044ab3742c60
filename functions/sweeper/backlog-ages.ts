/** Times (epoch ms) of the oldest open work; `undefined`: nothing is open. */
interface OpenWork {
  readonly unsettled: number | undefined;
  readonly undelivered: number | undefined;
}

export interface BacklogPorts {
  readonly backlog: { oldest(): Promise<OpenWork> };
  readonly oldestHeld: () => Promise<number | undefined>;
  readonly now: () => number;
}

export interface BacklogAges {
  /** Age in seconds; 0: nothing is open. */
  readonly unsettled: number;
  /** Age in seconds; 0: nothing is open. Deliveries that are held for a paused publisher count, since their users are waiting too. */
  readonly undelivered: number;
}

export async function backlogAges({ backlog, oldestHeld, now }: BacklogPorts): Promise<BacklogAges> {
  const [{ unsettled, undelivered }, held] = await Promise.all([backlog.oldest(), oldestHeld()]);
  const age = (...times: readonly (number | undefined)[]): number =>
    Math.max(0, ...times.map((time) => (time === undefined ? 0 : Math.round((now() - time) / 1_000))));
  return { unsettled: age(unsettled), undelivered: age(undelivered, held) };
}
