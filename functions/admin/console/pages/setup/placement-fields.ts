import type { Placement } from '../../core/types.ts';
import type { Field } from '../../parts/field.ts';

export const placementFields: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Main wall' },
  { name: 'exchange_rate', label: 'Points per currency unit', placeholder: '1', help: 'At 100, a payout of 2.50 is 250 points.' },
  { name: 'postback_url', label: 'Postback URL', kind: 'url', help: "Overrides the publisher's URL. Leave empty to use the publisher's." },
  {
    name: 'postback_method',
    label: 'Method',
    kind: 'select',
    options: [{ value: '', text: "the publisher's" }, 'GET', 'POST'],
  },
];

export const newPlacementFields: readonly Field[] = [
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher', required: true, help: 'Id of the publisher that owns the placement.' },
  { name: 'placement_id', label: 'Id', help: "Can't be changed later. Leave empty to generate one.", placeholder: 'main-wall' },
  ...placementFields,
];

export function placementTexts(placement: Placement): Readonly<Record<string, string>> {
  return {
    name: placement.name,
    exchange_rate: placement.exchange_rate,
    postback_url: placement.postback_url ?? '',
    postback_method: placement.postback_method ?? '',
  };
}
