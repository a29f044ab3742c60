import * as z from 'zod/mini';
import type { OfferId, PartnerId, PlacementId, PublisherId } from '../domain/ids.ts';

/** Ids that a caller may choose. They become parts of keys, URLs and macros, so no other characters are allowed. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const isId = (value: unknown): boolean => typeof value === 'string' && idPattern.test(value);

export const partnerId = z.custom<PartnerId>(isId);
export const offerId = z.custom<OfferId>(isId);
export const publisherId = z.custom<PublisherId>(isId);
export const placementId = z.custom<PlacementId>(isId);
