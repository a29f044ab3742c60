import { expect, test } from '@jest/globals';
import { durationText, elapsedText } from '../../../functions/admin/console/core/times.ts';

test('durations are shown in the units that a person would choose', () => {
  expect([3, 90, 7_260, 187_200].map(durationText)).toEqual(['3 s', '2 min', '2 h 1 min', '2 d 4 h']);
});

test('a short time between two instants is shown in hundredths of a second', () => {
  expect(elapsedText('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.420Z')).toBe('0.42 s');
  expect(elapsedText('2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z')).toBe('5 min');
});

test('invalid times and negative durations are not shown', () => {
  expect(elapsedText('2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z')).toBeUndefined();
  expect(elapsedText('2026-01-01T00:00:00Z', 'soon')).toBeUndefined();
});
