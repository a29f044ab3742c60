import { expect, test } from '@jest/globals';
import { durationText, elapsedText } from '../../../functions/admin/console/core/times.ts';

test('durations are told in the units that a person would choose', () => {
  expect([3, 90, 7_260, 187_200].map(durationText)).toEqual(['3 s', '2 min', '2 h 1 min', '2 d 4 h']);
});

test('what passes between two times is told to the hundredth while it is short', () => {
  expect(elapsedText('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.420Z')).toBe('0.42 s');
  expect(elapsedText('2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z')).toBe('5 min');
});

test('times that are none, or run backwards, tell nothing', () => {
  expect(elapsedText('2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z')).toBeUndefined();
  expect(elapsedText('2026-01-01T00:00:00Z', 'soon')).toBeUndefined();
});
