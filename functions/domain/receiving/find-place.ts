import type { Click } from '../click.ts';
import type { HeldCode } from '../codes.ts';
import { type Conversion, stepsOf } from '../conversion.ts';
import { conversionIdAt, type Place } from '../conversion-id.ts';
import { type Saying, wasTakenBackBy } from '../conversions/decide.ts';
import { isTakeBack, knownTransaction, standingOf } from '../conversions/standing.ts';
import { completeEvent } from '../postback/event-names.ts';
import type { Offer } from '../settings.ts';
import type { Receipt } from './receipt.ts';

/** Which conversion of its click a postback is about. */
export type Found =
  | {
      readonly kind: 'place';
      readonly id: string;
      readonly place: Place;
      /** As it is stored; absent: it was not read, or is not there. */
      readonly existing?: Conversion | undefined;
      /**
       * The click's conversion of the usual event, where another event's begins: early take-backs that name no event wait there.
       * Absent: it need not be looked at.
       */
      readonly anchor?: { readonly id: string; readonly place: Place; readonly existing?: Conversion | undefined } | undefined;
      /** It named no transaction that is known, and is taken to be about what stands. */
      readonly guessed?: boolean | undefined;
    }
  | { readonly kind: 'held'; readonly code: HeldCode };

export interface PlacePorts {
  ofClick(clickId: string): Promise<readonly Conversion[]>;
  digest(text: string): string;
}

/**
 * Finds the conversion that is meant (contract 1.4, 1.5). What pays goes to its event and, where a click may earn several times, to
 * its transaction; only a take-back, and an event that is not the usual one, need to know what is there.
 *
 * @param event as it counts for the offer.
 */
export async function findPlace(
  ports: PlacePorts,
  { postback }: Receipt,
  saying: Saying,
  click: Click,
  offer: Offer,
  event: string,
): Promise<Found> {
  const perTransaction = (offer.repeat ?? postback.repeat) === 'per_transaction';
  const at = (place: Place, existing?: Conversion): Extract<Found, { kind: 'place' }> => {
    return { kind: 'place', id: conversionIdAt(click.click_id, place, ports.digest), place, existing };
  };
  const own = at({ event, transaction_id: perTransaction ? saying.transaction_id : undefined });
  if (isTakeBack(saying) || saying.status === 'rejected')
    return placeOfTakeBack(ports, { perTransaction, event: postback.eventSent ? event : undefined }, saying, click, at);
  if (event === completeEvent) return own;
  const anchor = at({ ...own.place, event: completeEvent });
  const rows = await ports.ofClick(click.click_id);
  const existing = (id: string): Conversion | undefined => rows.find(({ conversion_id }) => conversion_id === id);
  const begun = existing(own.id);
  const isNew = begun === undefined || stepsOf(begun).length === 0;
  return isNew ? { ...own, existing: begun, anchor: { ...anchor, existing: existing(anchor.id) } } : { ...own, existing: begun };
}

/** A take-back belongs to its transaction; without one that is known, to what it was about before, or to what stands (contract 1.5). */
async function placeOfTakeBack(
  ports: PlacePorts,
  { perTransaction, event }: { readonly perTransaction: boolean; readonly event: string | undefined },
  saying: Saying,
  click: Click,
  at: (place: Place, existing?: Conversion) => Found,
): Promise<Found> {
  const rows = (await ports.ofClick(click.click_id)).filter(({ statements }) => statements.length > 0);
  const here = (row: Conversion): Found => at({ event: row.event, transaction_id: row.transaction_id }, row);
  const ofEvent = (row: Conversion): boolean => event === undefined || row.event === event;
  const named = saying.original_transaction_id ?? (saying.own_id ? undefined : saying.transaction_id);
  const place = (transaction_id?: string): Found => {
    const wanted = { event: event ?? completeEvent, transaction_id };
    const id = conversionIdAt(click.click_id, wanted, ports.digest);
    return at(
      wanted,
      rows.find(({ conversion_id }) => conversion_id === id),
    );
  };
  if (named !== undefined) {
    const knowing = rows.filter((row) => row.transaction_id === named || knownTransaction({ transaction_id: named }, row.statements));
    const known = knowing.find(ofEvent) ?? knowing[0];
    if (known !== undefined) return here(known);
  }
  const before = rows.filter(ofEvent).find((row) => wasTakenBackBy(row.statements, saying, row.default_currency));
  if (before !== undefined) return here(before);
  // It came before the transaction that it is about.
  if (named !== undefined && perTransaction) return place(named);
  const candidates = rows.filter(ofEvent);
  const standing = candidates.filter((row) => standingOf(row.statements, row.default_currency).paid !== undefined);
  const cameFirst = saying.original_transaction_id !== undefined;
  if (standing.length > 1 && !cameFirst) return { kind: 'held', code: 'several_conversions' };
  const [one] = standing.length === 1 && !cameFirst ? standing : candidates;
  const found = one !== undefined && (standing.length === 1 || candidates.length === 1) ? here(one) : place();
  return found.kind === 'place' ? { ...found, guessed: true } : found;
}
