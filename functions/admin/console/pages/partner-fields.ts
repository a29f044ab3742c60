import { builtInNetworks } from '../../../domain/networks/built-in.ts';
import type { Partner } from '../core/types.ts';
import { mapText, readList, readMap, readMapping } from '../parts/field-text.ts';
import type { Field } from '../parts/form.tsx';

export const newPartnerFields: readonly Field[] = [
  { name: 'partner_name', label: 'Name', required: true, placeholder: 'Acme Surveys' },
  {
    name: 'partner_id',
    label: 'Id',
    help: 'Stands in addresses and reports, and cannot be changed. Empty: one is made.',
    placeholder: 'acme',
  },
  {
    name: 'preset',
    label: 'Network',
    kind: 'select',
    options: [{ value: '', text: 'none of these' }, ...builtInNetworks.keys()],
    help: 'How this network names, signs and words its postbacks. Any part of it can be set otherwise.',
  },
];

export const partnerFields: readonly Field[] = [
  { name: 'partner_name', label: 'Name', required: true },
  { name: 'status', label: 'Status', kind: 'select', options: ['active', 'inactive'] },
  { name: 'preset', label: 'Network', kind: 'select', options: [{ value: '', text: 'none of these' }, ...builtInNetworks.keys()] },
  { name: 'currency', label: 'Currency', help: 'Of payouts that name none.', placeholder: 'USD' },
  {
    name: 'signing',
    label: 'New signing secret',
    kind: 'password',
    help: 'Once there is one, unsigned requests are refused. The one before stays valid beside it.',
    read: (secret) => ({ secret }),
  },
  {
    name: 'parameter_mapping',
    label: 'Parameter names',
    kind: 'lines',
    help: 'One per line: their name = ours, or = none where it is not ours, whatever its name. A path such as data.user leads into nested JSON.',
    placeholder: 'aff_tx = transaction_id',
    read: readMapping,
    advanced: true,
  },
  {
    name: 'parameter_defaults',
    label: 'Defaults',
    kind: 'lines',
    help: 'What it never sends, one per line: our name = value.',
    placeholder: 'currency = EUR',
    read: readMap,
    advanced: true,
  },
  {
    name: 'status_mapping',
    label: 'Status words',
    kind: 'lines',
    help: 'One per line: their word = approved, pending, rejected, reversed or test.',
    placeholder: '7 = approved',
    read: readMap,
    advanced: true,
  },
  {
    name: 'fallback_matching',
    label: 'Without a click id',
    kind: 'select',
    options: [
      { value: 'unique', text: 'match the only recent click of the offer' },
      { value: 'latest', text: 'match the newest click of the offer' },
      { value: 'off', text: 'never match' },
    ],
    advanced: true,
  },
  {
    name: 'ip_policy',
    label: 'Requests from addresses that are not listed',
    kind: 'select',
    options: [
      { value: 'flag', text: 'take and flag them' },
      { value: 'enforce', text: 'refuse them' },
      { value: 'off', text: 'take them' },
    ],
    advanced: true,
  },
  {
    name: 'allowed_ips',
    label: 'Addresses and ranges',
    kind: 'lines',
    help: "One per line; empty: the network's.",
    read: readList,
    advanced: true,
  },
  {
    name: 'public_base_url',
    label: 'Address the partner calls',
    kind: 'url',
    help: 'Where it is not ours: signatures may cover it.',
    advanced: true,
  },
  {
    name: 'response_success',
    label: 'Answer to a postback that is taken',
    help: 'The whole body of the 200 answer. Empty: what the network expects, else JSON.',
    placeholder: 'OK',
    advanced: true,
  },
  {
    name: 'response_duplicate',
    label: 'Answer to a duplicate',
    help: 'Empty: what the network expects, else the same.',
    placeholder: 'DUP',
    advanced: true,
  },
  {
    name: 'response_content_type',
    label: 'Content type of these answers',
    help: 'text/plain, application/json or text/xml.',
    placeholder: 'text/plain',
    advanced: true,
  },
  {
    name: 'mode',
    label: 'Mode',
    kind: 'select',
    options: [
      { value: 'standard', text: 'convert and credit' },
      { value: 'forward_only', text: 'only forward as it came' },
    ],
    advanced: true,
  },
  {
    name: 'forward_to',
    label: 'Forward to publishers',
    kind: 'lines',
    help: 'Ids, one per line; for forwarding only.',
    read: readList,
    advanced: true,
  },
];

export function partnerTexts(partner: Partner): Readonly<Record<string, string>> {
  return {
    partner_name: partner.partner_name,
    status: partner.status,
    preset: partner.preset ?? '',
    currency: partner.currency,
    parameter_mapping: mapText(partner.parameter_mapping),
    parameter_defaults: mapText(partner.parameter_defaults),
    status_mapping: mapText(partner.status_mapping),
    fallback_matching: partner.fallback_matching,
    ip_policy: partner.ip_policy,
    allowed_ips: (partner.allowed_ips ?? []).join('\n'),
    public_base_url: partner.public_base_url ?? '',
    response_success: partner.response?.success ?? '',
    response_duplicate: partner.response?.duplicate ?? '',
    response_content_type: partner.response?.content_type ?? '',
    mode: partner.mode,
    forward_to: partner.forward_to.join('\n'),
  };
}
