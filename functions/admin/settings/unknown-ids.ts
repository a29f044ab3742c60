import type { SettingsDependencies } from '../ports.ts';

/** An id that a setting holds. */
interface Named {
  /** Path of its field, such as `scope.partner_id`. */
  readonly field: string;
  readonly kind: 'partner' | 'offer' | 'publisher';
  readonly id: string | undefined;
}

/**
 * Warns of ids that name nothing. A setting for somebody who does not exist is allowed, as it may be made first, but more often the id
 * is mistyped.
 *
 * @param so what follows from it, such as `so the rule does not decide anything yet`.
 */
export async function unknownIdWarnings(
  stores: Pick<SettingsDependencies, `${Named['kind']}s`>,
  named: readonly Named[],
  so: string,
): Promise<string[]> {
  const warned = await Promise.all(
    named.map(async ({ field, kind, id }) => {
      if (id === undefined || (await stores[`${kind}s`].get(id)) !== undefined) return [];
      return [`${field}: there is no ${kind} ${id}, ${so}`];
    }),
  );
  return warned.flat();
}
