import { type Conversion, stepsOf } from '../conversion.ts';
import type { Records } from '../reconcile.ts';
import type { Gap } from './gap.ts';

/** Checks that everything that was accepted is in a conversion, and that everything that changed a conversion is in the log. */
export function logGaps({ log, conversions }: Pick<Records, 'log' | 'conversions'>): Gap[] {
  const byId = new Map(conversions.map((row) => [row.conversion_id, row]));
  const logged = new Map(log.map((entry) => [entry.log_id, entry]));
  const accepted = log.flatMap((entry): Gap[] => {
    // A forward-only partner's postback is accepted without a conversion.
    if (entry.result !== 'accepted' || entry.conversion_id === undefined) return [];
    const conversion = byId.get(entry.conversion_id);
    if (conversion === undefined) return [{ kind: 'conversion_missing', about: entry.log_id, detail: entry.conversion_id }];
    return knows(conversion, entry.log_id) ? [] : [{ kind: 'step_missing', about: entry.log_id, detail: entry.conversion_id }];
  });
  const caused = conversions.flatMap((row) =>
    stepsOf(row).flatMap(({ log_id }): Gap[] => {
      const entry = logged.get(log_id);
      if (entry === undefined) return [{ kind: 'log_missing', about: row.conversion_id, detail: log_id }];
      if (entry.result === 'accepted') return [];
      return [{ kind: 'log_differs', about: log_id, detail: `${entry.result}, and it changed ${row.conversion_id}` }];
    }),
  );
  return [...accepted, ...caused];
}

function knows(conversion: Conversion, logId: string): boolean {
  return stepsOf(conversion).some(({ log_id }) => log_id === logId);
}
