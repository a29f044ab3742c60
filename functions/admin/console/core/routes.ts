/** Every page, by who may open it; `*` takes the place of an id. Tests of all pages begin here. */
export const routes = {
  everyone: [
    'overview',
    'work',
    'performance',
    'statements',
    'statements/*',
    'find',
    'clicks/*',
    'received',
    'received/*',
    'conversions',
    'conversions/*',
    'deliveries',
    'deliveries/*',
    'partners',
    'partners/*',
    'offers',
    'offers/*',
    'publishers',
    'publishers/*',
    'placements',
    'rules',
    'alerts',
    'networks',
    'networks/+',
    'networks/*',
    'users/*/*',
    'reconcile',
    'import',
    'audit',
    'queues',
    'tokens',
  ],
  publisher: ['overview', 'deliveries', 'deliveries/*', 'placements', 'statements', 'users/*/*'],
  partner: ['overview', 'received', 'received/*'],
} as const;

/** The first of the given routes that matches a URL. @param parts when empty, the first page is meant. */
export function routeOf<Route extends string>(known: readonly Route[], parts: readonly string[]): Route | undefined {
  const wanted = parts.length === 0 ? ['overview'] : parts;
  return known.find((route) => {
    const names = route.split('/');
    return names.length === wanted.length && names.every((name, index) => name === '*' || name === wanted[index]);
  });
}
