import { useId, useState } from 'preact/hooks';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import type { Field } from './field.ts';
import { IdInput } from './id-input.tsx';

type Values = Readonly<Record<string, string>>;

export interface FormProps {
  readonly label: string;
  readonly fields: readonly Field[];
  readonly initial?: Values;
  /** What was sent before and is emptied is sent as null, and what stays the same is not sent. */
  readonly change?: boolean;
  readonly submit: string;
  readonly onSubmit: (body: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** A form made of its fields; errors of the API are shown above the button. */
export function Form({ label, fields, initial = {}, change = false, submit, onSubmit }: FormProps) {
  const [values, setValues] = useState<Values>(initial);
  const { run, running, error } = useAction(async () => onSubmit(bodyOf(fields, values, change ? initial : undefined)));
  const control = (field: Field) => (
    <FieldControl
      key={field.name}
      field={field}
      value={values[field.name] ?? ''}
      onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
    />
  );
  const advanced = fields.filter((field) => field.advanced);
  return (
    <form
      class="form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {fields.filter((field) => !field.advanced).map(control)}
      {advanced.length > 0 && (
        <details class="more">
          <summary>More settings</summary>
          <div class="form">{advanced.map(control)}</div>
        </details>
      )}
      {error && <ErrorNote error={error} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={running}>
          {running ? 'Working…' : submit}
        </button>
      </div>
    </form>
  );
}

interface FieldControlProps {
  readonly field: Field;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function FieldControl({ field, value, onChange }: FieldControlProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const common = { id, name: field.name, required: field.required, 'aria-describedby': field.help === undefined ? undefined : helpId };
  return (
    <div class={field.kind === 'checkbox' ? 'field check' : 'field'}>
      <label for={id}>
        {field.label}
        {field.required && <span class="muted"> (required)</span>}
      </label>
      <Input field={field} common={common} value={value} onChange={onChange} />
      {field.help && (
        <p id={helpId} class="help">
          {field.help}
        </p>
      )}
    </div>
  );
}

interface CommonProps {
  readonly id: string;
  readonly name: string;
  readonly required: boolean | undefined;
  readonly 'aria-describedby': string | undefined;
}

function Input({ field, common, value, onChange }: FieldControlProps & { readonly common: CommonProps }) {
  const kind = field.kind ?? 'text';
  if (field.idOf) return <IdInput {...common} of={field.idOf} value={value} placeholder={field.placeholder} onValue={onChange} />;
  switch (kind) {
    case 'select':
      return (
        <select {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {(field.options ?? []).map((option) => {
            const { value: chosen, text } = typeof option === 'string' ? { value: option, text: option === '' ? 'none' : option } : option;
            return (
              <option key={chosen} value={chosen}>
                {text}
              </option>
            );
          })}
        </select>
      );
    case 'lines':
      return (
        <textarea
          {...common}
          rows={3}
          value={value}
          placeholder={field.placeholder}
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'checkbox':
      return (
        <input
          {...common}
          type="checkbox"
          checked={value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked ? 'true' : '')}
        />
      );
    case 'password':
      return (
        <input
          {...common}
          type="password"
          value={value}
          autoComplete="new-password"
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'date':
      return <input {...common} type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'text':
    case 'url':
      // Not of the type url: an address with macros is none in the browser's eyes.
      return (
        <input
          {...common}
          inputMode={kind}
          value={value}
          placeholder={field.placeholder}
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return kind satisfies never;
  }
}

function bodyOf(fields: readonly Field[], values: Values, before: Values | undefined): Readonly<Record<string, unknown>> {
  const entries = fields.flatMap(({ name, label, read, kind }): (readonly [string, unknown])[] => {
    const text = kind === 'password' ? (values[name] ?? '') : (values[name] ?? '').trim();
    if (before !== undefined && text === (before[name] ?? '').trim()) return [];
    if (text === '') return before === undefined ? [] : [[name, null]];
    try {
      return [[name, read === undefined ? text : read(text)]];
    } catch (error) {
      throw new Error(`${label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return Object.fromEntries(entries);
}
