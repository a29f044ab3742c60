import { describe, expect, test } from '@jest/globals';
import { decodeTime } from 'ulid';
import * as z from 'zod';
import { bindCursor, encodeCursor, pageQuery, timeQuery } from '../../../functions/admin/list-query.ts';
import { readQuery } from '../../../functions/admin/read-input.ts';

const schema = z.strictObject({ ...pageQuery, ...timeQuery });
const path = '/things';
const read = (query: string) => readQuery({ path, query: schema }, query) as z.output<typeof schema>;
const codeOf = (query: string) => {
  try {
    read(query);
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return undefined;
};

describe('the query of a list', () => {
  test('means the 50 newest rows unless it says otherwise', () => {
    expect(read('')).toEqual({ limit: 50 });
    expect(read('limit=200&format=csv&cursor=')).toEqual({ limit: 200, format: 'csv' });
  });

  test.each(['limit=0', 'limit=201', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=1e2'])('is refused with invalid_limit: %s', (query) => {
    expect(codeOf(query)).toBe('invalid_limit');
  });

  test.each([
    ['cursor=abc', 'invalid_cursor'],
    ['from=yesterday', 'invalid_from'],
    ['to=2026-13-01', 'invalid_to'],
    ['from=2026-13-45T00:00:00 02:00', 'invalid_from'],
    ['to=9999-99-99T99:99:99%2B99:99', 'invalid_to'],
    ['constructor=1', 'unknown_parameter'],
    ['__proto__=1', 'unknown_parameter'],
    ['format=xml', 'invalid_format'],
    ['colour=red', 'unknown_parameter'],
  ])('is refused: %s with %s', (query, code) => {
    expect(codeOf(query)).toBe(code);
  });

  test('accepts the cursor that a list returned', () => {
    const position = { key: '01JH0V8XQ0R2W6T3Y5Z7A9B1C4', seen: 2 };
    expect(read(`cursor=${bindCursor(path, encodeCursor(position))}`).cursor).toEqual(position);
  });

  test('accepts no cursor of another list, and none that no list returned', () => {
    const position = { key: '01JH0V8XQ0R2W6T3Y5Z7A9B1C4', seen: 2 };
    const own = (value: unknown) => bindCursor(path, Buffer.from(JSON.stringify(value)).toString('base64url'));
    const wrong = [
      bindCursor('/others', encodeCursor(position)),
      encodeCursor(position),
      ...[['', 0], ['\ud800', 0], ['a', -1], ['a', 1.5], ['1e400', -0.1], ['é'.repeat(513), 0], [1, 0], ['a'], 'a', null, {}].map(own),
    ];
    expect(wrong.map((cursor) => codeOf(`cursor=${cursor}`))).toEqual(wrong.map(() => 'invalid_cursor'));
  });

  test('has time bounds that include their ends, and a date means its whole day in UTC', () => {
    const { from = '', to = '' } = read('from=2026-01-31&to=2026-01-31');
    expect(new Date(decodeTime(from)).toISOString()).toBe('2026-01-31T00:00:00.000Z');
    expect(new Date(decodeTime(to)).toISOString()).toBe('2026-01-31T23:59:59.999Z');
    expect([from.slice(10), to.slice(10)]).toEqual(['0'.repeat(16), 'Z'.repeat(16)]);
  });

  test.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5%2B02:00', '2026-01-31T10:00:00.500Z'],
  ])('reads the time %s', (sent, expected) => {
    expect(new Date(decodeTime(read(`from=${sent}`).from ?? '')).toISOString()).toBe(expected);
  });
});
