import type { Route } from './route.ts';

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export type Lookup =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'other_methods'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Pattern {
  readonly route: Route;
  readonly expression: RegExp;
  readonly names: readonly string[];
}

/** Names of a path's parameters. Only one such as `{user_id+}` may contain slashes. */
const parameter = /\{(\w+)(\+?)\}/g;

/** Path parameters of a route, in their order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(parameter)].map(([, name = '']) => name);
}

/**
 * Finds the route of a request. A path with fewer parameters wins (`/conversions/import` over `/conversions/{conversion_id}`).
 *
 * @returns a function that takes the method and the path below `/api/admin`, which the gateway has decoded.
 */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Lookup {
  const patterns = routes
    .map((route): Pattern => {
      const source = route.path
        .split(/(\{\w+\+?\})/)
        .map((part) => (part.startsWith('{') ? (part.endsWith('+}') ? '(.+)' : '([^/]+)') : part.replaceAll(/[^\w/-]/g, '\\$&')));
      return { route, expression: new RegExp(`^${source.join('')}$`, 's'), names: pathParameters(route.path) };
    })
    .sort((a, b) => a.names.length - b.names.length);
  return (method, path) => {
    const matching = patterns.flatMap(({ route, expression, names }) => {
      const values = expression.exec(path);
      if (values === null) return [];
      return [{ route, params: Object.fromEntries(names.map((name, index) => [name, values[index + 1] ?? ''])) }];
    });
    const found = matching.find(({ route }) => route.method === method);
    if (found !== undefined) return { kind: 'found', found };
    return matching.length === 0
      ? { kind: 'none' }
      : { kind: 'other_methods', allow: [...new Set(matching.map(({ route }) => route.method))] };
  };
}
