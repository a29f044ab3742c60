import { documentOf, type NetworkDocument } from '../../core/network-document.ts';
import { unsigned } from '../../core/partner-change.ts';
import type { Partner } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, readList, readMap, readMapping } from '../../parts/field-text.ts';
import { repeatField } from './repeat-field.ts';

export const newPartnerFields: readonly Field[] = [
  { name: 'partner_name', label: 'Name', required: true, placeholder: 'Acme Surveys' },
  {
    name: 'partner_id',
    label: 'Id',
    help: "Used in URLs and reports. Can't be changed later. Leave empty to generate one.",
    placeholder: 'acme',
  },
  {
    name: 'preset',
    label: 'Network',
    idOf: 'network',
    placeholder: 'none',
    help: "Preset of the network's parameter names, signature and status words. You can override any of it.",
  },
];

export const partnerFields: readonly Field[] = [
  { name: 'partner_name', label: 'Name', required: true },
  { name: 'status', label: 'Status', kind: 'select', options: ['active', 'inactive'] },
  { name: 'preset', label: 'Network', idOf: 'network', placeholder: 'none' },
  { name: 'currency', label: 'Currency', help: 'For payouts sent without a currency.', placeholder: 'USD' },
  {
    name: 'secret',
    at: 'signing',
    label: 'New signing secret',
    kind: 'password',
    help: 'Once a secret is set, unsigned requests are rejected. The previous secret stays valid, too, unless you end it below.',
  },
  {
    name: 'old_secrets',
    label: 'Signing secrets so far',
    kind: 'select',
    options: [
      { value: '', text: 'the newest of them stays valid' },
      { value: 'end', text: 'none of them stays valid' },
    ],
    help: 'If none stays valid and you enter no new secret, requests need no signature.',
    advanced: true,
  },
  {
    name: 'recipe',
    at: 'network_settings.signing',
    label: 'How the partner signs',
    kind: 'lines',
    help: `JSON like the signing part of a network. Leave empty to use the network's; enter ${unsigned} if the partner does not sign at all.`,
    placeholder: '{"in": "query:hash", "algorithm": "sha256", "message": "{userID}{revenue}{secret}"}',
    read: (text) => (text === unsigned ? text : documentOf(text)),
    advanced: true,
  },
  {
    name: 'parameter_mapping',
    label: 'Parameter names',
    kind: 'lines',
    help: 'One per line: their name = our name, or = none for custom data, whatever its name. A path such as data.user reads nested JSON.',
    placeholder: 'aff_tx = transaction_id',
    read: readMapping,
    advanced: true,
  },
  {
    name: 'parameter_defaults',
    label: 'Defaults',
    kind: 'lines',
    help: 'For parameters that the partner never sends. One per line: our name = value.',
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
    name: 'match_by_transaction',
    label: 'Later postbacks without a click id',
    kind: 'select',
    options: [
      { value: '', text: "as the network's default" },
      { value: 'true', text: 'find the conversion by its transaction' },
      { value: 'false', text: 'match a click, as above' },
    ],
    help: 'For reversals and later parts of a transaction.',
    read: (text) => text === 'true',
    advanced: true,
  },
  repeatField("as the network's default", 'An offer can override it.'),
  {
    name: 'negative_payout',
    label: 'Negative amounts',
    kind: 'select',
    options: [
      { value: '', text: "as the network's default" },
      { value: 'refuse', text: 'reject' },
      { value: 'reverses', text: 'reverse the conversion' },
    ],
    help: 'What a postback with an amount below 0 means.',
    advanced: true,
  },
  {
    name: 'network_settings',
    label: 'Overrides of the network',
    kind: 'lines',
    help: 'JSON of the parts of the network that are different for this partner, except signing. A part that is null does not apply.',
    placeholder: '{"amount": {"unit": "minor"}}',
    read: readOverrides,
    advanced: true,
  },
  {
    name: 'ip_policy',
    label: 'Unlisted IPs',
    kind: 'select',
    options: [
      { value: 'flag', text: 'accept and flag' },
      { value: 'enforce', text: 'reject' },
      { value: 'off', text: 'accept' },
    ],
    advanced: true,
  },
  {
    name: 'allowed_ips',
    label: 'IP addresses',
    kind: 'lines',
    help: "IP addresses or CIDR ranges, one per line. Leave empty for the network's default.",
    read: readList,
    advanced: true,
  },
  {
    name: 'public_base_url',
    label: 'Host the partner calls',
    kind: 'url',
    help: 'Only if the partner calls another host (proxy, custom domain). Some signatures cover the full URL.',
    advanced: true,
  },
  {
    name: 'response_success',
    at: 'response.success',
    label: 'Response body for accepted postbacks',
    help: "Leave empty for the network's default.",
    placeholder: 'OK',
    advanced: true,
  },
  {
    name: 'response_duplicate',
    at: 'response.duplicate',
    label: 'Response body for duplicates',
    help: "Leave empty for the network's default.",
    placeholder: 'DUP',
    advanced: true,
  },
  {
    name: 'response_content_type',
    at: 'response.content_type',
    label: 'Content type of these responses',
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
      { value: 'forward_only', text: 'forward unchanged' },
    ],
    advanced: true,
  },
  {
    name: 'forward_to',
    label: 'Forward to publishers',
    kind: 'lines',
    help: 'Publisher ids, one per line. Only for the mode “forward unchanged”.',
    read: readList,
    advanced: true,
  },
];

/** @throws Error when the text is no JSON object, or contains `signing`, which has its own field. */
function readOverrides(text: string): NetworkDocument {
  const overrides = documentOf(text);
  if ('signing' in overrides) throw new Error('signing has a field of its own');
  return overrides;
}

export function partnerTexts(partner: Partner): Readonly<Record<string, string>> {
  const { signing: recipe, ...overrides } = partner.network_settings ?? {};
  return {
    partner_name: partner.partner_name,
    status: partner.status,
    preset: partner.preset ?? '',
    currency: partner.currency,
    recipe: recipe === null ? unsigned : documentText(recipe),
    parameter_mapping: mapText(partner.parameter_mapping),
    parameter_defaults: mapText(partner.parameter_defaults),
    status_mapping: mapText(partner.status_mapping),
    fallback_matching: partner.fallback_matching,
    match_by_transaction: partner.match_by_transaction === null ? '' : String(partner.match_by_transaction),
    repeat: partner.repeat ?? '',
    negative_payout: partner.negative_payout ?? '',
    network_settings: documentText(overrides),
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

function documentText(document: object = {}): string {
  return Object.keys(document).length === 0 ? '' : JSON.stringify(document, undefined, 2);
}
