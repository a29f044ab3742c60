import * as z from 'zod';
import type { Click } from '../../domain/click.ts';
import { isDotSegment, resolveClick } from '../../domain/new-click.ts';
import { auditEntry } from '../audit/entry.ts';
import type { SettingsDependencies } from '../ports.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { AdminError, type Route, route } from '../route.ts';
import { offerId, placementId, plainText, publisherId } from '../schemas/fields.ts';
import { offerNotFound } from './offer-routes.ts';
import { placementNotFound } from './placement-routes.ts';
import { publisherNotFound } from './publisher-routes.ts';

const subIdNames = ['sub_id1', 'sub_id2', 'sub_id3', 'sub_id4', 'sub_id5'] as const;
/** In the path of a publisher's URL these values would lead elsewhere (contract 1.9). */
const value = plainText(256).refine((text) => !isDotSegment(text), 'must not be . or ..');
const sub = value.nullish();

const newClick = z
  .strictObject({
    offer_id: offerId,
    placement_id: placementId.optional().meta({ description: 'Implies the publisher' }),
    publisher_id: publisherId.optional(),
    user_id: value.min(1, 'must not be empty'),
    username: value.nullish(),
    sub_id1: sub,
    sub_id2: sub,
    sub_id3: sub,
    sub_id4: sub,
    sub_id5: sub,
    ip: plainText(50).nullish(),
    country: plainText(10).nullish(),
    device_id: value.nullish(),
  })
  .refine(({ placement_id, publisher_id }) => placement_id !== undefined || publisher_id !== undefined, {
    path: ['placement_id'],
    message: 'placement_id or publisher_id is required',
  })
  .meta({ id: 'NewClick' });

export const clickView = z
  .object({
    click_id: z.string().meta({ example: 'CLK-01JH0V8XQ0R2W6T3Y5Z7A9B1C4' }),
    offer_id: z.string(),
    partner_id: z.string(),
    publisher_id: z.string(),
    placement_id: textOrNull,
    user_id: z.string(),
    username: textOrNull,
    sub_id1: textOrNull,
    sub_id2: textOrNull,
    sub_id3: textOrNull,
    sub_id4: textOrNull,
    sub_id5: textOrNull,
    ip: textOrNull,
    country: textOrNull,
    device_id: textOrNull,
    clicked_at: timeText,
  })
  .meta({ id: 'Click' });

const notFound = { offer: offerNotFound, placement: placementNotFound, publisher: publisherNotFound } as const;

/** Clicks that are recorded through the API instead of a tracking link (contract section 4). */
export function clickRoutes(dependencies: SettingsDependencies): Route[] {
  const { offers, placements, publishers, findClick, storeClick, audit, now, newClickId } = dependencies;
  const settings = {
    offer: async (id: string) => (await offers.get(id))?.value,
    placement: async (id: string) => (await placements.get(id))?.value,
    publisher: async (id: string) => (await publishers.get(id))?.value,
  };
  return [
    route({
      method: 'POST',
      path: '/clicks',
      role: 'admin',
      summary: 'Record a click',
      description:
        "The stage limits the clicks of one user on an offer within an hour; above the limit the answer is the user's last click.",
      body: newClick,
      answers: { 201: z.object({ click: clickView }) },
      refusals: { 404: 'No such active offer, placement or publisher' },
      async handle({ body, caller }) {
        const resolved = await resolveClick(
          { settings, now, newId: newClickId },
          {
            offerId: body.offer_id,
            placementId: body.placement_id,
            publisherId: body.publisher_id,
            userId: body.user_id,
            username: body.username ?? undefined,
            subIds: Object.fromEntries(
              subIdNames.flatMap((name) =>
                body[name] === undefined || body[name] === null || body[name] === '' ? [] : [[name, body[name]]],
              ),
            ),
            ip: body.ip ?? undefined,
            country: body.country ?? undefined,
            deviceId: body.device_id ?? undefined,
          },
        );
        if ('missing' in resolved) throw notFound[resolved.missing]();
        const click = await storeClick(resolved.click);
        // The audit entry does not say who clicked, because it outlives the erasure of a user.
        const { click_id: id, offer_id, publisher_id, placement_id } = click;
        const after = { offer_id, publisher_id, placement_id: placement_id ?? null };
        await audit.record(auditEntry(dependencies, caller, 'click.recorded', { kind: 'click', id, after }));
        return { status: 201, body: { click: viewOf(click) } };
      },
    }),
    route({
      method: 'GET',
      path: '/clicks/{click_id}',
      role: 'viewer',
      summary: 'Get a click',
      answers: { 200: z.object({ click: clickView }) },
      async handle({ params }) {
        const click = await findClick(params['click_id'] ?? '');
        if (click === undefined) throw new AdminError(404, 'click_not_found', 'No click has this click_id');
        return { status: 200, body: { click: viewOf(click) } };
      },
    }),
  ];
}

function viewOf({ sub_ids, ...click }: Click): z.output<typeof clickView> {
  return {
    ...click,
    placement_id: click.placement_id ?? null,
    username: click.username ?? null,
    sub_id1: sub_ids['sub_id1'] ?? null,
    sub_id2: sub_ids['sub_id2'] ?? null,
    sub_id3: sub_ids['sub_id3'] ?? null,
    sub_id4: sub_ids['sub_id4'] ?? null,
    sub_id5: sub_ids['sub_id5'] ?? null,
    ip: click.ip ?? null,
    country: click.country ?? null,
    device_id: click.device_id ?? null,
  };
}
