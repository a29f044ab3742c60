import { synthesise } from '../../../lib/local/assembly.ts';
import { Deployment } from '../../../lib/local/deployment.ts';
import { Routes } from '../../../lib/local/routes.ts';
import { readAssembly } from '../../../lib/local/template.ts';

/**
 * Finds the route of the synthesised API for each operation.
 *
 * @returns whether the operation's route demands a token, by operation, and the routes that no operation uses.
 */
export async function routesOf(operations: readonly string[]): Promise<{ guards: ReadonlyMap<string, boolean>; unused: string[] }> {
  const assembly = await readAssembly(await synthesise('dev'));
  const routes = new Deployment(assembly, { queueEndpoint: 'http://127.0.0.1:9', tablePrefix: '' }).routes();
  const router = new Routes(routes);
  const found = operations.map((operation) => {
    const [method = '', path = ''] = operation.split(' ');
    return [operation, router.find(method, path.replaceAll(/\{\w+\}/g, 'x'))?.route] as const;
  });
  const used = new Set(found.map(([, route]) => route?.routeKey));
  return {
    guards: new Map(found.flatMap(([operation, route]) => (route === undefined ? [] : [[operation, route.authorizer !== undefined]]))),
    unused: routes.map(({ routeKey }) => routeKey).filter((routeKey) => !used.has(routeKey)),
  };
}
