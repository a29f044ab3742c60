/** A string that only a parser of its own kind makes, so that one id is never passed for another. */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type PartnerId = Branded<'PartnerId'>;
export type OfferId = Branded<'OfferId'>;
export type PublisherId = Branded<'PublisherId'>;
export type PlacementId = Branded<'PlacementId'>;
export type ClickId = Branded<'ClickId'>;
