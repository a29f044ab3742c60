import { useId, useRef, useState } from 'preact/hooks';
import type { Api } from '../core/api.ts';
import { useSession } from '../core/session.tsx';
import type { Offer, Partner, Placement, Publisher } from '../core/types.ts';
import { visible } from '../core/visible.ts';

/** What an id is of. */
export type IdOf = 'partner' | 'offer' | 'publisher' | 'placement';

interface Suggestion {
  readonly id: string;
  readonly name: string;
}

/** The newest; whoever looks for an older one knows its id. */
const newest = { limit: '200' };

const sources: Readonly<Record<IdOf, (api: Api) => Promise<readonly Suggestion[]>>> = {
  async partner(api) {
    const { partners } = await api.get<{ partners: readonly Partner[] }>('/partners', newest);
    return partners.map(({ partner_id: id, partner_name: name }) => ({ id, name }));
  },
  async offer(api) {
    const { offers } = await api.get<{ offers: readonly Offer[] }>('/offers', newest);
    return offers.map(({ offer_id: id, name }) => ({ id, name }));
  },
  async publisher(api) {
    const { publishers } = await api.get<{ publishers: readonly Publisher[] }>('/publishers', newest);
    return publishers.map(({ publisher_id: id, name }) => ({ id, name }));
  },
  async placement(api) {
    const { placements } = await api.get<{ placements: readonly Placement[] }>('/placements', newest);
    return placements.map(({ placement_id: id, name }) => ({ id, name }));
  },
};

interface IdInputProps {
  readonly of: IdOf;
  readonly id: string;
  readonly name: string;
  readonly required?: boolean | undefined;
  readonly placeholder?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
  /** What it holds, where that is the browser's own business. */
  readonly defaultValue?: string | undefined;
  readonly value?: string | undefined;
  readonly onValue?: (value: string) => void;
}

/** A field for an id, which suggests those there are by their names. They are asked for when somebody comes to the field. */
export function IdInput({ of, onValue, value, ...input }: IdInputProps) {
  const { api } = useSession();
  const listId = useId();
  const asked = useRef(false);
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const ask = () => {
    if (asked.current) return;
    asked.current = true;
    sources[of](api).then(setSuggestions, () => {
      // It can be typed all the same; whoever comes back to the field asks again.
      asked.current = false;
    });
  };
  return (
    <>
      <input
        {...input}
        {...(value !== undefined && { value })}
        list={listId}
        autoComplete="off"
        spellcheck={false}
        onFocus={ask}
        onInput={(event) => onValue?.(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {suggestions.map(({ id, name }) => (
          <option key={id} value={id}>
            {visible(name)}
          </option>
        ))}
      </datalist>
    </>
  );
}
