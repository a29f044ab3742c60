import * as z from 'zod';
import type { Condition } from '../../domain/conditions.ts';
import { ruleActions } from '../../domain/settings.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { condition } from './condition.ts';
import { active, nameText, offerId, partnerId, publisherId, settingId } from './fields.ts';

const scope = z
  .strictObject({ partner_id: partnerId.nullish(), offer_id: offerId.nullish(), publisher_id: publisherId.nullish() })
  .meta({ description: 'Whose postbacks the rule applies to; a field that is left out means all' });

const time = z.iso
  .datetime({ offset: true, error: 'must be a time of ISO 8601 with its zone' })
  .transform((text) => new Date(text).toISOString())
  .meta({ example: '2026-01-31T12:00:00Z' });

const action = z.enum(ruleActions).meta({
  description:
    '`hold`: held with code `rule`; `reject`: taken as rejected; `log`: only logged; `accept`: taken, and no further rule is asked',
});

const when = condition.meta({
  description: 'Conditions can use every parameter and what we know about the postback: see the documentation of inbound postbacks',
  example: { all: [{ field: 'click_age_seconds', op: 'lt', value: '10' }] },
});

const optional = {
  priority: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .nullish()
    .meta({ description: 'Rules with a lower number are evaluated first; null: 100', example: 100 }),
  scope: scope.nullish(),
  from: time.nullish().meta({ description: 'Applies to postbacks received from this time on; null: no limit' }),
  to: time.nullish().meta({ description: 'Applies to postbacks received before this time; null: no limit' }),
  status: active.nullish().meta({ description: 'Null: `active`' }),
};

export const newRule = z
  // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
  .strictObject({ rule_id: settingId.optional(), name: nameText, when, then: action, ...optional })
  .meta({ id: 'NewRule' });
export const ruleChange = z
  // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
  .strictObject({ name: nameText.optional(), when: when.optional(), then: action.optional(), ...optional })
  .meta({ id: 'RuleChange' });
export type RuleChange = z.output<typeof ruleChange>;

export const ruleView = z
  .object({
    rule_id: z.string(),
    name: z.string(),
    priority: z.int(),
    scope: z.object({ partner_id: textOrNull, offer_id: textOrNull, publisher_id: textOrNull }),
    when: z.custom<Condition>((value) => typeof value === 'object').meta({ override: { type: 'object', additionalProperties: {} } }),
    // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
    then: z.enum(ruleActions),
    from: textOrNull,
    to: textOrNull,
    status: active,
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Rule' });

/** The rule that decides about a postback. */
export const decidingRule = z
  // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
  .object({ rule_id: z.string(), name: z.string(), then: z.enum(ruleActions) })
  .meta({ description: 'The rule that decides; null: none matches' });
