import type { ClickId, OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';

/** A user's click on an offer: it decides who is paid (contract 1.2, 1.4). */
export interface Click {
  readonly click_id: ClickId;
  readonly offer_id: OfferId;
  /** The offer's partner, copied so that checking ownership needs no second read. */
  readonly partner_id: PartnerId;
  readonly publisher_id: PublisherId;
  readonly placement_id?: PlacementId | undefined;
  readonly user_id: string;
  readonly username?: string | undefined;
  /** Keys `sub_id1`..`sub_id5`. */
  readonly sub_ids: Readonly<Record<string, string>>;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
  /** ISO 8601. */
  readonly clicked_at: string;
}
