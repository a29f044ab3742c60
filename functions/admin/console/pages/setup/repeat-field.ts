import type { Field } from '../../parts/field.ts';

/** The field for how often a click may convert (contract 1.4). @param unsaid what applies when nothing is chosen. */
export function repeatField(unsaid: string, help: string): Field {
  return {
    name: 'repeat',
    label: 'A click converts',
    kind: 'select',
    options: [
      { value: '', text: unsaid },
      { value: 'once', text: 'once per event' },
      { value: 'per_transaction', text: 'once per transaction' },
    ],
    help,
    advanced: true,
  };
}
