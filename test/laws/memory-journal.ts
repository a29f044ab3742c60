import Big from 'big.js';
import type { Conversion } from '../../functions/domain/conversion.ts';
import { clickOfConversion } from '../../functions/domain/conversion-id.ts';
import type { LogEntry } from '../../functions/domain/log-entry.ts';
import { Overtaken } from '../../functions/domain/receiving/overtaken.ts';
import type { Journal, Marked } from '../../functions/domain/receiving/ports.ts';

/** Called before every access to the store, so that a scheduler of interleavings can hold the access. */
export type Wait = (what: string) => Promise<void>;

/** What is stored about received postbacks. */
export type Stored = { rows: Map<string, Conversion>; marks: Map<string, Marked>; log: Map<string, LogEntry> };

/**
 * A journal in memory, under the conditions that the store keeps: a conversion is only written over the revision that was read, a marker is
 * written once, and a commit is written completely or not at all.
 *
 * @param previous the entry that is processed again; the row under which it is held may be written again.
 */
export const memoryJournal = ({ rows, marks, log }: Stored, wait: Wait = async () => {}, previous?: LogEntry): Journal => ({
  counted: async () => new Big(0),
  async write(entry, { conversions = [], held, markers = [], releases = [] }) {
    await wait('write');
    const own = previous?.conversion_id;
    const touchesOwn = own !== undefined && (held?.conversion_id === own || releases.some(({ heldId }) => heldId === own));
    if (touchesOwn && marks.get(own)?.decided) throw new Overtaken(own);
    for (const one of conversions) {
      const stored = rows.get(one.conversion_id);
      if ((stored?.revision ?? 0) !== one.revision - 1) return { kind: 'changed', conversion: stored };
    }
    if (held !== undefined && held.conversion_id !== previous?.conversion_id && marks.has(held.conversion_id))
      return { kind: 'marked', id: held.conversion_id };
    for (const { id, conversionId } of markers) {
      const led = marks.get(id);
      if (led !== undefined && led.conversionId !== conversionId) return { kind: 'marked', id, conversionId: led.conversionId };
    }
    for (const one of conversions) rows.set(one.conversion_id, one);
    if (held !== undefined) marks.set(held.conversion_id, { about: held.about });
    for (const { id, conversionId } of markers) marks.set(id, { conversionId });
    for (const one of releases) marks.set(one.heldId, 'became' in one ? { conversionId: one.became } : { decided: true });
    log.set(entry.log_id, entry);
    await wait('written');
    return { kind: 'written' };
  },
  recordForwards: async () => ({ kind: 'recorded' }),
  async conversion(id) {
    await wait('read conversion');
    return rows.get(id);
  },
  async ofClick(id) {
    await wait('read click');
    return [...rows.values()].filter((one) => clickOfConversion(one.conversion_id) === id);
  },
  converted: async (ids, event) => new Set(ids.filter((id) => rows.get(`${id}.${event}`)?.listed_at !== undefined)),
  async marked(id) {
    await wait('read marker');
    return marks.get(id);
  },
});
