/** A string that only the parser of its own kind creates, so that one kind of id is never used for another. */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type PartnerId = Branded<'PartnerId'>;
export type OfferId = Branded<'OfferId'>;
export type PublisherId = Branded<'PublisherId'>;
export type PlacementId = Branded<'PlacementId'>;
export type ClickId = Branded<'ClickId'>;
