import type { Click } from './click.ts';
import type { ClickId, OfferId, PlacementId, PublisherId } from './ids.ts';
import type { SettingsReader } from './receiving/ports.ts';
import type { Offer } from './settings.ts';

/** Whether a text is `.` or `..`: in the path of any URL these lead elsewhere, and no user has such an id (contract 1.9). */
export function isDotSegment(text: string): boolean {
  return text === '.' || text === '..';
}

/** A click as a tracking link or an admin describes it. */
export interface NewClick {
  readonly offerId: OfferId;
  readonly placementId?: PlacementId | undefined;
  readonly publisherId?: PublisherId | undefined;
  readonly userId: string;
  readonly username?: string | undefined;
  readonly subIds: Readonly<Record<string, string>>;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly deviceId?: string | undefined;
}

export interface ClickPorts {
  readonly settings: Pick<SettingsReader, 'offer' | 'publisher' | 'placement'>;
  readonly now: () => Date;
  readonly newId: () => ClickId;
}

export type ResolvedClick =
  | { readonly click: Click; readonly offer: Offer }
  | {
      readonly missing: 'offer' | 'publisher' | 'placement';
      /** The offer, if it exists but takes no clicks, and the publisher in the link. */
      readonly closed?: { readonly offer: Offer; readonly publisherId: PublisherId | undefined };
    };

/** Creates a click on an active offer, for a known placement or publisher; a placement determines its publisher (contract 1.9). */
export async function resolveClick({ settings, now, newId }: ClickPorts, wanted: NewClick): Promise<ResolvedClick> {
  const [offer, placement] = await Promise.all([
    settings.offer(wanted.offerId),
    wanted.placementId === undefined ? undefined : settings.placement(wanted.placementId),
  ]);
  const publisherId = placement?.publisher_id ?? wanted.publisherId;
  if (offer === undefined) return { missing: 'offer' };
  if (offer.status === 'inactive') return { missing: 'offer', closed: { offer, publisherId } };
  if (wanted.placementId !== undefined && placement === undefined) return { missing: 'placement' };
  const publisher = publisherId === undefined ? undefined : await settings.publisher(publisherId);
  const ofAnother = wanted.publisherId !== undefined && wanted.publisherId !== publisherId;
  if (publisher === undefined || ofAnother) return { missing: 'publisher' };
  const click: Click = {
    click_id: newId(),
    offer_id: offer.offer_id,
    partner_id: offer.partner_id,
    publisher_id: publisher.publisher_id,
    placement_id: placement?.placement_id,
    user_id: wanted.userId,
    username: wanted.username,
    sub_ids: wanted.subIds,
    ip: wanted.ip,
    country: wanted.country,
    device_id: wanted.deviceId,
    clicked_at: now().toISOString(),
  };
  return { click, offer };
}
