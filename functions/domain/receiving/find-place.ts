import type { Click } from '../click.ts';
import type { HeldCode } from '../codes.ts';
import type { Conversion, Statement } from '../conversion.ts';
import { conversionIdAt, type Place } from '../conversion-id.ts';
import { hasSameIds, type Saying, wasTakenBackBy } from '../conversions/decide.ts';
import { isTakeBack, knownTransaction, standingOf } from '../conversions/standing.ts';
import { completeEvent } from '../postback/event-names.ts';
import type { Offer } from '../settings.ts';
import type { Receipt } from './receipt.ts';

/** Another row of the click, which changes with the first statement of a conversion, so that no take-back that waits there is missed. */
export interface Anchor {
  readonly id: string;
  readonly place: Place;
  readonly existing?: Conversion | undefined;
}

/** Which conversion of its click a postback is about. */
export type Found =
  | {
      readonly kind: 'place';
      readonly id: string;
      readonly place: Place;
      /** The conversion as it is stored; absent: it was not read, or does not exist. */
      readonly existing?: Conversion | undefined;
      /** Rows in which early take-backs wait that name less than this new conversion: no event, or no transaction. */
      readonly anchors?: readonly Anchor[] | undefined;
      /** A take-back without an event repeats the ids of one with an event, so it is about that event and no other. */
      readonly ofEvent?: boolean | undefined;
      /** The id under which this take-back is from now on known for its click. */
      readonly said?: string | undefined;
    }
  | { readonly kind: 'held'; readonly code: HeldCode };

export interface PlacePorts {
  conversion(id: string): Promise<Conversion | undefined>;
  ofClick(clickId: string): Promise<readonly Conversion[]>;
  digest(text: string): string;
}

/**
 * Finds the conversion that is meant (contract 1.4, 1.5). An approval or pending belongs to its event and, where a click may earn several
 * times, to its transaction. Only for a take-back, and for an event other than the usual one, does it matter what exists.
 *
 * @param event the event as it counts for the offer.
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
  const wider = widerPlaces(own.place);
  if (saying.status !== 'approved' || wider.length === 0) return own;
  const [begun, ...stored] = await Promise.all([own, ...wider.map((place) => at(place))].map(({ id }) => ports.conversion(id)));
  if (begun !== undefined && !mayBeAwaited(begun, saying)) return { ...own, existing: begun };
  const anchors = wider
    .map((place, index) => at(place, stored[index]))
    .filter(({ place, existing }) => place.transaction_id === own.place.transaction_id || !isOpened(place, existing, event));
  return { ...own, existing: begun, anchors };
}

/** Whether the first conversion has been paid that a take-back without a transaction waits for: one of its own event, or of any. */
function isOpened({ event }: Place, existing: Conversion | undefined, paid: string): boolean {
  return existing?.opened === 'here' || (event !== paid && existing?.opened === 'elsewhere');
}

/** The places where a take-back would have gone that named no event or no transaction. */
function widerPlaces({ event, transaction_id }: Place): Place[] {
  const events = event === completeEvent ? [event] : [event, completeEvent];
  const transactions = transaction_id === undefined ? [undefined] : [transaction_id, undefined];
  return events.flatMap((one) => transactions.map((id) => ({ event: one, transaction_id: id }))).slice(1);
}

/**
 * Whether take-backs may wait elsewhere for what is said: when nothing was ever approved here, when its id may be that of something that
 * was approved without one, or when its id is new and nothing is paid any more.
 */
function mayBeAwaited({ statements, default_currency }: Conversion, { transaction_id }: Saying): boolean {
  const { approved, unnamed, paid } = standingOf(statements, default_currency);
  if (!approved) return true;
  if (transaction_id === undefined) return false;
  const isNew = !statements.some((one) => one.status === 'approved' && one.transaction_id === transaction_id);
  return unnamed > 0 || (paid === undefined && isNew);
}

/** Whether the conversion was ever approved. */
function isPaid({ statements, default_currency }: Conversion): boolean {
  return standingOf(statements, default_currency).approved;
}

/** The place of a conversion that is stored. */
function placeOf(existing: Conversion): Extract<Found, { kind: 'place' }> {
  const { conversion_id: id, event, transaction_id } = existing;
  return { kind: 'place', id, place: { event, transaction_id }, existing };
}

/**
 * Finds the place of a take-back. It belongs to its transaction; without a known one, to what it was about before, or to what is paid
 * (contract 1.5).
 */
async function placeOfTakeBack(
  ports: PlacePorts,
  { perTransaction, event }: { readonly perTransaction: boolean; readonly event: string | undefined },
  saying: Saying,
  click: Click,
  at: (place: Place, existing?: Conversion) => Extract<Found, { kind: 'place' }>,
): Promise<Found> {
  const rows = (await ports.ofClick(click.click_id)).filter(({ statements }) => statements.length > 0);
  const ofEvent = (row: Conversion): boolean => event === undefined || row.event === event;
  const named = saying.original_transaction_id ?? (saying.own_id ? undefined : saying.transaction_id);
  const place = (transaction_id?: string): Extract<Found, { kind: 'place' }> => {
    const wanted = { event: event ?? completeEvent, transaction_id };
    const id = conversionIdAt(click.click_id, wanted, ports.digest);
    return at(
      wanted,
      rows.find(({ conversion_id }) => conversion_id === id),
    );
  };
  if (named !== undefined) {
    const knowing = rows.filter((row) => knownTransaction({ transaction_id: named }, row.statements));
    const known = knowing.some(ofEvent) ? knowing.filter(ofEvent) : knowing;
    const paid = known.filter((row) => standingOf(row.statements, row.default_currency).paid?.transaction_id === named);
    if (paid.length > 1) return { kind: 'held', code: 'several_conversions' };
    const [one = known[0]] = paid;
    if (one !== undefined) return placeOf(one);
  }
  const tookBack = (verdict?: Statement['verdict']): Conversion | undefined =>
    rows.filter(ofEvent).find((row) => wasTakenBackBy(row.statements, saying, row.default_currency, verdict));
  // It repeats what took money back, rather than what was held or changed nothing where that waited.
  const before = tookBack('accepted') ?? tookBack();
  if (before !== undefined && isTakeBack(saying)) return { ...placeOf(before), ofEvent: repeatsOneOfEvent(before, saying) };
  // It came before the transaction that it is about.
  if (named !== undefined && perTransaction) return place(named);
  if (saying.original_transaction_id !== undefined) return place();
  const candidates = rows.filter(ofEvent);
  const standing = candidates.filter((row) => standingOf(row.statements, row.default_currency).paid !== undefined);
  if (standing.length > 1) return { kind: 'held', code: 'several_conversions' };
  const begun = candidates.filter(hasBegun);
  const [one, ...others] = standing.length === 1 ? standing : begun;
  if (one !== undefined && others.length === 0) return placeOf(one);
  // Where something was paid and nothing is left, it takes nothing and waits for nothing.
  const home = place();
  const paid = home.existing !== undefined && hasBegun(home.existing) ? undefined : candidates.find(isPaid);
  return paid === undefined ? home : placeOf(paid);
}

function repeatsOneOfEvent({ statements }: Conversion, saying: Saying): boolean {
  return statements.some((one) => isTakeBack(one) && !one.moved && one.any_event === undefined && hasSameIds(one, saying));
}

/** Whether anything but take-backs was said of it. */
function hasBegun({ statements }: Conversion): boolean {
  return statements.some((one) => !isTakeBack(one));
}
