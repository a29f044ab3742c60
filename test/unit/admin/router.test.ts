import { describe, expect, test } from '@jest/globals';
import { type Route, route } from '../../../functions/admin/route.ts';
import { createRouter } from '../../../functions/admin/router.ts';

const at = (method: Route['method'], path: string) =>
  route({ method, path, role: 'viewer', summary: path, answers: {}, handle: async () => ({ status: 200, body: undefined }) });
const find = createRouter([
  at('GET', '/conversions/{conversion_id}'),
  at('POST', '/conversions/import'),
  at('POST', '/conversions/{conversion_id}/status'),
  at('GET', '/publishers/{publisher_id}/users/{user_id+}/points'),
  at('PATCH', '/partners/{partner_id}'),
  at('DELETE', '/partners/{partner_id}'),
]);
const found = (method: string, path: string) => {
  const lookup = find(method, path);
  return lookup.kind === 'found' ? [lookup.found.route.path, lookup.found.params] : lookup;
};

describe('a path of the admin API', () => {
  test('leads to its route with its parameters', () => {
    expect(found('GET', '/conversions/CLK-1.complete')).toEqual(['/conversions/{conversion_id}', { conversion_id: 'CLK-1.complete' }]);
    expect(found('POST', '/conversions/CLK-1.complete/status')).toEqual([
      '/conversions/{conversion_id}/status',
      { conversion_id: 'CLK-1.complete' },
    ]);
  });

  test('may contain slashes in a parameter that allows them', () => {
    expect(found('GET', '/publishers/p/users/a/b c/points')).toEqual([
      '/publishers/{publisher_id}/users/{user_id+}/points',
      { publisher_id: 'p', user_id: 'a/b c' },
    ]);
  });

  test('that is spelled out wins over one with parameters', () => {
    expect(found('POST', '/conversions/import')).toEqual(['/conversions/import', {}]);
  });

  test('with another method leads to the list of allowed methods', () => {
    expect(found('PUT', '/partners/x')).toEqual({ kind: 'other_methods', allow: ['PATCH', 'DELETE'] });
  });

  test.each(['/', '', '/partners', '/partners/x/y', '/conversionsX/1', '/partners/'])('that nobody knows is not found: %s', (path) => {
    expect(found('GET', path)).toEqual({ kind: 'none' });
  });
});
