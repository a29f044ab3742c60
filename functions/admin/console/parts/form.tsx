import { useId, useState } from 'preact/hooks';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import type { Field } from './field.ts';
import { readList, readRows, rowsText } from './field-text.ts';
import { IdInput } from './id-input.tsx';

type Values = Readonly<Record<string, string>>;

export interface FormProps {
  readonly label: string;
  readonly fields: readonly Field[];
  readonly initial?: Values;
  /** Whether the form changes something: a field that is emptied is then sent as null, and one that stays the same is not sent. */
  readonly change?: boolean;
  readonly submit: string;
  readonly onSubmit: (body: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** A form made of its fields. Errors of the API are shown above the button, and at the fields that they name. */
export function Form({ label, fields, initial = {}, change = false, submit, onSubmit }: FormProps) {
  const [values, setValues] = useState<Values>(initial);
  const asked = fields.filter((field) => field.asked?.(values) ?? true);
  const { run, running, error } = useAction(async () => onSubmit(bodyOf(asked, values, change ? initial : undefined)));
  const complaints = error?.message.split('; ') ?? [];
  const control = (field: Field) => (
    <FieldControl
      key={field.name}
      field={field}
      value={values[field.name] ?? ''}
      complaints={about(field, complaints)}
      onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
    />
  );
  const advanced = asked.filter((field) => field.advanced);
  return (
    <form
      class="form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {asked.filter((field) => !field.advanced).map(control)}
      {advanced.length > 0 && (
        <details
          class="more"
          // The section opens when a field in it has an error, and only the person closes it.
          ref={(details) => {
            if (details !== null && advanced.some((field) => about(field, complaints).length > 0)) details.open = true;
          }}
        >
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

/** The errors about a field: each part of the API's message begins with a path, and each error of the form itself with a label. */
function about({ name, at = name, label }: Field, complaints: readonly string[]): readonly string[] {
  return complaints.filter((text) => [`${at}: `, `${at}.`, `${label}: `].some((start) => text.startsWith(start)));
}

interface FieldControlProps {
  readonly field: Field;
  readonly value: string;
  /** Errors of the API about this field. */
  readonly complaints?: readonly string[];
  readonly onChange: (value: string) => void;
}

export function FieldControl({ field, value, complaints = [], onChange }: FieldControlProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const { kind, label, help } = field;
  const wrong = kind === 'rows' ? complaints.filter((text) => !inRow.test(text)) : complaints;
  const below = (help || wrong.length > 0) && (
    <p id={helpId} class="help">
      {wrong.map((text) => (
        <strong key={text} class="wrong">
          {text.slice(text.indexOf(': ') + 2)}{' '}
        </strong>
      ))}
      {help}
    </p>
  );
  if (kind === 'rows' || kind === 'checks')
    return (
      <fieldset class="field" aria-describedby={below ? helpId : undefined}>
        <legend>{label}</legend>
        {kind === 'rows' ? (
          <RowsInput field={field} value={value} complaints={complaints} onChange={onChange} />
        ) : (
          <Checks field={field} value={value} onChange={onChange} />
        )}
        {below}
      </fieldset>
    );
  const common = {
    id,
    name: field.name,
    required: field.required,
    'aria-describedby': below ? helpId : undefined,
    'aria-invalid': wrong.length > 0,
  };
  return (
    <div class={kind === 'checkbox' ? 'field check' : 'field'}>
      <label for={id}>
        {label}
        {field.required && <span class="muted"> (required)</span>}
      </label>
      <Input field={field} common={common} value={value} onChange={onChange} />
      {below}
    </div>
  );
}

/** An error about a cell, such as `caps.0.limit: …`. */
const inRow = /\.\d+\.\w+: /;

/** Rows that a person can add and remove. */
function RowsInput({ field: { columns = [], label }, value, complaints = [], onChange }: FieldControlProps) {
  const rows = readRows(value);
  const blank = Object.fromEntries(
    columns.map(({ name, kind, options }) => [name, kind === 'select' ? optionValue(options?.[0] ?? '') : '']),
  );
  return (
    <>
      {rows.map((row, index) => (
        // Only its position identifies a row.
        <div key={index} class="entry" role="group" aria-label={`${label}, ${index + 1}`}>
          {columns.map((column) => (
            <FieldControl
              key={column.name}
              field={column}
              value={row[column.name] ?? ''}
              complaints={complaints.filter((text) => text.includes(`.${index}.${column.name}: `))}
              onChange={(text) => onChange(rowsText(rows.with(index, { ...row, [column.name]: text })))}
            />
          ))}
          <button type="button" class="small" onClick={() => onChange(rowsText(rows.toSpliced(index, 1)))}>
            Remove
          </button>
        </div>
      ))}
      <div class="actions">
        <button type="button" class="small" onClick={() => onChange(rowsText([...rows, blank]))}>
          Add
        </button>
      </div>
    </>
  );
}

/** A choice of several options, each with its text. */
function Checks({ field: { options = [] }, value, onChange }: FieldControlProps) {
  const chosen = readList(value);
  return (
    <>
      {options.map((option) => {
        const one = optionValue(option);
        const toggled = () => (chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
        return (
          <label key={one} class="choice">
            <input type="checkbox" checked={chosen.includes(one)} onChange={() => onChange(toggled().join(', '))} />
            <span>
              {optionText(option)} <code class="muted">{one}</code>
            </span>
          </label>
        );
      })}
    </>
  );
}

type Option = NonNullable<Field['options']>[number];

function optionValue(option: Option): string {
  return typeof option === 'string' ? option : option.value;
}

function optionText(option: Option): string {
  return typeof option === 'string' ? option || 'none' : option.text;
}

interface CommonProps {
  readonly id: string;
  readonly name: string;
  readonly required: boolean | undefined;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

function Input({ field, common, value, onChange }: FieldControlProps & { readonly common: CommonProps }) {
  const kind = field.kind ?? 'text';
  if (field.idOf) return <IdInput {...common} of={field.idOf} value={value} placeholder={field.placeholder} onValue={onChange} />;
  switch (kind) {
    case 'select':
      return (
        <select {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {(field.options ?? []).map((option) => (
            <option key={optionValue(option)} value={optionValue(option)}>
              {optionText(option)}
            </option>
          ))}
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
    case 'time':
      return <input {...common} type="datetime-local" step="any" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'checks':
    case 'rows':
      return null;
    case 'text':
    case 'url':
      // Not of the type `url`: browsers do not accept a URL with macros as one.
      return (
        <>
          <input
            {...common}
            inputMode={kind}
            value={value}
            placeholder={field.placeholder}
            autoComplete="off"
            spellcheck={false}
            list={field.suggestions && `${common.id}-list`}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          {field.suggestions && (
            <datalist id={`${common.id}-list`}>
              {field.suggestions.map((text) => (
                <option key={text} value={text} />
              ))}
            </datalist>
          )}
        </>
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
