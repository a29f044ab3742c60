import createRouter, { type HTTPVersion, type Instance } from 'find-my-way';
import type { LocalRoute } from './deployment.ts';

export interface RouteMatch {
  readonly route: LocalRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * The API's routes: of those that fit a path, the most specific one wins, and its own method before ANY; `$default` takes what no
 * other does. As strict as HTTP API: a trailing slash is another path, and an empty variable matches nothing.
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
      // Paths only: the router is asked for one method, whatever the request's is.
      this.router.on('GET', pattern(path), () => undefined, { byMethod, greedy: /\{([^}]+)\+\}$/.exec(path)?.[1] });
    }
  }

  /** @param encodedPath percent-encoded; it must decode. */
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

/** API Gateway's notation in the router's: `{name}` is `:name`, and `{name+}` at the end takes the rest. */
function pattern(path: string): string {
  return path.replace(/\{[^}]+\+\}$/, '*').replaceAll(/\{([^}]+)\}/g, ':$1');
}
