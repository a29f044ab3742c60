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
  /** The initial value, when the browser keeps what is typed. */
  readonly defaultValue?: string | undefined;
  readonly value?: string | undefined;
  readonly onValue?: (value: string) => void;
}

/** A field for an id, which suggests existing ids by their names. The names are loaded when the field gets the focus. */
export function IdInput({ of, onValue, value, ...input }: IdInputProps) {
  const { names } = useSession();
  const listId = useId();
  const [suggestions, setSuggestions] = useState<ReadonlyMap<string, string>>(new Map());
  // Without suggestions the id can still be typed, and the next focus tries again.
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
