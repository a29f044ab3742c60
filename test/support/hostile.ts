import fc from 'fast-check';
import { anyCodePoints } from './any-code-points.ts';

/** What an attacker or a broken program sends. Contract 1.7 allows no 5xx answer to any of it. */
const words = [
  ...['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'then', 'key', 'kind', 'pk'],
  ...[
    '.',
    '..',
    '../..',
    '/',
    '//',
    '\\',
    '#',
    '?',
    '%',
    '%00',
    '%ff',
    '%2e%2e',
    '~',
    '~constructor',
    '*',
    ' ',
    '',
    '\u0000',
    '\r\n',
    '\t',
  ],
  ...['\ud800', '\udc00x', 'a\ud83d', '\ufeff', '\u202e', '\u2028', 'é', '日本', '😀', '＝1', '=1+1', 'uſd', 'İ', 'K'],
  ...['-1', '0', '1e400', '1e-400', 'NaN', 'Infinity', '-0', '00', '9007199254740993', '0.1e1', 'true', 'null', '[]', '{}', '"', "'"],
  ...['2026-13-45', '2026-02-30T25:61:61', '0000-00-00', '9999-12-31T23:59:59+99:99', '+275760-09-13', '2026-01-01T00:00:00 02:00'],
  ...[
    'id#',
    'count#1#x',
    'PB-',
    'CLK-1',
    'TEST-',
    '$%7Bx%7D',
    '{click_id}',
    '{{x}}',
    '<script>',
    '{_user_id}',
    'https://x.example/{',
    'a@b',
  ],
  ...[
    ['x', 1_024],
    ['é', 1_025],
    ['😀', 600],
    ['x', 2_049],
    ['😀', 10_240],
  ].map(([text, count]) => String(text).repeat(Number(count))),
];

/** A cursor in a form that somebody might try. */
const cursors = [['\ud800', 0], ['1e400', 0], ['', 0], ['a', -1], ['a', Number.MAX_SAFE_INTEGER], [{}, []], ['/api', 'x'], null].map(
  (value) => Buffer.from(JSON.stringify(value)).toString('base64url'),
);

export const hostileText = fc.oneof(
  { arbitrary: fc.constantFrom(...words), weight: 6 },
  { arbitrary: fc.constantFrom(...cursors), weight: 1 },
  fc.string({ maxLength: 20 }),
  anyCodePoints({ maxLength: 20 }),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    hostileText,
    fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e21, 1e308, Number.MAX_SAFE_INTEGER),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(hostileText, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

export const hostileJson: fc.Arbitrary<unknown> = value;

/** JSON that is nested deeper than any program should follow. */
export const deepJson = fc.constantFrom(
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  '['.repeat(50_000),
);

/** The value with one part of it replaced, wherever that is, or with something unexpected added. */
export function spoilt(sound: unknown, place: number, bad: unknown, name: string): unknown {
  if (typeof sound !== 'object' || sound === null) return bad;
  if (Array.isArray(sound))
    return sound.length === 0 ? [bad] : sound.with(place % sound.length, spoilt(sound[place % sound.length], place >> 2, bad, name));
  const entries = Object.entries(sound);
  const at = place % (entries.length + 1);
  const entry = entries[at];
  if (entry === undefined) return Object.fromEntries([...entries, [name, bad]]);
  return Object.fromEntries(entries.with(at, [entry[0], spoilt(entry[1], place >> 2, bad, name)]));
}
