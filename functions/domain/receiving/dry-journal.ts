import type { Conversion } from '../conversion.ts';
import type { Journal, Marked, Marker } from './ports.ts';

/** A journal that writes nothing. */
export interface DryJournal extends Journal {
  /** A conversion as it would be now. */
  conversion(id: string): Promise<Conversion | undefined>;
}

/**
 * Reads what is really there and remembers what would have been written on top of it, so that a try tells of duplicates and
 * conflicts as the real thing would, with what was tried before it as well.
 */
export function createDryJournal(real: Pick<Journal, 'conversion' | 'converted' | 'marked'>): DryJournal {
  const conversions = new Map<string, Conversion>();
  const marks = new Map<string, Marked>();
  const mark = (markers: readonly Marker[]): void => {
    for (const { id, conversionId } of markers) marks.set(id, { conversionId });
  };
  const anyMarked = async (markers: readonly Marker[]): Promise<boolean> => {
    for (const { id } of markers) if ((await journal.marked(id)) !== undefined) return true;
    return false;
  };
  const journal: DryJournal = {
    async recordNew(_entry, conversion, markers) {
      const existing = await journal.conversion(conversion.conversion_id);
      if (existing !== undefined) return { kind: 'existing', conversion: existing };
      if (await anyMarked(markers)) return { kind: 'repeated' };
      conversions.set(conversion.conversion_id, conversion);
      mark(markers);
      return { kind: 'recorded' };
    },
    async recordSteps(_entry, existing, { steps, status, earlyReversal }, fingerprint, markers) {
      if (await anyMarked(markers)) return { kind: 'repeated' };
      const { code: _settledNow, ...kept } = existing;
      const seen = new Set([...existing.seen, fingerprint]);
      const next = { ...kept, steps: [...existing.steps, ...steps], status, seen, early_reversal: earlyReversal };
      conversions.set(existing.conversion_id, next);
      mark(markers);
      return { kind: 'recorded' };
    },
    async recordHeld(_entry, held, remembered) {
      if ((await journal.marked(held.conversion_id)) !== undefined) return { kind: 'repeated' };
      marks.set(held.conversion_id, {});
      if (remembered !== undefined) {
        const { conversion, fingerprint, earlyReversal } = remembered;
        const seen = new Set([...conversion.seen, fingerprint]);
        conversions.set(conversion.conversion_id, { ...conversion, seen, early_reversal: earlyReversal });
      }
      return { kind: 'recorded' };
    },
    async record() {},
    async recordForwards(_entry, _deliveries, markerId) {
      if ((await journal.marked(markerId)) !== undefined) return { kind: 'repeated' };
      marks.set(markerId, {});
      return { kind: 'recorded' };
    },
    conversion: async (id) => conversions.get(id) ?? real.conversion(id),
    async converted(ids) {
      const found = await real.converted(ids);
      return new Set([...found, ...ids.filter((id) => conversions.has(id))]);
    },
    marked: async (id) => marks.get(id) ?? real.marked(id),
  };
  return journal;
}
