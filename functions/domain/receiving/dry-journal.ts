import type Big from 'big.js';
import type { Conversion } from '../conversion.ts';
import { clickOfConversion } from '../conversion-id.ts';
import type { Journal, Marked } from './ports.ts';

/**
 * A journal that writes nothing. It reads what is really stored and remembers what would have been written, so that a dry run shows
 * duplicates and conflicts as a real one would, also with what was tried before it.
 */
export function createDryJournal(real: Omit<Journal, 'write' | 'recordForwards'>): Journal {
  const conversions = new Map<string, Conversion>();
  const marks = new Map<string, Marked>();
  const counters = new Map<string, Big>();
  const journal: Journal = {
    async write(_entry, { conversions: written = [], held, markers = [], releases = [], counts = [] }) {
      // Like the real journal, it writes all of this or nothing.
      const marking = [...(held === undefined ? [] : [{ id: held.conversion_id, conversionId: undefined }]), ...markers];
      for (const { id } of marking) {
        const marked = await journal.marked(id);
        if (marked !== undefined) return { kind: 'marked', id, conversionId: marked.conversionId };
      }
      for (const conversion of written) {
        const existing = await journal.conversion(conversion.conversion_id);
        if ((existing?.revision ?? 0) !== conversion.revision - 1) return { kind: 'changed', conversion: existing };
      }
      const counted = new Map<string, Big>();
      for (const { offer_id, place, by, most } of counts) {
        const count = (await journal.counted(offer_id, place)).plus(by);
        if (most !== undefined && count.gt(most)) return { kind: 'full' };
        counted.set(`${offer_id} ${place}`, count);
      }
      for (const { id, conversionId } of marking) marks.set(id, { conversionId });
      for (const [place, count] of counted) counters.set(place, count);
      for (const conversion of written) conversions.set(conversion.conversion_id, conversion);
      for (const release of releases) marks.set(release.heldId, 'became' in release ? { conversionId: release.became } : { decided: true });
      return { kind: 'written' };
    },
    async recordForwards(_entry, _deliveries, markerId) {
      if ((await journal.marked(markerId)) !== undefined) return { kind: 'repeated' };
      marks.set(markerId, {});
      return { kind: 'recorded' };
    },
    conversion: async (id) => conversions.get(id) ?? real.conversion(id),
    async ofClick(clickId) {
      const stored = (await real.ofClick(clickId)).filter(({ conversion_id }) => !conversions.has(conversion_id));
      return [...stored, ...[...conversions.values()].filter(({ conversion_id }) => clickOfConversion(conversion_id) === clickId)];
    },
    async converted(clickIds, event) {
      const found = await real.converted(clickIds, event);
      const tried = [...conversions.values()].filter((one) => one.event === event && one.listed_at !== undefined);
      return new Set([...found, ...tried.map(({ click_id }) => click_id)]);
    },
    counted: async (offer, place) => counters.get(`${offer} ${place}`) ?? real.counted(offer, place),
    marked: async (id) => marks.get(id) ?? real.marked(id),
  };
  return journal;
}
