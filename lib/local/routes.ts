import createRouter, { type HTTPVersion, type Instance } from 'find-my-way';
import type { LocalRoute } from './deployment.ts';

export interface RouteMatch {
  readonly route: LocalRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the API's route for a request: of the routes that match the path the most specific one wins, and its own method wins over ANY;
 * `$default` takes what no other route does. It is as strict as HTTP API: a path with a trailing slash is another path, and an empty
 * variable matches nothing.
 */
export class Routes {
  private readonly router: Instance<HTTPVersion.V1> = createRouter({ caseSensitive: true, maxParamLength: 16_384 });

  private readonly fallback: LocalRoute | undefined;

  constructor(all: readonly LocalRoute[]) {
    this.fallback = all.find(({ routeKey }) => routeKey === '$default');
    const routes = all.filter((route) => route !== this.fallback);
    const byPath = Map.groupBy(routes, (route) => split(route).path);
    for (const [path, group] of byPath) {
      const byMethod = new Map(group.map((route) => [split(route).method, route]));
      // The router finds only paths: it is always asked for one method, whatever the request's method is.
      this.router.on('GET', pattern(path), () => undefined, { byMethod, greedy: /\{([^}]+)\+\}$/.exec(path)?.[1] });
    }
  }

  /** @param encodedPath percent-encoded path, which must be decodable. */
  find(method: string, encodedPath: string): RouteMatch | undefined {
    return this.findNamed(method, encodedPath) ?? (this.fallback && { route: this.fallback, pathParameters: {} });
  }

  private findNamed(method: string, encodedPath: string): RouteMatch | undefined {
    const found = this.router.find('GET', encodedPath);
    if (!found) return undefined;
    const { byMethod, greedy }: { byMethod: Map<string, LocalRoute>; greedy: string | undefined } = found.store;
    const route = byMethod.get(method) ?? byMethod.get('ANY');
    if (!route) return undefined;
    if (Object.values(found.params).includes('')) return undefined;
    const pathParameters: Record<string, string> = {};
    for (const [name, value] of Object.entries(found.params)) {
      if (value !== undefined) pathParameters[name === '*' && greedy !== undefined ? greedy : name] = value;
    }
    return { route, pathParameters };
  }
}

function split({ routeKey }: LocalRoute): { method: string; path: string } {
  const [method = '', path = ''] = routeKey.split(' ');
  return { method, path };
}

/** Translates API Gateway's notation for the router: `{name}` becomes `:name`, and `{name+}` at the end takes the rest. */
function pattern(path: string): string {
  return path.replace(/\{[^}]+\+\}$/, '*').replaceAll(/\{([^}]+)\}/g, ':$1');
}
