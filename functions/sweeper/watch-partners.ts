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
 * How much later in its share each round begins than the one before, as a part of the whole: when the time is too short for all partners,
 * it is not always the same ones that are left out. By the golden ratio, the beginnings spread evenly, however many rounds there are.
 */
const stride = (Math.sqrt(5) - 1) / 2;

/**
 * Checks whether partners behave as usual (contract 3.1). It costs nothing when nobody has asked for these alerts.
 *
 * @param minute epoch milliseconds of the schedule's minute.
 * @returns how many alerts there was cause for.
 */
export async function watchPartners({ alerts, partners, recent, timeIsUp }: WatchPorts, minute: number): Promise<number> {
  if (!(await alerts.wanted(events))) return 0;
  const minutes = Math.floor(minute / minuteMs);
  const share = [...(await partners())].sort().filter((_, index) => index % everyMinutes === minutes % everyMinutes);
  const start = Math.floor(((Math.floor(minutes / everyMinutes) * stride) % 1) * share.length);
  let raised = 0;
  for (const partnerId of [...share.slice(start), ...share.slice(0, start)]) {
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
