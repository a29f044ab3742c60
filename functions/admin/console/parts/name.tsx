import { useEffect, useState } from 'preact/hooks';
import type { Named } from '../core/names.ts';
import { to } from '../core/routing.ts';
import { useSession } from '../core/session.tsx';
import { Absent, Id, Text } from './basics.tsx';

const pages: Readonly<Record<Named, string>> = {
  partner: 'partners',
  offer: 'offers',
  publisher: 'publishers',
  placement: 'placements',
  network: 'networks',
};

/** All names of a kind, as soon as they are known. */
export function useNames(kind: Named): ReadonlyMap<string, string> {
  const { names } = useSession();
  const [known, setKnown] = useState(names.known(kind));
  useEffect(() => {
    let wanted = true;
    names.list(kind).then(
      (loaded) => wanted && setKnown(loaded),
      // An id says the same, if less.
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [names, kind]);
  return known ?? nothing;
}

const nothing: ReadonlyMap<string, string> = new Map();

/** Something by its name, which leads to it, with its id below. */
export function Name({ of: kind, id }: { readonly of: Named; readonly id: string | null }) {
  const { role } = useSession();
  const name = useNames(kind).get(id ?? '');
  if (id === null) return <Absent />;
  if (role === 'publisher' || role === 'partner') return <Id of={id} />;
  const href = to([pages[kind], id]);
  if (name === undefined || name === id) return <Id of={id} href={href} />;
  return (
    <span class="named">
      <a href={href} title={id}>
        <Text of={name} />
      </a>
      <Id of={id} />
    </span>
  );
}

/** A click, which leads to all that came of it. */
export function ClickLink({ id }: { readonly id: string | null }) {
  const { role } = useSession();
  return <Id of={id} href={id === null || role === 'publisher' || role === 'partner' ? undefined : to(['clicks', id])} />;
}
