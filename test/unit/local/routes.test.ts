import { describe, expect, test } from '@jest/globals';
import { Routes } from '../../../lib/local/routes.ts';

const routes = new Routes(
  ['ANY /postback/{key}', 'ANY /postback/{key}/{event}', 'GET /api/test', 'ANY /api/{proxy+}', 'GET /admin', 'GET /admin/{proxy+}'].map(
    (routeKey) => ({ routeKey, functionName: routeKey }),
  ),
);

describe('the most specific of the routes that fit is used', () => {
  test.each<[string, string, string | undefined, Record<string, string>]>([
    ['GET', '/postback/abc', 'ANY /postback/{key}', { key: 'abc' }],
    ['PATCH', '/postback/abc/terminate', 'ANY /postback/{key}/{event}', { key: 'abc', event: 'terminate' }],
    ['GET', '/postback/a%20b', 'ANY /postback/{key}', { key: 'a b' }],
    ['GET', '/postback/abc/x/y', undefined, {}],
    ['GET', '/postback', undefined, {}],
    // As strict as HTTP API: a path with a trailing slash is another path, and a variable cannot be empty.
    ['GET', '/postback/', undefined, {}],
    ['GET', '/postback/abc/', undefined, {}],
    ['GET', '/postback//abc', undefined, {}],
    ['GET', '/api/', undefined, {}],
    ['GET', '/api//a/', 'ANY /api/{proxy+}', { proxy: '/a/' }],
    ['GET', '/admin/', undefined, {}],
    ['GET', '/api/test', 'GET /api/test', {}],
    ['GET', '/api/a/b/c', 'ANY /api/{proxy+}', { proxy: 'a/b/c' }],
    ['DELETE', '/api/a', 'ANY /api/{proxy+}', { proxy: 'a' }],
    ['GET', '/admin', 'GET /admin', {}],
    ['GET', '/admin/app.js', 'GET /admin/{proxy+}', { proxy: 'app.js' }],
    ['POST', '/admin', undefined, {}],
    ['GET', '/Admin', undefined, {}],
    ['GET', `/postback/${'k'.repeat(2000)}`, 'ANY /postback/{key}', { key: 'k'.repeat(2000) }],
  ])('%s %s', (method, path, routeKey, pathParameters) => {
    const found = routes.find(method, path);
    expect(found?.route.routeKey).toBe(routeKey);
    expect(found?.pathParameters ?? {}).toEqual(pathParameters);
  });

  test('and $default is used for everything else', () => {
    const withDefault = new Routes(['$default', 'GET /admin'].map((routeKey) => ({ routeKey, functionName: routeKey })));
    expect(withDefault.find('GET', '/nowhere/')?.route.routeKey).toBe('$default');
    expect(withDefault.find('POST', '/admin')?.route.routeKey).toBe('$default');
    expect(withDefault.find('GET', '/admin')?.route.routeKey).toBe('GET /admin');
  });
});
