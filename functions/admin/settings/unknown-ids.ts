import type { SettingsDependencies } from '../ports.ts';

/** An id that a setting contains. */
interface Named {
  /** Path of its field, such as `scope.partner_id`. */
  readonly field: string;
  readonly kind: 'partner' | 'offer' | 'publisher';
  readonly id: string | undefined;
}

/**
 * Warns of ids that nothing has. A setting may refer to an id that does not exist yet, but more often the id is mistyped.
 *
 * @param so the consequence, such as `so the rule does not decide anything yet`.
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
