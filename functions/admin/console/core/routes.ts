/** Every page there is, by who may open it; `*` stands for an id. Tests of all pages begin here. */
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

/** The first route that an address means, of those given. @param parts none of them: the first page. */
export function routeOf<Route extends string>(known: readonly Route[], parts: readonly string[]): Route | undefined {
  const wanted = parts.length === 0 ? ['overview'] : parts;
  return known.find((route) => {
    const names = route.split('/');
    return names.length === wanted.length && names.every((name, index) => name === '*' || name === wanted[index]);
  });
}
