import { forwardedStatuses } from '../../../../domain/status.ts';
import type { OwnPublisher, Publisher } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, payText, readList, readMap, readPay } from '../../parts/field-text.ts';

const common: readonly Field[] = [
  {
    name: 'postback_url',
    label: 'Postback URL',
    kind: 'url',
    placeholder: 'https://publisher.example/postback?id={click_id}&points={points}&status={status}',
    help: 'We call this URL for every conversion and replace macros in braces. Leave empty to send nothing.',
  },
  {
    name: 'postback_method',
    label: 'Method',
    kind: 'select',
    options: [
      { value: 'GET', text: 'GET: values in the URL' },
      { value: 'POST', text: 'POST: all fields as JSON' },
    ],
  },
];

const forwarded: Field = {
  name: 'forward_statuses',
  label: 'Statuses to send',
  kind: 'lines',
  help: `Any of ${forwardedStatuses.join(', ')}. Leave empty for all. This applies to every postback.`,
  read: readList,
  advanced: true,
};

/** What a publisher can change about itself. */
export const ownPublisherFields: readonly Field[] = [...common, forwarded];

export function ownPublisherTexts({
  postback_url: url,
  postback_method,
  forward_statuses,
}: OwnPublisher): Readonly<Record<string, string>> {
  return { postback_url: url ?? '', postback_method, forward_statuses: forward_statuses.join(', ') };
}

export const newPublisherFields: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Rewards App' },
  { name: 'publisher_id', label: 'Id', help: "Can't be changed later. Leave empty to generate one.", placeholder: 'rewards-app' },
  ...common,
];

export const publisherFields: readonly Field[] = [
  { name: 'name', label: 'Name', required: true },
  ...common,
  forwarded,
  {
    name: 'payout_overrides',
    label: 'Terms per offer',
    kind: 'lines',
    help: "One per line: offer id = 85% or an amount, and after 72 h for a hold period. Overrides the offer's terms.",
    placeholder: 'survey-100 = 85%',
    read: (text) => Object.fromEntries(Object.entries(readMap(text)).map(([offer, pay]) => [offer, readPay(pay)])),
    advanced: true,
  },
];

export function publisherTexts(publisher: Publisher): Readonly<Record<string, string>> {
  const overrides = Object.entries(publisher.payout_overrides).map(([offer, pay]): [string, string] => [offer, payText(pay)]);
  return {
    ...ownPublisherTexts(publisher),
    name: publisher.name,
    payout_overrides: mapText(Object.fromEntries(overrides)),
  };
}
