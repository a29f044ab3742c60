import fc from 'fast-check';
import { anyCodePoints } from '../support/any-code-points.ts';
import { documentWords } from './every-network.ts';

/** A change of a request that its sender did not intend. */
export type Mutation =
  | { readonly kind: 'insert' | 'replace'; readonly at: number; readonly text: string }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'repeat' | 'drop'; readonly at: number }
  | { readonly kind: 'swap'; readonly at: number; readonly other: number }
  | { readonly kind: 'append'; readonly name: string; readonly text: string };

/** Names and values that are more likely than noise to hit something. */
const words = [
  ...[
    'click_id',
    'subid',
    's1',
    's2',
    'uid',
    'user_id',
    'subId',
    'userID',
    'request_uuid',
    'snuid',
    'PanelistId',
    'external_identifier',
    'subid_1',
    'their_click',
  ],
  ...['payout', 'amount', 'revenue', 'raw', 'cpa', 'currency', 'payout_usd', 'amount_usd', 'RevenueAmount', 'pay'],
  ...['status', 'state', 'type', 'is_chargeback', 'reversal', 'event', 'goal', 'event_id', 'debug', 'IsTest', 'transaction_id', 'tx', 'id'],
  ...['hash', 'secure_hash', 'sig', 'Sig', 'signature', 'verifier', 'key', '__proto__', 'constructor', 'toString', 'length'],
  ...[
    'approved',
    'rejected',
    'reversed',
    'test',
    'pending',
    '1',
    '0',
    '2',
    '-1',
    '-2',
    '9.99',
    '50.00',
    '1e9',
    '-5.00',
    'NaN',
    '0',
    'EUR',
    'JPY',
  ],
  ...[
    '{click_id}',
    '%%click_id%%',
    '%7Bx%7D',
    '%',
    '%ff',
    '%C3%28',
    '%00',
    '+',
    '&',
    '=',
    '&&',
    ';',
    '#',
    '?',
    '\\',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '--b',
    '\r\n',
    '\n\n',
  ],
  ...[
    '..',
    '~constructor',
    'uſd',
    '＝1',
    '\udc00',
    '\u2028',
    'Status',
    'status[]',
    'amp;status',
    ' payout',
    '{"a":'.repeat(40),
    '['.repeat(2_000),
    '😀'.repeat(700),
    '😀'.repeat(2_100),
    'é'.repeat(1_025),
    'kR3v9x_Ab-cdEFGHijklMNOPqrstUV01',
    '%6bR3v9x_Ab-cdEFGHijklMNOPqrstUV01',
    'H4sIAAAAAAAAA0tMTEwCAE',
    '1e400',
    '%2e%2e',
  ],
  ...['TEST-1', 'terminate', 'signup', '\u0000', '\ud800', '\uFEFF', '\u202e', 'é', '😀', '{"a":[1]}', '[]', 'null', 'true'],
];

export const anyWord = fc.oneof(
  { arbitrary: fc.constantFrom(...words), weight: 4 },
  { arbitrary: fc.constantFrom(...documentWords), weight: 3 },
  fc.string({ maxLength: 12 }),
  anyCodePoints({ maxLength: 12 }),
);

const at = fc.nat(400);
const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('insert', 'replace'), at, text: anyWord }),
  fc.record({ kind: fc.constant('remove'), at, count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constantFrom('repeat', 'drop'), at }),
  fc.record({ kind: fc.constant('swap'), at, other: at }),
  fc.record({ kind: fc.constant('append'), name: anyWord, text: anyWord }),
);

export const mutations = fc.array(anyMutation, { maxLength: 4 });

/** Applies the changes to a query, a form, or any other text. */
export function mutate(text: string, changes: readonly Mutation[]): string {
  return changes.reduce(once, text);
}

function once(text: string, change: Mutation): string {
  switch (change.kind) {
    case 'insert':
    case 'replace': {
      const place = change.at % (text.length + 1);
      return text.slice(0, place) + change.text + text.slice(place + (change.kind === 'replace' ? change.text.length : 0));
    }
    case 'remove': {
      const place = change.at % (text.length + 1);
      return text.slice(0, place) + text.slice(place + change.count);
    }
    case 'append':
      return `${text}&${change.name}=${change.text}`;
    default: {
      const pairs = text.split('&');
      const place = change.at % pairs.length;
      const pair = pairs[place] ?? '';
      if (change.kind === 'repeat') return [...pairs.slice(0, place), pair, ...pairs.slice(place)].join('&');
      if (change.kind !== 'swap') return pairs.filter((_, index) => index !== place).join('&');
      const other = change.other % pairs.length;
      return pairs
        .with(place, pairs[other] ?? '')
        .with(other, pair)
        .join('&');
    }
  }
}
