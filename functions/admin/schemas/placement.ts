import * as z from 'zod';
import { amountText, textOrNull, timeText } from '../records/fields.ts';
import { amount, nameText, placementId, postbackMethod, publisherId } from './fields.ts';
import { postbackUrl } from './publisher-postback.ts';

const fields = {
  postback_url: postbackUrl.nullish().meta({ description: "Overrides the publisher's URL; null: the publisher's" }),
  postback_method: postbackMethod.nullish().meta({ description: "Null: the publisher's" }),
  exchange_rate: amount
    .refine((rate) => rate.gt(0), 'must be above 0')
    .nullish()
    .meta({ description: 'Points per unit of downward payout; null: 1', example: '100' }),
};

export const newPlacement = z
  .strictObject({ placement_id: placementId.optional(), publisher_id: publisherId, name: nameText, ...fields })
  .meta({ id: 'NewPlacement' });
export const placementChange = z.strictObject({ name: nameText.optional(), ...fields }).meta({ id: 'PlacementChange' });
export type PlacementChange = z.output<typeof placementChange>;

export const placementView = z
  .object({
    placement_id: z.string(),
    publisher_id: z.string(),
    name: z.string(),
    postback_url: textOrNull,
    postback_method: postbackMethod.nullable(),
    exchange_rate: amountText,
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Placement' });
