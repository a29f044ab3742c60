import { useId, useState } from 'preact/hooks';
import type { Named } from '../core/names.ts';
import { useSession } from '../core/session.tsx';
import { visible } from '../core/visible.ts';

interface IdInputProps {
  readonly of: Named;
  readonly id: string;
  readonly name: string;
  readonly required?: boolean | undefined;
  readonly placeholder?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
  readonly 'aria-invalid'?: boolean;
  /** What it holds, where that is the browser's own business. */
  readonly defaultValue?: string | undefined;
  readonly value?: string | undefined;
  readonly onValue?: (value: string) => void;
}

/** A field for an id, which suggests those there are by their names. They are asked for when somebody comes to the field. */
export function IdInput({ of, onValue, value, ...input }: IdInputProps) {
  const { names } = useSession();
  const listId = useId();
  const [suggestions, setSuggestions] = useState<ReadonlyMap<string, string>>(new Map());
  // It can be typed all the same; whoever comes back to the field asks again.
  const ask = () => void names.list(of).then(setSuggestions, () => undefined);
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
        {[...suggestions].map(([id, name]) => (
          <option key={id} value={id}>
            {visible(name)}
          </option>
        ))}
      </datalist>
    </>
  );
}
