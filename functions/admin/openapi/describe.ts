import type { Route } from '../route.ts';

/** The route's own description, followed by what applies to every operation of its kind. */
export function descriptionOf(route: Route): string {
  return [
    ...(route.description === undefined ? [] : [route.description]),
    ...(route.method === 'PATCH' ? ['Fields that you leave out stay as they are; null clears a field.'] : []),
    ...(route.list === undefined
      ? []
      : [
          'The newest come first, 50 at a time unless `limit` says otherwise (200 at most). Send `next_cursor` of one answer as `cursor` to get the next page; it is null on the last one. Add `format=csv`, or send `Accept: text/csv`, to get the page as CSV.',
        ]),
    ...(route.csvOf === undefined ? [] : [`Add \`format=csv\`, or send \`Accept: text/csv\`, to get ${route.csvOf} as CSV.`]),
    route.role === 'admin' ? 'Requires a token with the role `admin`.' : 'Requires a token with the role `viewer` or `admin`.',
    ...Object.keys(route.bound ?? {}).map((kind) => `A token that is bound to a ${kind} may call this too, for what is its own.`),
  ].join('\n\n');
}
