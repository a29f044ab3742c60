import { digestAlgorithms, encodings, hmacAlgorithms } from '../../../../domain/networks/network.ts';
import { type NetworkDocument, valueAt, withValue } from '../../core/network-document.ts';
import type { Field } from '../../parts/field.ts';
import { mapText, readList, readMap } from '../../parts/field-text.ts';

/** A part of a network's document that people edit as text. */
export interface NetworkField {
  readonly field: Field;
  readonly path: readonly string[];
  /** How the text represents the part of the document. @default plain text */
  readonly form?: 'list' | 'words' | 'lines';
}

const named = (ours: string, label: string, placeholder: string): NetworkField => ({
  field: { name: `names.${ours}`, label, placeholder, help: 'Their parameter names; the first one present is used.' },
  path: ['names', ours],
  form: 'list',
});

export const networkFields: readonly NetworkField[] = [
  { field: { name: 'title', label: 'Title', required: true, placeholder: 'My Wall' }, path: ['title'] },
  { field: { name: 'docs', label: 'Documentation', kind: 'url', placeholder: 'https://…' }, path: ['docs'] },
  named('click_id', 'Click id', 'userID'),
  named('transaction_id', 'Transaction', 'transactionID'),
  named('payout', 'Payout', 'revenue'),
  named('status', 'Status', 'type'),
  {
    field: {
      name: 'statuses.words',
      label: 'Status words',
      kind: 'lines',
      placeholder: 'credit = approved\nchargeback = reversed',
      help: 'One per line: their word = approved, pending, rejected, reversed, test or log.',
    },
    path: ['statuses', 'words'],
    form: 'words',
  },
  {
    field: {
      name: 'repeat',
      label: 'A click converts',
      kind: 'select',
      options: [
        { value: '', text: 'once per event' },
        { value: 'per_transaction', text: 'once per transaction' },
      ],
    },
    path: ['repeat'],
  },
  {
    field: {
      name: 'signing.in',
      label: 'Where the signature is',
      placeholder: 'query:hash',
      help: "query:NAME, body:NAME or header:NAME. Leave empty if the network doesn't sign.",
    },
    path: ['signing', 'in'],
  },
  {
    field: { name: 'signing.algorithm', label: 'Algorithm', kind: 'select', options: ['', ...digestAlgorithms, ...hmacAlgorithms] },
    path: ['signing', 'algorithm'],
  },
  {
    field: {
      name: 'signing.encoding',
      label: 'Encoding',
      kind: 'select',
      options: [{ value: '', text: 'hex' }, ...encodings.filter((name) => name !== 'hex')],
    },
    path: ['signing', 'encoding'],
  },
  {
    field: {
      name: 'signing.message',
      label: 'Text that is signed',
      placeholder: '{userID}{revenue}{secret}',
      help: 'With their parameters in braces, and {secret}.',
    },
    path: ['signing', 'message'],
  },
  {
    field: { name: 'answer.accepted', label: 'Answer it expects', placeholder: 'OK', help: 'Leave empty for JSON.' },
    path: ['answer', 'accepted'],
  },
  {
    field: {
      name: 'paste',
      label: 'What follows the postback URL',
      kind: 'lines',
      placeholder: '?userID={userID}&revenue={revenue}',
      help: "Use the network's macros.",
    },
    path: ['paste'],
    form: 'lines',
  },
];

/** A part of the document as text; `undefined` when its form shows only in the JSON. */
export function networkText(document: NetworkDocument, { path, form }: NetworkField): string | undefined {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return '';
  if (form === 'words' && typeof value === 'object')
    return mapText(Object.fromEntries(Object.entries(value).map(([word, meaning]) => [word, String(meaning ?? 'none')])));
  if (Array.isArray(value)) return value.join(form === 'lines' ? '\n' : ', ');
  return typeof value === 'string' ? value : undefined;
}

/** @throws Error that says what is wrong with the text. */
export function withNetworkText(document: NetworkDocument, { path, form }: NetworkField, text: string): NetworkDocument {
  if (text.trim() === '') return withValue(document, path, undefined);
  switch (form) {
    case 'list':
      return withValue(document, path, readList(text));
    case 'lines':
      return withValue(document, path, text.split('\n'));
    case 'words':
      return withValue(
        document,
        path,
        Object.fromEntries(Object.entries(readMap(text)).map(([word, meaning]) => [word, meaning === 'none' ? null : meaning])),
      );
    case undefined:
      return withValue(document, path, text);
    default:
      return form satisfies never;
  }
}
