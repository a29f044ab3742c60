import type { Click } from '../domain/click.ts';
import { type TrackingFields, trackingMacros } from '../domain/delivery/fields.ts';
import { fillAddress } from '../domain/delivery/template.ts';
import type { ClickId } from '../domain/ids.ts';
import { type NewClick, resolveClick } from '../domain/new-click.ts';
import type { SettingsReader } from '../domain/receiving/ports.ts';
import type { Offer } from '../domain/settings.ts';

export interface TrackerDependencies {
  readonly settings: SettingsReader;
  /** Stores the click and returns it, or returns the user's last click when the limit for one user and offer is reached. */
  readonly storeClick: (click: Click) => Promise<Click>;
  readonly now: () => Date;
  /** Time-ordered, with at least 80 random bits, upper case. */
  readonly newId: () => ClickId;
}

export type Followed = { readonly location: string } | { readonly missing: 'offer' | 'publisher' | 'placement' };

/**
 * Records a click and returns where the user goes (contract 1.9): the offer's `target_url` with its macros filled. The click is stored
 * before the redirect is answered, so that no postback can arrive for a click that we have lost. While the offer is closed, the user goes
 * to its `fallback_url`, if it has one, and nothing is recorded.
 */
export async function followTrackingLink(dependencies: TrackerDependencies, wanted: NewClick): Promise<Followed> {
  const resolved = await resolveClick(dependencies, wanted);
  if ('missing' in resolved) {
    const { closed } = resolved;
    if (closed?.offer.fallback_url === undefined) return { missing: resolved.missing };
    const { placementId, userId, subIds, country } = wanted;
    const where = { placement_id: placementId, publisher_id: closed.publisherId, country };
    const visit = { ...where, user_id: userId, sub_ids: subIds, clicked_at: dependencies.now().toISOString() };
    return { location: filled(closed.offer.fallback_url, closed.offer, visit) };
  }
  const { offer } = resolved;
  return { location: filled(offer.target_url, offer, await dependencies.storeClick(resolved.click)) };
}

/** What a URL may say about a click, or about a visit that was not recorded as a click. */
type Visit = Pick<Click, 'user_id' | 'sub_ids' | 'clicked_at' | 'placement_id' | 'country'> & {
  readonly click_id?: Click['click_id'];
  readonly publisher_id: Click['publisher_id'] | undefined;
};

function filled(address: string, offer: Offer, click: Visit): string {
  const fields: TrackingFields = {
    click_id: click.click_id,
    user_id: click.user_id,
    placement_id: click.placement_id,
    publisher_id: click.publisher_id,
    offer_id: offer.offer_id,
    campaign_id: offer.campaign_id,
    sub_id1: click.sub_ids['sub_id1'],
    sub_id2: click.sub_ids['sub_id2'],
    sub_id3: click.sub_ids['sub_id3'],
    sub_id4: click.sub_ids['sub_id4'],
    sub_id5: click.sub_ids['sub_id5'],
    timestamp: String(Math.floor(Date.parse(click.clicked_at) / 1_000)),
    country: click.country,
  };
  return fillAddress(address, {
    lookUp(name) {
      const field = trackingMacros.get(name);
      return field === undefined ? undefined : fields[field];
    },
    // A tracking link's macros have no functions (contract 1.9).
    apply: () => undefined,
  });
}
