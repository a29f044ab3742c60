import type { Offer } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, payText, readMap, readPay, readWhole } from '../../parts/field-text.ts';

const terms: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Ten-minute survey' },
  {
    name: 'target_url',
    label: 'Target URL',
    kind: 'url',
    required: true,
    placeholder: 'https://partner.example/start?sub={click_id}',
    help: 'Where the tracking link leads. Include {click_id} so that the partner gets our click id.',
  },
  {
    name: 'revenue_share_percent',
    label: 'Revenue share, %',
    placeholder: '80',
    help: "The publisher's share of what the partner pays. Leave empty or 0 to use the fixed payout.",
  },
  { name: 'payout', label: 'Fixed payout', placeholder: '2.50', help: 'What the publisher gets, whatever the partner pays.' },
];

const more: readonly Field[] = [
  { name: 'campaign_id', label: "The partner's own id for the offer", advanced: true },
  { name: 'currency', label: 'Currency of fixed payouts', placeholder: 'that of the postback', advanced: true },
  { name: 'conversion_window_days', label: 'Conversion window, days', placeholder: '30', read: readWhole, advanced: true },
  {
    name: 'goals',
    label: 'Goals',
    kind: 'lines',
    help: 'Other events that convert. One per line: event = 80% or an amount.',
    placeholder: 'purchase = 2.50',
    read: (text) =>
      Object.entries(readMap(text)).map(([event, pay]) => {
        const { percent, fixed } = readPay(pay);
        return { event, ...(percent !== undefined && { revenue_share_percent: percent }), ...(fixed !== undefined && { payout: fixed }) };
      }),
    advanced: true,
  },
];

export const newOfferFields: readonly Field[] = [
  {
    name: 'partner_id',
    label: 'Partner',
    idOf: 'partner',
    required: true,
    placeholder: 'acme',
    help: 'Id of the partner that pays for the offer.',
  },
  ...terms,
  {
    name: 'offer_id',
    label: 'Id',
    help: "Can't be changed later. Leave empty to generate one.",
    placeholder: 'survey-100',
    advanced: true,
  },
  ...more,
];

export const offerFields: readonly Field[] = [
  ...terms,
  {
    name: 'status',
    label: 'Status',
    kind: 'select',
    options: ['active', 'inactive'],
    help: 'Inactive offers take no new clicks; earlier clicks can still convert.',
  },
  ...more,
];

export function offerTexts(offer: Offer): Readonly<Record<string, string>> {
  const goals = offer.goals.map(({ event, payout, revenue_share_percent: percent }): [string, string] => [
    event,
    payText({ percent: percent ?? undefined, fixed: payout ?? undefined }),
  ]);
  return {
    name: offer.name,
    target_url: offer.target_url,
    revenue_share_percent: offer.revenue_share_percent ?? '',
    payout: offer.payout ?? '',
    status: offer.status,
    campaign_id: offer.campaign_id ?? '',
    currency: offer.currency ?? '',
    conversion_window_days: String(offer.conversion_window_days),
    goals: mapText(Object.fromEntries(goals)),
  };
}
