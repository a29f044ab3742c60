import type { Alerts } from '../domain/alerting/alert.ts';
import {
  partnerHeldRate,
  partnerReversalRate,
  partnerSignatureFailures,
  partnerSilent,
  type Recent,
} from '../domain/alerting/thresholds.ts';

export interface WatchPorts {
  readonly alerts: Pick<Alerts, 'wanted' | 'raise'>;
  /** Ids of all partners. */
  readonly partners: () => Promise<readonly string[]>;
  /** Returns what a partner has sent recently. @param now epoch milliseconds. */
  readonly recent: (partnerId: string, now: number) => Promise<Recent>;
  readonly timeIsUp: () => boolean;
}

const events = ['partner.silent', 'partner.held_rate', 'partner.reversal_rate', 'partner.signature_failures'] as const;
/** Minutes in which every partner is checked once; each minute checks its share of them. */
const everyMinutes = 5;
const minuteMs = 60_000;

/**
 * Checks whether partners behave as usual (contract 3.1). It costs nothing when nobody has asked for these alerts.
 *
 * @param minute epoch milliseconds of the schedule's minute.
 * @returns how many alerts there was cause for.
 */
export async function watchPartners({ alerts, partners, recent, timeIsUp }: WatchPorts, minute: number): Promise<number> {
  if (!(await alerts.wanted(events))) return 0;
  const turn = Math.floor(minute / minuteMs) % everyMinutes;
  let raised = 0;
  for (const [index, partnerId] of [...(await partners())].sort().entries()) {
    if (index % everyMinutes !== turn) continue;
    if (timeIsUp()) break;
    const lately = await recent(partnerId, minute);
    const causes = [
      partnerSilent(partnerId, lately, minute),
      partnerHeldRate(partnerId, lately),
      partnerReversalRate(partnerId, lately),
      partnerSignatureFailures(partnerId, lately),
    ].flatMap((cause) => cause ?? []);
    for (const cause of causes) await alerts.raise(cause);
    raised += causes.length;
  }
  return raised;
}
