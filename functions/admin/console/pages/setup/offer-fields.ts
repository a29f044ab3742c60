import { capPeriods } from '../../../../domain/settings.ts';
import type { Offer } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, payText, readMapping, readPay, readRows, readWhole, rowsText } from '../../parts/field-text.ts';
import { repeatField } from './repeat-field.ts';

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

const periods: Readonly<Record<(typeof capPeriods)[number], string>> = { day: 'a day', week: 'a week', month: 'a month', total: 'in all' };

const more: readonly Field[] = [
  {
    name: 'fallback_url',
    label: 'Fallback URL',
    kind: 'url',
    placeholder: 'https://publisher.example/other-offers?user={user_id}',
    help: 'Where the tracking link leads while the offer is inactive. Leave empty to answer 404.',
    advanced: true,
  },
  {
    name: 'hold_hours',
    label: 'Hold period, hours',
    placeholder: '72',
    help: 'An approval stays pending for this long, and is then paid unless it was taken back. Leave empty to pay at once.',
    advanced: true,
  },
  {
    name: 'caps',
    label: 'Caps',
    kind: 'rows',
    columns: [
      { name: 'limit', label: 'At most', placeholder: '100' },
      {
        name: 'of',
        label: 'Of',
        kind: 'select',
        options: [
          { value: 'conversions', text: 'conversions' },
          { value: 'payout', text: "the partner's payout" },
        ],
      },
      { name: 'per', label: 'Per', kind: 'select', options: capPeriods.map((value) => ({ value, text: periods[value] })) },
      { name: 'publisher_id', label: 'Only this publisher', idOf: 'publisher' },
      { name: 'timezone', label: 'Time zone', placeholder: 'UTC', suggestions: Intl.supportedValuesOf('timeZone') },
    ],
    help: 'Conversions above a cap are held as over_cap, for you to decide. Payout is counted in the currency of the offer.',
    read: (text) =>
      readRows(text).map(({ publisher_id, timezone, ...cap }) => ({
        ...cap,
        publisher_id: publisher_id || null,
        timezone: timezone || null,
      })),
    advanced: true,
  },
  { name: 'campaign_id', label: "The partner's own id for the offer", advanced: true },
  { name: 'currency', label: 'Currency of fixed payouts', placeholder: 'that of the postback', advanced: true },
  { name: 'conversion_window_days', label: 'Conversion window, days', placeholder: '30', read: readWhole, advanced: true },
  repeatField("as the partner's default", 'Choose “once per transaction” if one click leads to many payments, as in an offerwall.'),
  {
    name: 'goals',
    label: 'Goals',
    kind: 'lines',
    help: 'Other events that convert. One per line: event = 80% or an amount, and after 72 h for a hold period of its own.',
    placeholder: 'purchase = 2.50',
    read: (text) =>
      Object.entries(readMapping(text)).map(([event, pay]) => {
        const { percent = null, fixed = null, hold_hours = null } = pay === null ? {} : readPay(pay);
        return { event, revenue_share_percent: percent, payout: fixed, hold_hours };
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
  const goals = offer.goals.map(({ event, payout, revenue_share_percent: percent, hold_hours: hold }): [string, string | null] => [
    event,
    payText({ percent: percent ?? undefined, fixed: payout ?? undefined, hold_hours: hold ?? undefined }) || null,
  ]);
  return {
    name: offer.name,
    target_url: offer.target_url,
    fallback_url: offer.fallback_url ?? '',
    revenue_share_percent: offer.revenue_share_percent ?? '',
    payout: offer.payout ?? '',
    status: offer.status,
    campaign_id: offer.campaign_id ?? '',
    currency: offer.currency ?? '',
    conversion_window_days: String(offer.conversion_window_days),
    repeat: offer.repeat ?? '',
    hold_hours: offer.hold_hours ?? '',
    caps: rowsText(
      offer.caps.map(({ publisher_id, timezone, ...cap }) => ({ ...cap, publisher_id: publisher_id ?? '', timezone: timezone ?? '' })),
    ),
    goals: mapText(Object.fromEntries(goals)),
  };
}
