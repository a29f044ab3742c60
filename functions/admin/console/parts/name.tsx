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

/** All names of a kind, as soon as they are loaded. */
export function useNames(kind: Named): ReadonlyMap<string, string> {
  const { names } = useSession();
  const [known, setKnown] = useState(names.known(kind));
  useEffect(() => {
    let wanted = true;
    names.list(kind).then(
      (loaded) => wanted && setKnown(loaded),
      // Without names the ids are shown.
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [names, kind]);
  return known ?? nothing;
}

const nothing: ReadonlyMap<string, string> = new Map();

/** The name of something, as a link to its page, with its id below. */
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

/** A click's id, as a link to everything that was received for it. */
export function ClickLink({ id }: { readonly id: string | null }) {
  const { role } = useSession();
  return <Id of={id} href={id === null || role === 'publisher' || role === 'partner' ? undefined : to(['clicks', id])} />;
}
