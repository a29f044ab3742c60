/** What a publisher can be notified of about a conversion, in the order of contract section 3. */
export const deliveryFieldNames = [
  'click_id',
  'conversion_id',
  'transaction_id',
  'status',
  'event',
  'payout',
  'points',
  'currency',
  'offer_id',
  'offer_name',
  'campaign_id',
  'user_id',
  'affiliate_id',
  'publisher_id',
  'placement_id',
  'username',
  'sub_id1',
  'sub_id2',
  'sub_id3',
  'sub_id4',
  'sub_id5',
  'ip',
  'country',
  'device_id',
  'timestamp',
  'reason',
  'delivery_id',
  'sequence',
  'signature',
] as const;
export type DeliveryFieldName = (typeof deliveryFieldNames)[number];

/**
 * The values of one delivery, all text. An absent one is empty in a URL and `null` in a body.
 *
 * - `payout` (in units of `currency`) and `points` are the publisher's, never the upward amount, as plain decimal text; what is taken back
 *   is negative.
 * - `sub_id1`..`sub_id5` are the click's. `ip`, `country` and `device_id` are the postback's, else the click's.
 * - `timestamp` is in Unix seconds.
 * - `sequence` counts the conversion's changes that a publisher can see: a smaller one is older.
 * - `signature` is what the postback's own `sign` computes from the others.
 */
export type DeliveryFields = { readonly [Name in DeliveryFieldName]?: string | undefined };

/** The fields of a click that a tracking link's target URL can use (contract 1.9). */
const trackingFieldNames = [
  'click_id',
  'user_id',
  'placement_id',
  'publisher_id',
  'offer_id',
  'campaign_id',
  'sub_id1',
  'sub_id2',
  'sub_id3',
  'sub_id4',
  'sub_id5',
  'timestamp',
  'country',
] as const;
export type TrackingFieldName = (typeof trackingFieldNames)[number];
/** The values of one click, all text; `timestamp` is in Unix seconds. */
export type TrackingFields = { readonly [Name in TrackingFieldName]?: string | undefined };

/** The field for each macro name; names are in lower case. */
export type MacroNames<Name extends string = string> = ReadonlyMap<string, Name>;

const itself = <Name extends string>(name: Name): readonly [string, Name] => [name, name];

/** Every macro name that a publisher's URL may use, including synonyms (contract section 3). */
export const deliveryMacros: MacroNames<DeliveryFieldName> = new Map<string, DeliveryFieldName>([
  ...deliveryFieldNames.map(itself),
  ['trans', 'transaction_id'],
  ['amount', 'payout'],
  ['payout_amount', 'payout'],
  ['reward', 'points'],
  ['cid', 'offer_id'],
  ['offername', 'offer_name'],
  ['cname', 'offer_name'],
  ['aff_id', 'affiliate_id'],
  ['sub1', 'sub_id1'],
  ['sub2', 'sub_id2'],
  ['sub3', 'sub_id3'],
  ['sub4', 'sub_id4'],
  ['sub5', 'sub_id5'],
  ['aff_sub', 'sub_id1'],
  ['aff_sub1', 'sub_id1'],
  ['aff_sub2', 'sub_id2'],
  ['aff_sub3', 'sub_id3'],
  ['aff_sub4', 'sub_id4'],
  ['aff_sub5', 'sub_id5'],
  ['user_ip', 'ip'],
  ['ip_address', 'ip'],
  ['country_code', 'country'],
]);

/** Every macro name that an offer's target URL may use (contract 1.9). */
export const trackingMacros: MacroNames<TrackingFieldName> = new Map<string, TrackingFieldName>(trackingFieldNames.map(itself));
